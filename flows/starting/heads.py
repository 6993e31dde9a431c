"""What townships call the columns of their rosters, and the words that tell a village, a community and an office."""

import re
import unicodedata

from schemas.roster import OFFICE, UNIT_COLUMNS

VILLAGE, COMMUNITY = "村", "社区"

_BRACKETED = re.compile(r"[（(【\[〔].*?[)）】\]〕]")
_HEADS = {
    "name": r"(行政|所辖|基层|所属)?(村|社区|居|村级|单位|填报|站所|部门|机构|科室|村委会|居委会|下属)*(名|名称|全称)"
            r"|行政村",
    "code": r"(\d+位)?(统计用?|行政|村级?|村居|社区|单位|填报|机构)*(区划|地区|区域)?(代码|编码|代号)",
    "kind": r"(单位|村居?|机构)?(类型|类别|性质|种类)",
    "terrain": r"地形(地貌)?|地貌|地势|所在地形",
    "role": r"(承担|主要|工作|业务|对应)*(职能|职责|业务|条线|分工)",
}  # fmt: skip
_BARE = re.compile("村|社区|村社区|村居|单位|站所|部门|村别|名单")
"""Words that head a column of names only where another head stands beside them: they are kinds as well."""
_OTHERS = re.compile(
    "序号|编号|备注|.*(电话|手机|联系人|负责人|书记|主任|户数|人口|面积|姓名|地址|邮编|数量).*|乡镇(名称)?"
)
_WRITTEN = {key: re.compile(pattern) for key, pattern in _HEADS.items()}
_KINDS = (
    (COMMUNITY, re.compile("社区|居委|居民委|^居$")),
    (VILLAGE, re.compile("村")),
    (OFFICE, re.compile("[站所办院局队室部团]|中心|部门|机构|机关|学校|单位")),
)
_NAMES = (
    (VILLAGE, re.compile("(村|村委会|(?<!居)民委员会)$")),
    (COMMUNITY, re.compile("(社区|居委会|居民委员会|社区委员会)$")),
    (OFFICE, re.compile("(办公室|办|所|站|中心|院|队|局|室|部|科|组|团|校|学校|园|厅|会|公司|银行|联社)$")),
)
_LONG_NAMES = (
    (re.compile("^(.+?村)(村?民委员会|村?委会)$"), VILLAGE),
    (re.compile("^(.+?社区)(社区)?(居民委员会|居?委会|委员会)$"), COMMUNITY),
)


def plain(text: str) -> str:
    """The text in half width, without spaces, brackets and what they hold, and marks at its end."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub("[、/和及与]", "", _BRACKETED.sub("", text)).rstrip(":：*")


def head_of(text: str) -> str:
    """Which column the text heads: a key of the roster, `bare` for a word that may, `other`, or ''."""
    words = plain(text)
    if words in UNIT_COLUMNS or words == "role":
        return words
    found = next((key for key, pattern in _WRITTEN.items() if pattern.fullmatch(words)), "")
    return found or ("bare" if _BARE.fullmatch(words) else "other" if _OTHERS.fullmatch(words) else "")


def kind_in(words: str) -> str:
    """The kind that a column, a sheet or a heading names; '' where it names none or both village and community."""
    text = re.sub(r"\s+", "", words)
    found = [kind for kind, pattern in _KINDS if pattern.search(text)]
    if VILLAGE in found and COMMUNITY in found:
        return ""
    return found[0] if found else ""


def kind_of_name(name: str) -> str:
    """The kind that the end of a unit's name tells; '' where it tells none."""
    return next((kind for kind, pattern in _NAMES if pattern.search(name)), "")


def kind_of_code(code: str) -> str:
    """The kind that the last three digits of a village's code tell; '' of any other code."""
    last = int(code[9:]) if re.fullmatch("[0-9]{12}", code) else 0
    return COMMUNITY if 1 <= last < 200 or 400 <= last < 500 else VILLAGE if 200 <= last < 600 else ""


def short_name(name: str) -> str:
    """A village's name without what every committee is called."""
    return next((found[1] for pattern, _ in _LONG_NAMES if (found := pattern.match(name))), name)
