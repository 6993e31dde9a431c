"""Blanks of a report as people leave them: XX, X,XXX, OO, ___, （　）, 〇〇, ****, 【待补】, …… or ？ before a unit.

What is only likely to be one, a space or nothing at all before a unit, 若干, is a blank to whoever binds a report;
whoever refuses a report does not ask about it.
"""

import re
from dataclasses import dataclass

from flows.template.units import UNIT_AHEAD, unit_after

_LETTERS = r"[XxＸｘ×✕╳⨯]"
_HAN = r"[\u3007\u4e00-\u9fff]"
_MARK = re.compile(
    "|".join(
        (
            rf"(?P<bracket>[\[【〔［{{]\s*(?:{_LETTERS}{{1,6}}|[_＿*＊○◯〇.…]{{1,8}}|\s*)\s*[\]】〕］}}])",
            r"(?P<empty>[（(][\s_＿]*[）)])",
            rf"(?P<year>(?:20\d?|二[〇○零]二?)?(?:{_LETTERS}{{1,4}}|[○◯〇*＊_＿]{{1,4}})"
            r"(?=\s*年(?!龄|轻|来|限|级|产|均|收入)))",
            rf"(?P<letters>(?<![A-Za-z0-9])(?:{_LETTERS}{{1,3}}(?:,{_LETTERS}{{3}})+"
            rf"|{_LETTERS}+(?: ?[.．·] ?{_LETTERS}+)?)(?![A-Za-z]))",
            r"(?P<os>(?<![A-Za-z0-9])[OＯ]{2,6}(?![A-Za-z0-9]))",
            r"(?P<pending>[【\[（(]\s*(?:数字?|数据|数)?(?:待补|待填|待定|待核|待统计|空缺)[\u4e00-\u9fff]{0,4}\s*[】\]）)])",
            rf"(?P<asked>(?<={_HAN})[？?]{{1,4}}(?=\s*{UNIT_AHEAD}\s*(?!{_HAN}))|(?<={_HAN})_(?=\s*{UNIT_AHEAD}))",
            rf"(?P<line>_{{2,}}(?:[.．]_{{2,}})?|＿+|[—–-]{{4,}}(?=\s*{UNIT_AHEAD}))",
            r"(?P<ring>[○◯〇]{1,8}|[□■△▲◇◆]{1,8})",
            r"(?P<star>[*＊]{1,8})",
            rf"(?P<dots>(?:…+|\.{{3,}}|。{{3,}})(?=\s*{UNIT_AHEAD}))",
            r"(?P<some>某某+)",
            rf"(?P<gap>(?<={_HAN})(?:[ \u00a0]{{2,}}|\u3000+)(?={UNIT_AHEAD}))",
        )
    )
)
_CLAUSE_END = r"(?=\s*(?:[，。；、,;）)]|$))"
_LIKELY = re.compile(
    rf"(?P<several>若干(?={UNIT_AHEAD}))|(?P<space>(?<={_HAN})[ \u00a0](?={UNIT_AHEAD}{_CLAUSE_END}))"
    rf"|(?P<nothing>(?<={_HAN})(?<![余多近约数几来每按以计上下个十百千万亿两零〇一二三四五六七八九破达过超方])"
    rf"(?=(?:[万亿](?:亩|元|株|只|头|吨|人次|斤|公斤|平方米)|公里|平方米|人次|户次|场次){_CLAUSE_END}))"
)
_LONG_ENOUGH = 10
"""Shorter lines are heads and labels, in which 姓 名 is no blank."""
_SLOT = re.compile(r"[{｛][ \u3000]?[{｛][^{}｛｝]*[}｝][ \u3000]?[}｝]")
_NAMED = re.compile(r"\s*(?:村|镇|乡|省|市|县|区|同志|公司|社区|等|、)")
_RINGS = "〇○◯"
_DIGITS = f"零一二三四五六七八九{_RINGS}"
_NUMERAL = "[零〇一二三四五六七八九十百千]"


@dataclass(frozen=True, slots=True)
class Mark:
    """One blank of a paragraph's text, at start:end; `year` when it stands for the digits of a year."""

    start: int
    end: int
    year: bool = False


def marks(text: str, underlined: tuple[tuple[int, int], ...] = (), likely: bool = False) -> list[Mark]:
    """The blanks of one paragraph in order; `underlined` are stretches of underlined spaces. Slots are left alone.

    With `likely`, also what is only likely to be one; of deleted digits, nothing at all, where they stood.
    """
    slots = [match.span() for match in _SLOT.finditer(text)]
    found = [Mark(*span) for span in underlined]
    for match in _MARK.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in slots) and _is_blank(match):
            found.append(Mark(*match.span(), year=match.lastgroup == "year"))
    if likely and len(text) >= _LONG_ENOUGH:
        found += [Mark(*match.span()) for match in _LIKELY.finditer(text)]
    return _apart(sorted(found, key=lambda mark: (mark.start, -mark.end)))


def _apart(found: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _is_blank(match: re.Match[str]) -> bool:
    """Whether a mark that also has other uses (×, 〇, *, ○) stands for something left out here."""
    text, before, after = match[0], match.string[: match.start()], match.string[match.end() :]
    match match.lastgroup:
        case "year":
            return not _is_written_year(text, before)
        case "letters":
            return len(text) > 1 or _is_single(text, before, after)
        case "ring":
            several = len(text) > 1 and text[0] not in "■◆▲"
            return not _in_numeral(text, before, after) and (several or _expects(after))
        case "star":
            return len(text) > 1 or _expects(after)
        case "empty":
            return bool(before.strip()) or _expects(after)
        case "bracket":
            return bool(text.strip("[]【】〔〕［］{} \u3000")) or _expects(after)
    return True


def _in_numeral(text: str, before: str, after: str) -> bool:
    """Whether rings are noughts of a number in characters, 二〇〇九年."""
    if re.match(f"{_NUMERAL}*[年月日号]", after) and re.search(f"{_NUMERAL}$", before):
        return True
    return len(text) == 1 and bool(re.search(f"{_NUMERAL}$", before) or re.match(_NUMERAL, after))


def _is_written_year(text: str, before: str) -> bool:
    """Whether rings are the noughts of a whole year, 一九九〇年 or 二○二○年; two different ones, 二〇○○年, are open."""
    whole = before[len(before.rstrip(_DIGITS)) :] + text
    return bool(re.fullmatch(f"[一二][{_DIGITS}]{{3}}", whole)) and len(set(whole) & set(_RINGS)) == 1


def _is_single(text: str, before: str, after: str) -> bool:
    """A lone X or ×: not a ray, not a product of two numbers."""
    if text in "×✕╳⨯" and re.search(r"[\d米]\s*$", before) and re.match(r"\s*\d", after):
        return False
    return not re.match(r"\s*(?:光|射线|线|型|轴|\d)", after) or _expects(after)


def _expects(after: str) -> bool:
    return bool(unit_after(after).unit or _NAMED.match(after))
