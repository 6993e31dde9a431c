"""Findings: what is wrong with what somebody sent, in words a village accountant understands.

The registry is closed: a finding's code is declared here with its grade, its sentence and how to mend it.
Grain of a Finding: one per cause; it names the cell where the filler should look first.
"""

from dataclasses import dataclass, field
from typing import Literal

Level = Literal["强制", "核实", "提示"]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A registered kind. 强制 must be corrected, 核实 corrected or explained, 提示 asks for nothing."""

    code: str
    grade: Level
    template: str
    mend: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `where` fields are empty when the whole file is meant; `details` fill the kind's sentence."""

    code: str
    sheet: str = ""
    cell: str = ""
    indicator: str = ""
    raw: str = ""
    details: dict[str, str] = field(default_factory=dict)
    grade: Level | None = None

    @property
    def kind(self) -> FindingKind:
        """Its registered kind; an unregistered code is a bug and raises KeyError."""
        return KINDS[self.code]

    @property
    def level(self) -> Level:
        """Its grade: that of the check that raised it, or of its kind."""
        return self.grade or self.kind.grade

    def message(self, who: str) -> str:
        """Where, what is wrong, how to mend it: one sentence to send to the unit."""
        place = " ".join(part for part in (who, self.sheet, self.cell) if part)
        where = f"{place}：" if place else ""
        return f"{where}{self.kind.template.format_map(self._words())}。{self.kind.mend.format_map(self._words())}"

    def _words(self) -> dict[str, str]:
        return {"raw": self.raw, **self.details}


def _registry(*kinds: tuple[str, Level, str, str]) -> dict[str, FindingKind]:
    registry = {code: FindingKind(code, grade, template, mend) for code, grade, template, mend in kinds}
    assert len(registry) == len(kinds), "a finding code is declared twice"
    return registry


KINDS = _registry(
    # ---- the file as a whole
    ("FILE_EMPTY", "强制", "文件“{file}”是空的，没有任何内容", "请重新保存报表后再报。"),
    (
        "FILE_NOT_WORKBOOK",
        "强制",
        "文件“{file}”不是电子表格（看内容像是{looks_like}）",
        "请用下发的报表填好、另存为 .xlsx 后再报。",
    ),
    (
        "FILE_OPEN_ELSEWHERE",
        "提示",
        "“{file}”是表格软件的临时锁文件，说明有人正开着这份报表",
        "请在表格软件里保存并关闭报表后再汇总。",
    ),
    ("FILE_NOT_TAKEN", "强制", "“{file}”没有读取（{why}）", "请把这个文件重新复制到收件夹里再汇总。"),
    ("FILE_PASSWORD", "强制", "文件“{file}”设了打开密码，读不出来", "请取消密码（另存时去掉“加密”）后重报。"),
    ("FILE_DAMAGED", "强制", "文件“{file}”已损坏，读不出来（{why}）", "请重新打开原表，另存为 .xlsx 后重报。"),
    ("FILE_TOO_BIG", "强制", "文件“{file}”超出允许的大小（{why}）", "请删去多余的空行、空列和图片，另存后重报。"),
    (
        "FILE_SUSPICIOUS",
        "强制",
        "文件“{file}”的内部结构不正常（{why}），为安全起见没有读取",
        "请用下发的空白报表重新填报。",
    ),
    (
        "FILE_READER_DIED",
        "强制",
        "读取文件“{file}”时程序被迫中止（{why}）",
        "请用下发的空白报表重新填报；若仍不行请联系统计员。",
    ),
    ("FILE_NOT_A_FORM", "强制", "文件“{file}”里没有找到本套报表的任何指标代码", "请确认所报文件是下发的报表。"),
    (
        "ARCHIVE_REPLACED",
        "提示",
        "存档里“{file}”的原件内容不对（可能是断电留下的残件），已移到 {where}",
        "已按收件夹里的文件重新存档，不必处理。",
    ),
    (
        "ARCHIVE_LOST",
        "提示",
        "存档里少了“{file}”的原件",
        "已按收件夹里的文件重新存档；别的原件是否齐全，可用 cunhui verify 核对。",
    ),
    (
        "ZIP_FOREIGN",
        "提示",
        "压缩包“{file}”里有 {count} 个文件不是报表，没有采用：{names}",
        "其中有报表的，请另存为 .xlsx 后再报。",
    ),
    ("FILE_DUPLICATE", "提示", "文件“{file}”与“{other}”内容完全相同", "已按一份处理，不必再报。"),
    # ---- whose it is
    (
        "UNIT_UNKNOWN",
        "强制",
        "文件“{file}”写的填报单位“{raw}”不在 units.csv 里",
        "请核对单位名称和代码；确是新单位的，请统计员先登记。{nearest}",
    ),
    (
        "UNIT_UNCLEAR",
        "强制",
        "看不出文件“{file}”是哪个单位报的（{why}）",
        "请在封面写明填报单位，或用下发给本单位的报表填报。",
    ),
    (
        "UNIT_CONTRADICTION",
        "强制",
        "文件“{file}”里的填报单位前后不一致（{why}）",
        "请用下发给本单位的报表填报，不要借用别村的表。",
    ),
    ("UNIT_ENDED", "强制", "“{raw}”已于 {until} 撤并，本年不再单独填报", "请改由{successor}一并填报。"),
    ("WRONG_FORM", "强制", "文件“{file}”不是下发给{raw}的那种报表", "请用下发给{raw}的报表填报。"),
    ("TWO_FILES", "强制", "收到同一单位的两份不同文件：{files}", "请确认以哪份为准，删去另一份后重新汇总。"),
    ("YEAR_MISMATCH", "强制", "这是 {raw} 年的报表，本次收的是 {year} 年", "请填报 {year} 年下发的报表。"),
    ("YEAR_UNCLEAR", "核实", "报表上看不出年度，暂按 {year} 年处理", "请在封面写明年度，或说明确为 {year} 年数据。"),
    (
        "UNCHANGED",
        "提示",
        "这次报来的与第 {revision} 次报来的内容完全一样",
        "退回的问题没有改的，请改好再报；没有要改的，不必再报。",
    ),
    (
        "YEAR_CLOSED",
        "强制",
        "文件“{file}”没有采用：{year} 年已由{who}于 {when} 封存",
        "确须补报的，请统计员先用 cunhui close --reopen 开封，写明是谁、为什么。",
    ),
    # ---- where the answers are
    (
        "SHEET_MISSING",
        "强制",
        "报表里找不到“{raw}”这张表（缺 {count} 个指标）",
        "请用下发的完整报表填报，不要删除工作表。",
    ),
    ("INDICATOR_MISSING_ROW", "强制", "“{raw}”表里找不到这些指标的行：{names}", "请恢复被删除的行或指标代码后重报。"),
    (
        "INDICATOR_TWICE",
        "强制",
        "{name}（代码 {indicator}）出现了两次且数值不同：{places}",
        "请删去多余的一处，只留一个数。",
    ),
    ("COLUMN_UNCLEAR", "强制", "表头里找不到“本年数”一栏，分不清哪一列是本年的数", "请恢复表头“代码”“本年数”后重报。"),
    (
        "CODE_NAME_CONFLICT",
        "强制",
        "代码与名称对不上，分不清填的是哪一项：{names}",
        "请恢复下发时的代码和名称，不要移动、改写或重复代码。",
    ),
    (
        "VALUES_MERGED",
        "强制",
        "{names} 的填数格被并进了合并单元格，分不清填的是哪一项",
        "请取消合并单元格，一格填一个数。",
    ),
    ("VALUE_UNCLEAR", "强制", "{name}的“本年数”占了两格，都填了内容：{places}", "请只在一格里填数，另一格清空。"),
    (
        "VALUE_ASIDE",
        "强制",
        "{name}的“本年数”空着，旁边一格却填了“{raw}”",
        "请把数填进“本年数”一格；旁边的不是本年数的，在“本年数”填 0。",
    ),
    ("LIST_COLUMN_MISSING", "强制", "明细表“{raw}”里找不到这些栏：{names}", "请恢复被删除的栏或栏目代码后重报。"),
    ("LIST_TOO_LONG", "强制", "明细表“{raw}”填了 {count} 行，最多 {allowed} 行，没有读取", "请删去多余的行后重报。"),
    ("AREA_BLANK", "强制", "“{raw}”整张表没有填任何数", "确实全部没有的，请至少在第一格填 0 后重报。"),
    ("EXTRA_NOTE", "提示", "报表之外的内容没有采用：{raw}", "如需说明情况，请写在“说明”栏。"),
    # ---- one cell
    ("NOT_A_NUMBER", "强制", "{name}填的是“{raw}”，不是数字", "请只填数字，单位为{unit}；没有的填 0。"),
    ("NUMBER_UNCLEAR", "强制", "{name}填的是“{raw}”，看不出是哪一个数（{why}）", "请只填一个数字，单位为{unit}。"),
    ("WRONG_UNIT", "强制", "{name}填的是“{raw}”，单位与要求的{unit}不符", "请换算成{unit}后只填数字。"),
    (
        "UNIT_CONVERTED",
        "核实",
        "{name}填的是“{raw}”，已按{unit}折算为 {value}",
        "请改填以{unit}为单位的数字，或在“说明”栏写明折算无误的依据。",
    ),
    (
        "APPROXIMATE",
        "核实",
        "{name}填的是“{raw}”，是约数，已按 {value} 处理",
        "请填准确数，或在“说明”栏写明为什么只有约数。",
    ),
    ("DATE_IN_NUMBER", "强制", "{name}一格被设成了日期格式，显示为“{raw}”", "请把单元格格式改为“常规”，重新填数字。"),
    (
        "FORMULA_WITHOUT_VALUE",
        "强制",
        "{name}一格是公式，但文件里没有存下计算结果",
        "请用表格软件打开、按 F9 重新计算并保存，或直接填数字。",
    ),
    ("FORMULA_ERROR", "强制", "{name}一格是出错的公式（{raw}）", "请改正公式或直接填数字。"),
    ("PICTURE", "强制", "{name}一格放的是图片，读不出内容", "请删去图片，直接填写。"),
    ("TRUE_FALSE", "强制", "{name}填的是逻辑值“{raw}”，不是数字", "请填数字，单位为{unit}。"),
    ("NEGATIVE", "强制", "{name}填的是 {raw}，不能小于 {allowed}", "请核对后重报。"),
    ("TOO_LARGE", "强制", "{name}填的是 {raw}，不能大于 {allowed}", "请核对后重报。"),
    ("TOO_LONG", "强制", "{name}填的数 {raw} 超出了能登记的位数", "请核对后重报。"),
    ("TOO_PRECISE", "强制", "{name}填的是 {raw}，按要求最多保留 {allowed} 位小数", "请核对后重报。"),
    ("MISSING", "强制", "{name}没有填", "这一项必须填写；确实没有的填 0。"),
    ("NOT_A_CHOICE", "强制", "{name}填的是“{raw}”，只能从下列各项中选一：{allowed}", "请从下拉框中选择。"),
    ("ROW_INCOMPLETE", "强制", "第 {row} 行缺少{name}", "请补齐这一行，或删去整行。"),
    # ---- what the clerk corrected
    (
        "CORRECTED",
        "提示",
        "{name}报的是“{raw}”，统计员已更正为 {value}：{agreement}",
        "对更正有不同意见的，请与统计员联系。",
    ),
    (
        "CORRECTION_STALE",
        "强制",
        "统计员对{name}的更正是针对“{expect}”写的，而报表里{found}",
        "请统计员与本单位核对，改写或删去 corrections.toml 里的这一条。",
    ),
    # ---- between figures
    ("RELATION", "强制", "{found}；{rule}{difference}", "请核对后重报。"),
    ("RELATION_DOUBT", "核实", "{found}；{rule}{difference}", "请核对；确实如此的，请在“说明”栏写明具体原因。"),
    (
        "YEAR_ON_YEAR",
        "核实",
        "{name}本年 {value}，上年 {last}，{change}，超过 {allowed}{past}",
        "请核对；确实如此的，请在“说明”栏写明具体原因。",
    ),
    (
        "OUTLIER",
        "核实",
        "{name} {value}，按{base}平均为 {each}，是其他村中位数 {median} 的 {times}{past}",
        "请核对；确实如此的，请在“说明”栏写明具体原因。",
    ),
    (
        "UNIT_SLIP",
        "核实",
        "{name}填的是 {value} {unit}，约为{reference} {other} {unit}的 {times}：是不是把单位看错了？若实际是 {reading} {unit}请改正",
        "请核对单位；确实如此的，请在“说明”栏写明具体原因。",
    ),
)
