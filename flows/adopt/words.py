"""The words of forms: what heads are called, how names are numbered and indented, which words are units."""

import re
import unicodedata

from flows.values.measures import is_unit
from schemas.measures import in_hand

_CIRCLED = re.compile("[①-⑳]")
_SPACE = re.compile(r"[\s\u3000\xa0\u200b\ufeff]+")


def plain(text: str) -> str:
    """The text without spaces, in half-width characters; circled digits stay what they are."""
    kept = "".join(one if _CIRCLED.match(one) or one in "…㎡²³" else unicodedata.normalize("NFKC", one) for one in text)
    return _SPACE.sub("", kept)


ROLES: dict[str, str] = {
    "code": r"(指标|项目|统计|行|栏目|列|栏)?(代码|代号|编号|编码)|行次|行号|栏次|编码号",
    "order": r"序号|序|顺序号|NO\.?|No\.?",
    "name": (
        r"(填表|填报|统计|调查|调查的|主要|具体|监测|考核|评价|普查|检查|采集|评估)?(指标|项目|内容|事项)(名称|项目|内容|及名称|名)?(和内容)?|"
        r"名称|科目|填报内容|栏目|问题|登记项目|资料名称|产品名称|分组"
    ),
    "unit": r"(计量|计算|度量|数量|计算用|统计)?单位",
    "section": r"(指标|监测|考核|评价|检查|项目)?(类别|分类|大类|类型|一级指标|二级指标|板块|部分|领域|方面)",
    "choice": r"(备选|可选|填报|参考)?(选项|答案选项|选择项)(说明)?",
    "note": (
        r"(指标|名词|填报|填写|填表)(解释|说明|口径|要求|注释)|统计口径|口径|取数说明|数据来源|来源|解释|要求|"
        r".{2,}(说明|解释|来源|依据)"
    ),
    "reason": (
        r"(增减|变化|变动|差异|异常)?(原因|情况说明)(说明|及说明)?|说明|备注|(变化|变动|增减|差异)说明|备注\(?说明\)?"
    ),
    "value": (
        r"数量|数值|数据|金额|数额|数|值|实际|实际数|实有数?|填报(数|值|数据|栏|情况|结果)|填写(栏|处|数|情况)?|填列|"
        r"答案|回答|结果|情况|完成(数|情况|量)?|登记(数|内容|情况)|(指标|监测|考核|检查|采集)(值|数值|数据|结果|情况)|调查(数|结果|情况)|统计(数|值)|"
        r"(本|当|报告)(年|期|月|季|季度)(度|末|内)?(实际|合计|止)?(累计|完成)?(数|数量|数值|额|金额|值|实际数)?|"
        r"(上|去|前)(年|期|月|季|季度|一年)(度|末|同期|同月)?(实际|累计)?(数|数量|数值|额|金额|值)?|上年同期(数|累计)?|同期(数)?|"
        r"(年|期|月|季)(初|末|内)(数|数量|余额|数值|存量|存栏)?|(自年初|年初至本(月|季|期)|本年|1-本月|至本月)?累计(数|额|数量)?|"
        r"(20\d\d|_+|\?+|X+)?年(度|末|底|初)?(实际)?(数|数量|值|数值)?|年月|预计数?|计划数?|预算数?|决算数?|合计|总计|总数|数量\(.*\)"
    ),
    "change": (
        r"(比|较|与)?(上年|去年|上期|同期|上年同期).*(增减|增长|变化|±|\+|%).*|"
        r"增减(额|数|率|变化|\(?%\)?|幅度?)*|增长(率|\(?%\)?)*|变化(量|数|率|情况)?|同比.*"
    ),
}
_ROLES = {role: re.compile(words) for role, words in ROLES.items()}
_ORG = re.compile(
    r"(村|行政村|村级|村社|社区|自然村|填报单位|填表单位|单位|报送单位|乡镇|镇|乡|街道|乡\(镇\)|村\(社区\)|村\(居\)|村\(居\)委会|村居|村民委员会|村委会|"
    r"乡镇\(街道\)|村\(社区、?居\)?|地区|机构|学校|村、社区|村/社区|所属村|所在村)(名称|名|别|单位|社区|\(社区\)|\(居\)委会)*|行政村\(社区\)(名称)?|村名|单位名称|机构名称"
)
_ORG_CODE = re.compile(r"(行政)?(区划|单位|行政村|村|机构|统一社会信用|地区|统计用区划)(代码|编码|编号|区划代码)+")
_PERSON = re.compile(
    r"(户主|负责人|书记|主任|本人|成员|学生|残疾人|党员|法人|联系人)?(姓名|名字)|项目名称|工程名称|设施名称|企业名称|合作社名称|名称|产品|品种|"
    r"(养殖|种植)?(场|户)名称?|身份证号码?|资产名称|建设内容|地点|建设地点"
)
PERIODS = (
    "本年",
    "本期",
    "本月",
    "本季",
    "本年度",
    "当年",
    "报告期",
    "年末",
    "期末",
    "累计",
    "上年",
    "上期",
    "去年",
    "上月",
    "上季",
    "同期",
    "年初",
    "期初",
)
_DASHES = re.compile(r"[-—–_－×xX/\\＼／\*﹨·~＃#]{1,6}|—+|X+|不填|免填")
_NUMBERING = (
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}[、.．:：]")),
    (1, re.compile(r"^第[一二三四五六七八九十]{1,3}部分[、:： ]?")),
    (1, re.compile(r"^[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ][、.]")),
    (2, re.compile(r"^[(（][一二三四五六七八九十]{1,3}[)）][、.]?")),
    (2, re.compile(r"^[㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩][、.]?")),
    (3, re.compile(r"^(?:\d{1,2}\.(?!\d)|\d{1,2}[、．])")),
    (4, re.compile(r"^\d{1,2}\.\d{1,2}(?!\d)[.、]?")),
    (4, re.compile(r"^[(（]\d{1,2}[)）][、.]?")),
    (5, re.compile(r"^[①-⑳][、.]?")),
    (6, re.compile(r"^(?:[A-Za-z][、.．)]|[(（][A-Za-z][)）])")),
)
_BRACKET_END = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,24})[)）\]】]\s*$")
_PLACES = re.compile(
    r"(?:保留|精确到|取|留)?(?:小数点?后?)?([一二两三四0-4])位小数|"
    r"(?:保留|精确到)?小数点后([一二两三四0-4])位|(整数)"
)
_COUNTS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_TOTALS = re.compile(r"^(合\s*计|总\s*计|小\s*计|总\s*数|共\s*计|计|总量|总额)$")


def role_of(text: str) -> str:
    """What a head's words say the column holds; "" for words that are no usual head."""
    words = re.sub(r"\(.*?\)$", "", plain(text)) or plain(text)
    for role in ("order", "code", "change", "unit", "section", "choice", "reason", "note", "value", "name"):
        if _ROLES[role].fullmatch(words):
            return role
    return ""


def is_org(text: str) -> bool:
    """Whether a head says that the column names villages or other units."""
    return bool(_ORG.fullmatch(plain(text)))


def is_org_code(text: str) -> bool:
    """Whether a head says that the column has the codes of units."""
    return bool(_ORG_CODE.fullmatch(plain(text)))


def is_entry(text: str) -> bool:
    """Whether a head names people or things of which each has a row of its own."""
    return bool(_PERSON.fullmatch(plain(text)))


def is_dash(text: str) -> bool:
    """Whether a cell says that nothing is to be filled in there."""
    return bool(_DASHES.fullmatch(plain(text)))


def is_total(text: str) -> bool:
    """Whether a name is but 合计 or the like."""
    return bool(_TOTALS.match(plain(text)))


def width(text: str) -> int:
    """How wide the text prints, a Chinese character being 2."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def leading(text: str) -> int:
    """How far the text is indented by spaces."""
    return width(text) - width(text.lstrip(" \t\u3000\xa0"))


def numbered(text: str) -> tuple[int, str]:
    """The rank of the numbering (1 for 一、, 0 for none) and the text behind it."""
    text = text.strip()
    for rank, pattern in _NUMBERING:
        found = pattern.match(text)
        if found and text[found.end() :].strip():
            return rank, text[found.end() :].strip()
    return 0, text


def of_which(text: str) -> tuple[bool, str]:
    """Whether the text begins with 其中, and what stands behind it."""
    text = text.strip()
    found = re.match(r"^[(（]?(?:其[\s\u3000]*中|#|＃)[)）]?[\s\u3000]*[:：、]?[\s\u3000]*", text)
    if not found or (text.startswith("其中一") and ":" not in plain(text)[:3]):
        return False, text
    return True, text[found.end() :].strip()


_MARK = re.compile(r"^[*＊★☆※△▲●◆]+\s*|[（(](?:填代码|填写代码|请选择|单选|可多选|多选|选填|必填)[)）]")


def tidied(name: str) -> str:
    """A name in one line: no line breaks or spaces between Chinese characters, no colon at its end, no marks."""
    name = _MARK.sub("", name.strip())
    name = re.sub(r"(?<=[^\x00-\x7f])[\s\u3000]+|[\s\u3000]+(?=[^\x00-\x7f])", "", name.strip())
    return re.sub(r"[\s\u3000]+", " ", name).rstrip(":：")


def known_unit(word: str) -> bool:
    """Whether people write the word as a unit of measure."""
    word = plain(word)
    if not word or len(word) > 10:
        return False
    return (
        is_unit(word)
        or is_unit(word.lower())
        or ("/" in word and all(is_unit(part) or in_hand().knows(part) for part in word.split("/") if part))
    )


def unit_and_places(text: str) -> tuple[str, int | None]:
    """A unit as printed and the decimals said beside it: 万元（保留两位小数） is 万元 and 2."""
    words = plain(text)
    places = None
    if found := _PLACES.search(words):
        said = next(one for one in found.groups() if one)
        places = 0 if said == "整数" else _COUNTS.get(said) if said in _COUNTS else int(said)
        words = words[: found.start()] + words[found.end() :]
        words = re.sub(r"[(,，;；]?(保留|精确到|取|留)?[)]?$", "", words)
    words = re.sub(r"^\(|\)$", "", words) if words.count("(") != words.count(")") or words.startswith("(") else words
    return ("" if is_dash(words) else words.strip("()（），,;；:")), places


def bracketed_unit(name: str) -> tuple[str, str, int | None]:
    """A name without the unit in brackets at its end, that unit, the decimals said there."""
    found = _BRACKET_END.search(name)
    if not found:
        for mark in ("：", ":", "，", ","):
            head, _, tail = name.rpartition(mark)
            if head and (known_unit(tail) or known_unit(re.sub("^单位", "", plain(tail)))):
                return head.strip(), plain(tail).removeprefix("单位"), None
        return name, "", None
    inside = re.sub(r"^(计量)?单位[:：]?", "", plain(found[1]))
    unit, places = unit_and_places(inside)
    if known_unit(unit) or (not unit and places is not None):
        return name[: found.start()].strip(), unit, places
    return name, "", None


def plain_line(text: str) -> str:
    """Words as a settings file holds them: in one line, without characters that cannot be printed."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(text)).strip()


_COUNTED = (
    (r"(户数|户|农户|家庭)$", ("户",)),
    (r"(人数|人口|人员|劳动力|学生|党员|职工|男|女|老人|儿童)(数)?$", ("人",)),
    (
        r"(收入|支出|收益|资产|负债|资金|投资|费|费用|金额|分红|补助|利润|余额|款)(总?额|合计)?$",
        ("万元", "元", "千元", "亿元"),
    ),
    (r"(面积|耕地|林地|草地|水田|旱地)$", ("亩", "公顷", "平方米", "万亩")),
    (r"(个数|处数|数量)$", ("个", "处")),
)


def unit_by_name(name: str, offered: list[str]) -> str:
    """The unit that a name asks for, of those offered; with none offered, only what is counted one by one."""
    bare = re.sub(r"(小计|合计|总计|其他)$", "", plain(name))
    for pattern, units in _COUNTED:
        if re.search(pattern, bare):
            fitting = [unit for unit in units if unit in offered]
            alone = units[0] if not offered and units[0] in ("户", "人") else ""
            return fitting[0] if fitting else alone
    money = [unit for unit in offered if unit.endswith("元")]
    return money[0] if money and re.search("收入|支出|收益|资产|资金", bare) else ""
