"""`cunhui backup`: everything that cannot be made again, in one file; put back with --restore."""

from datetime import datetime
from pathlib import Path

from flows.backup import back_up, restore
from flows.commands.rebuild import rebuild_store
from flows.commands.tell import COMPLETE, INCOMPLETE
from flows.store.journal import Journal
from schemas.errors import InputError
from schemas.township import as_written

SUFFIX = ".zip"


def make_backup(file: str | None, inputs: str, outputs: str) -> int:
    """Write the backup and say what is in it. Returns the exit status."""
    folder = Path(inputs)
    if not folder.is_dir():
        raise InputError(f"找不到输入文件夹：{folder}")
    code, year = as_written(folder)
    target = Path(file or f"村汇备份-{code}-{datetime.now():%Y%m%d-%H%M%S}{SUFFIX}")
    if target.suffix.lower() != SUFFIX:
        raise InputError(f"备份文件的名称要以 {SUFFIX} 结尾：{target}")
    manifest = back_up(folder, Path(outputs), target, code, year)
    size = target.stat().st_size / (1 << 20)
    print(f"已备份：{target}（{len(manifest.files)} 个文件，{size:.1f} MB，已逐个核对）。")
    print(f"换电脑或恢复时：cunhui backup --restore {target.name}")
    return COMPLETE


def put_back(file: str | None, inputs: str, outputs: str, replace: bool) -> int:
    """Put a backup back, rebuild the store from it, and say where the earlier folders are. Returns the exit status."""
    if not file:
        raise InputError("要写明从哪个备份恢复：cunhui backup --restore 文件.zip")
    done = restore(Path(file), Path(inputs), Path(outputs), replace)
    made = f"{done.manifest.made_at.astimezone():%Y-%m-%d %H:%M}"
    print(f"已恢复 {done.manifest.township} 的备份（{made} 做的，{len(done.manifest.files)} 个文件）。")
    for path in done.moved:
        print(f"原来的已移到：{path}")

    if not Journal(Path(outputs)).size:
        return COMPLETE

    return INCOMPLETE if rebuild_store(None, inputs, outputs) else COMPLETE
