"""What surrounds a page's tables: title, 表号, identity and signature cells, notes."""

import re

from flows.adopt import words
from flows.adopt.found import Block
from flows.adopt.pages import Page, Place
from flows.adopt.tables import FOOT
from schemas.adopted import IdentityCell, Label

_IDENTITY = {
    "unit_name": (
        r"(?:填报|填表|报送|报告|上报|汇总)?单位(?:名称)?(?:\((?:盖|公|签)章\))?|(?:行政)?村名?(?:称|名称)?|"
        r"(?:行政村|村\(社区\)|村\(居\)|村\(居\)委会|村民委员会|社区)(?:名称)?|机构名称|学校名称"
    ),
    "unit_code": (
        r"(?:统计用|行政)?区划代码|(?:填报)?单位代码|统一社会信用代码|组织机构代码|(?:行政)?村(?:级)?(?:区划)?代码"
    ),
    "year": r"年度|报告期|填报年度|统计年度|年份|所属时期",
    "filler": r"填表人|填报人|制表人?|经办人|填表人签字|调查员|统计员",
    "reviewer": r"审核人|统计负责人|复核人|审核|校核人|业务负责人",
    "head": r"(?:单位|村|填报单位|部门|主要|村委会)?负责人|单位领导|村主任|村(?:党组织|党?支部)?书记签字|法定代表人",
    "phone": r"(?:联系|办公|固定)?电话(?:号码)?|手机(?:号码)?|联系方式",
    "date": r"(?:报出|填报|填表|报送|上报|制表)(?:日期|时间)|日期",
}  # fmt: skip
_LABELS = re.compile(
    "|".join(f"(?P<{key}>{pattern})(?:\\(?签[字章名]\\)?)?[:：]" for key, pattern in _IDENTITY.items())
)
_NUMBER = re.compile(r"表\s*号\s*[:：]?\s*([^\s:：]{2,24}表?)")
_MARKS = re.compile(
    r"^(表号|制定机关|制表机关|批准文号|批准机关|备案文号|文号|有效期至?|综合机关名称|发布机关|备案机关|(计量|金额)?单位)[:：]?"
)
_YEAR = re.compile(r"(?:20\d\d|20?[_＿\s\u3000]{1,8}|[_＿\s\u3000]{2,8})年(?:度|\s*\d?)?")


def title_of(page: Page, head_top: int) -> tuple[str, str]:
    """Title and 表号 above the first heads."""
    best, number = ("", 0.0), ""
    for row in range(1, head_top):
        for place, text in page.row_texts(row):
            said = words.plain(text)
            if found := _NUMBER.search(text.replace("\u3000", "")):
                number = found[1]
            elif re.fullmatch(r"表号[:：]?", said):
                right = page.span(*place)[3] + 1
                number = page.text(row, right) or number
            if re.fullmatch(r"[\u4e00-\u9fffA-Z]{1,6}\d{1,4}(-\d+)?表", said):
                number = number or said
                continue
            if _MARKS.match(said) or ":" in said[:12] or re.fullmatch(r"附(件|表)?\d*[:：]?", said):
                continue
            cell, span = page.at(*place), page.span(*place)
            score = cell.bold * 2 + cell.centred * 2 + (span[3] - span[1] > 2) * 2 + said.endswith("表") * 3
            score += min(len(said), 20) / 20 - bool(_YEAR.fullmatch(said)) * 6
            if score > best[1] and len(said) > 2:
                bare = re.sub(r"[(（](计量|金额)?单位[:：][^()（）]*[)）]", "", text.replace("\n", ""))
                best = (words.tidied(bare), score)
    return best[0], number


def units_above(page: Page, head_top: int) -> list[str]:
    """The units that a line 单位：万元、个 above the heads gives; none where there is no such line."""
    for row in range(1, head_top):
        for _, text in page.row_texts(row):
            found = re.search(r"(?:计量|金额|数量)?单位[:：]\s*([^\s。；()]{1,16})\)?$", words.plain(text))
            units = [words.unit_and_places(one)[0] for one in re.split("[、,，]", found[1])] if found else []
            if units and all(map(words.known_unit, units)):
                return units
    return []


def identity_of(page: Page, taken: set[Place]) -> tuple[IdentityCell, ...]:
    """The cells, outside the answers, that say whose form it is and who signed it."""
    found: list[IdentityCell] = []
    for row in page.rows():
        for place, text in page.row_texts(row):
            said = words.plain(text)
            if place in taken or len(said) > 160:
                continue
            labels = list(_LABELS.finditer(said))
            bare = whose(text) if not labels else ""
            right = (row, page.span(*place)[3] + 1)
            empty = not page.text(*right) and right not in taken and page.at(*right).boxed
            if bare and empty and not FOOT.match(said):
                label = Label(kind="name", text=text, place=place)
                found.append(IdentityCell(key=bare, label=label, place=page.origin(*right)))
            for n, match in enumerate(labels):
                if _in_unit_line(said, match):
                    continue
                last = n == len(labels) - 1 and not said[match.end() :].strip("_")
                at = page.origin(*right) if last and len(labels) == 1 and empty else place
                label = Label(kind="name", text=match[0], place=place)
                found.append(IdentityCell(key=match.lastgroup or "other", label=label, place=at))
            if not labels and _YEAR.fullmatch(said):
                found.append(IdentityCell(key="year", label=Label(kind="name", text=text, place=place), place=place))
    return tuple(found)


def whose(text: str) -> str:
    """Which identity or signature a label names; "" for none."""
    said = words.plain(text).rstrip(":")
    return next((key for key, pattern in _IDENTITY.items() if re.fullmatch(pattern, said)), "")


def _in_unit_line(said: str, match: re.Match[str]) -> bool:
    """Whether 单位： is that of a measure."""
    if match.lastgroup != "unit_name" or not match[0].startswith("单位"):
        return False
    rest = re.split(r"[、,，/]", said[match.end() :].rstrip(")"))
    return bool(rest[0]) and all(words.known_unit(one) for one in rest if one)


def surrounding(page: Page, blocks: list[Block], taken: set[Place]) -> list[tuple[Place, str]]:
    """The texts outside heads and bodies, from the top: title, notes, foot."""
    inside: set[int] = set()
    for block in blocks:
        inside |= set(range(block.head_rows[0], block.last_row + 1))
    outside = [(place, text) for row in page.rows() if row not in inside for place, text in page.row_texts(row)]
    return [(place, text) for place, text in outside if place not in taken]
