"""The clerk's own files as text, each key with a comment: township.toml, corrections.toml, targets.toml."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from schemas.records import Indicator, Target, Text
from schemas.targets import WHOSE

_HERE = Path(__file__).parent
HEADING = "# 村汇的设置。"


def settings_toml(
    code: str, name: str, year: int, deadline: datetime, texts: Iterable[Text], said: Mapping[str, str],
    heading: str = HEADING,
) -> str:  # fmt: skip
    """township.toml; fixed texts of the report that nobody has said stand there as comments."""
    own = {"heading": heading, "code": code, "name": name, "year": year, "next_year": year + 1}
    own["deadline"] = deadline.isoformat()
    lines = [(_HERE / "township.toml").read_text(encoding="utf-8").format(**own)]
    for text in texts:
        value = json.dumps(said.get(text.key, ""), ensure_ascii=False)
        lines.append(f"# {text.name}：{text.definition}\n{'' if text.key in said else '# '}{text.key} = {value}\n")
    return "".join(lines)


def corrections_toml(year: int, unit: str, name: str, value: int) -> str:
    """No correction yet: how one is written, as comments, with a figure of the township's own."""
    own = {"year": year, "next_year": year + 1, "unit": unit, "name": name, "value": value, "after": value + 1}
    return (_HERE / "corrections.toml").read_text(encoding="utf-8").format(**own)


def targets_toml(year: int, targets: Iterable[Target], values: Mapping[str, str], whose: str = "") -> str:
    """What that year's report plans for the year after; what nobody has planned yet stands there as a comment.

    `whose` is the township that alone may use them.
    """
    lines = [f"# {year} 年度工作总结提出的 {year + 1} 年目标。只改等号右边的数，不改左边的名称；没有定的整行删去。\n"]
    for target in targets:
        key = json.dumps(target.name, ensure_ascii=False)
        line = f"{key} = {values[target.code]}" if target.code in values else f"# {key} = "
        lines.append(f"\n# {target.definition}单位：{target.unit}\n{line}\n")
    if not values:
        lines[0] = lines[0].replace("没有定的整行删去。", "定了的去掉行首的井号，写上数。")
    if whose:
        name = json.dumps(whose, ensure_ascii=False)
        lines.insert(1, f'# 这是哪个乡镇的目标，应和 township.toml 里的名称一样\n"{WHOSE}" = {name}\n')
    return "".join(lines)


def counted(indicators: Iterable[Indicator]) -> str:
    """The name of a figure to show how a correction is written: the first that is a plain number."""
    return next((item.name for item in indicators if item.total == "sum" and not item.decimals), "指标名称")
