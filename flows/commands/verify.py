"""`cunhui verify`: whether archive, store, published copy and outputs agree, and what mends what does not."""

import json
from pathlib import Path

import msgspec

from flows.commands.tell import COMPLETE, INCOMPLETE
from flows.values.characters import printable, printable_json


def show_space(outputs: str, as_json: bool) -> int:
    """Write the store anew and say how large it was and is. Returns the exit status."""
    from flows.store.compact import compact  # heavy: DuckDB

    sizes = compact(Path(outputs))
    if as_json:
        print(json.dumps(sizes._asdict()))
    else:
        print(f"数据库已整理：原来 {sizes.before:,} 字节，现在 {sizes.after:,} 字节。")
    return COMPLETE


def show_differences(outputs: str, as_json: bool) -> int:
    """Say every difference with the command that mends it. Returns the exit status."""
    from flows.verify import verify  # heavy: DuckDB and pandas

    found = verify(Path(outputs))
    if as_json:
        print(printable_json(json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False, indent=2)))
    else:
        for each in found:
            print(printable(f"✗ {each.where}：{each.found}。处理：{each.mend}"))
        print(f"共 {len(found)} 处不符。" if found else "原件、流水账、数据库、查询副本和各表都相符。")
    return INCOMPLETE if found else COMPLETE
