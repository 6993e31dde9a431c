"""`cunhui package`: a township's year as one file for the county; what such a file is worth; keys to sign it with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flows.commands.tell import COMPLETE, INCOMPLETE
from flows.files import write_atomically
from flows.packing.receipt import said
from flows.starting.units import as_csv
from flows.values.characters import printable, printable_json
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.states import COUNTING

if TYPE_CHECKING:
    from flows.packing.manifest import Manifest
    from schemas.findings import Finding


def make_package(file: str | None, key: str | None, year: int | None, inputs: str, outputs: str) -> int:
    """Write the package and say what is in it. Returns the exit status."""
    from flows.packing.answered import remember  # heavy: DuckDB
    from flows.packing.pack import pack  # heavy: DuckDB and pandas
    from flows.packing.signing import PASSWORD, Signer  # heavy: cryptography

    checked = load_inputs(Path(inputs), year)
    township = checked.settings.township
    target = Path(file or f"{township.name}-{checked.year}-报送包.zip")
    if target.suffix.lower() != ".zip":
        raise InputError(f"报送包的名称要以 .zip 结尾：{target}")
    signer = Signer(Path(key), os.environ.get(PASSWORD)) if key else None
    manifest = pack(Path(outputs), checked.year, target, signer)
    remember(Path(outputs), checked.year, target)
    size = target.stat().st_size / (1 << 20)
    print(f"已打包：{target}（{size:.1f} MB）。{_said(manifest)}。" + ("" if signer else "没有签名。"))
    return COMPLETE if not manifest.provisional else INCOMPLETE


def check_package(file: str, keys: Sequence[str], as_json: bool) -> int:
    """Say what a package is and every fault of it. Returns the exit status."""
    from flows.packing.check import check_package  # heavy: DuckDB and pandas

    checked = check_package(Path(file), [Path(key) for key in keys])
    if as_json:
        said = {**msgspec.to_builtins(checked.manifest), "provisional": checked.manifest.provisional}
        faults = [{"code": each.code, "grade": each.level, "message": _words(each)} for each in checked.findings]
        text = msgspec.json.format(msgspec.json.encode({"manifest": said, "findings": faults, "sound": checked.sound}))
        print(printable_json(text.decode()))
    else:
        print(printable(f"{file}：{_said(checked.manifest)}。"))
        for each in checked.findings:
            print(printable(f"{'✗' if each.level == '强制' else '·'} {_words(each)}"))
        if checked.signed and not keys:
            print("· 报送包有签名，没有核对：请加 --pub 对方的公钥。")
        signed = f"，签名是 {checked.signed_by} 的" if checked.signed_by else ""
        print(f"指纹和合计都相符{signed}。" if checked.sound else "这个包不能收。")
    return COMPLETE if checked.sound else INCOMPLETE


def make_roster(files: Sequence[str], out: str) -> int:
    """Write the roster of the units of some packages, for the county that collects them. Returns the exit status."""
    from flows.packing.intake import roster_of  # heavy: DuckDB and pandas

    path = Path(out)
    if path.exists():
        raise InputError(f"{path} 已经有了，没有动；请用 --out 另起一个名称")
    lines = roster_of([Path(file) for file in files])
    write_atomically(path, as_csv(lines))
    print(printable(f"已写好名册：{path}（{len(files)} 个包，{len(lines)} 个单位），作县里的 units.csv 用。"))
    return COMPLETE


def add_up(files: Sequence[str], out: str) -> int:
    """Write the totals of all levels from some packages and say what they cover. Returns the exit status."""
    from flows.packing.combine import combine  # heavy: DuckDB and pandas

    done = combine([Path(file) for file in files], Path(out))
    units = f"应报 {done.units} 个单位，采用 {done.accepted} 个"
    print(printable(f"已写好 {done.year} 年各级合计：{out}（{len(files)} 个包，{units}，{done.totals} 个数）。"))
    return COMPLETE if done.accepted == done.units else INCOMPLETE


def take_receipt(file: str, year: int | None, inputs: str, outputs: str, as_json: bool) -> int:
    """Keep what the office above says of a package, and say it. Returns the exit status."""
    from flows.packing.answered import take_receipt  # heavy: DuckDB
    from flows.packing.intake import keys_of  # heavy: DuckDB and pandas

    checked = load_inputs(Path(inputs), year)
    keys = keys_of(Path(inputs))
    receipt = take_receipt(Path(outputs), checked.settings.township, checked.year, Path(file), keys)
    if as_json:
        print(printable_json(msgspec.json.format(msgspec.json.encode(receipt)).decode()))
    else:
        print(printable("\n".join(said(receipt))))
    return COMPLETE if receipt.state in COUNTING else INCOMPLETE


def make_keys(folder: str) -> int:
    """Make a key pair and say what each half is for. Returns the exit status."""
    from flows.packing.signing import PASSWORD, new_keys  # heavy: cryptography

    private, public = new_keys(Path(folder), os.environ.get(PASSWORD))
    print(f"私钥：{private}（自己留好，不给别人）\n公钥：{public}（交给县里，核对签名用）")
    return COMPLETE


def _said(manifest: "Manifest") -> str:
    """Whose, which year, how complete."""
    units = f"应报 {manifest.units_expected} 个，采用 {manifest.units_accepted} 个"
    state = "还没有封存，是暂定数" if manifest.closing is None else f"已由{manifest.closing.who}封存"
    return f"{manifest.name}（{manifest.code}）{manifest.year} 年，{units}，{state}"


def _words(finding: "Finding") -> str:
    return finding.message("")
