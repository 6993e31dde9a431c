"""Forms as counties print them, made from text tables, each with its key: what a reader should find in it.

A row of a key is `code | name as printed | unit | name | parent | choices`; a choice is written 1=是、2=否.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


@dataclass
class Wanted:
    """One answer of the key."""

    sheet: str
    cell: str
    code: str
    name: str
    unit: str
    parent: str = ""
    choices: tuple[str, ...] = ()


@dataclass
class Key:
    """All that a reader should find: answers, and relations over cells of their sheet."""

    answers: list[Wanted] = field(default_factory=list)
    relations: list[tuple[str, str, str, str]] = field(default_factory=list)

    def cells(self) -> dict[tuple[str, str], Wanted]:
        """Answers by sheet and cell."""
        return {(one.sheet, one.cell): one for one in self.answers}


VERTICAL = """
# 一、人口与就业
101 |年末总户数 |户 |年末总户数 | |
102 |　其中：常住户 |户 |常住户 |101 |
103 |　　　　外出户 |户 |外出户 |101 |
104 |年末户籍人口 |人 |年末户籍人口 | |
105 |　其中：男性 |人 |男性 |104 |
106 |　　　　女性 |人 |女性 |104 |
107 |　其中：60周岁及以上 |人 |60周岁及以上 |104 |
108 |　　　　16周岁以下 |人 |16周岁以下 |104 |
109 |年末常住人口 |人 |年末常住人口 | |
110 |劳动力 |人 |劳动力 | |
111 |　其中：外出务工 |人 |外出务工 |110 |
112 |　　　其中：省外 |人 |省外 |111 |
113 |　　　　　　县外省内 |人 |县外省内 |111 |
114 |　　　　本地务工 |人 |本地务工 |110 |
115 |本年出生人口 |人 |本年出生人口 | |
116 |本年死亡人口 |人 |本年死亡人口 | |
# 二、耕地与种植
201 |耕地面积 |亩 |耕地面积 | |
202 |　其中：水浇地 |亩 |水浇地 |201 |
203 |　　　　旱地 |亩 |旱地 |201 |
204 |流转耕地面积 |亩 |流转耕地面积 | |
205 |流转率 |% |流转率 | |
206 |粮食播种面积 |亩 |粮食播种面积 | |
207 |　1．小麦 |亩 |小麦 |206 |
208 |　2．玉米 |亩 |玉米 |206 |
209 |　3．薯类 |亩 |薯类 |206 |
210 |粮食总产量 |吨 |粮食总产量 | |
211 |蔬菜播种面积 |亩 |蔬菜播种面积 | |
212 |　其中：设施蔬菜 |亩 |设施蔬菜 |211 |
213 |中药材种植面积 |亩 |中药材种植面积 | |
214 |果园面积 |亩 |果园面积 | |
215 |　其中：挂果面积 |亩 |挂果面积 |214 |
216 |是否划定永久基本农田（1.是 2.否） | |是否划定永久基本农田 | |1=是、2=否
# 三、畜牧养殖
301 |生猪年末存栏 |头 |生猪年末存栏 | |
302 |　其中：能繁母猪 |头 |能繁母猪 |301 |
303 |生猪全年出栏 |头 |生猪全年出栏 | |
304 |羊年末存栏 |只 |羊年末存栏 | |
305 |　其中：能繁母羊 |只 |能繁母羊 |304 |
306 |羊全年出栏 |只 |羊全年出栏 | |
307 |牛年末存栏 |头 |牛年末存栏 | |
308 |家禽年末存栏 |只 |家禽年末存栏 | |
309 |规模养殖场 |个 |规模养殖场 | |
310 |　其中：粪污处理设施配套 |个 |粪污处理设施配套 |309 |
311 |养殖专业合作社 |个 |养殖专业合作社 | |
312 |动物防疫员 |人 |动物防疫员 | |
313 |主要养殖方式 | |主要养殖方式 | |散养、规模养殖、两者都有
314 |是否设有病死畜禽收集点 | |是否设有病死畜禽收集点 | |是、否
# 四、基础设施
401 |村内道路总里程 |公里 |村内道路总里程 | |
402 |　其中：硬化道路 |公里 |硬化道路 |401 |
403 |　　　　砂石路 |公里 |砂石路 |401 |
404 |自然村（组） |个 |自然村（组） | |
405 |　其中：通硬化路 |个 |通硬化路 |404 |
406 |是否通客车 | |是否通客车 | |是、否
407 |自来水入户 |户 |自来水入户 | |
408 |卫生厕所户数 |户 |卫生厕所户数 | |
409 |　其中：水冲式 |户 |水冲式 |408 |
410 |　　　　卫生旱厕 |户 |卫生旱厕 |408 |
411 |太阳能路灯 |盏 |太阳能路灯 | |
412 |垃圾收集点 |个 |垃圾收集点 | |
413 |生活污水处理方式 | |生活污水处理方式 | |1=集中处理、2=分散处理、3=未处理
414 |宽带入户 |户 |宽带入户 | |
415 |村委会办公用房面积 |平方米 |村委会办公用房面积 | |
416 |文化活动广场 |个 |文化活动广场 | |
417 |广场面积 |平方米 |广场面积 | |
418 |燃气入户 |户 |燃气入户 | |
# 五、集体经济
501 |村集体全年总收入 |万元 |村集体全年总收入 | |
502 |　（一）经营性收入 |万元 |经营性收入 |501 |
503 |　（二）发包收入 |万元 |发包收入 |501 |
504 |　（三）投资收益 |万元 |投资收益 |501 |
505 |　（四）补助收入 |万元 |补助收入 |501 |
506 |　　其中：上级财政补助 |万元 |上级财政补助 |505 |
507 |　（五）其他收入 |万元 |其他收入 |501 |
508 |村集体全年总支出 |万元 |村集体全年总支出 | |
509 |　其中：管理费用 |万元 |管理费用 |508 |
510 |　　　　公益支出 |万元 |公益支出 |508 |
511 |年末资产总额 |万元 |年末资产总额 | |
512 |年末负债总额 |万元 |年末负债总额 | |
513 |成员股东 |人 |成员股东 | |
514 |本年分红总额 |万元 |本年分红总额 | |
515 |村民人均可支配收入 |元 |村民人均可支配收入 | |
516 |资产负债率 |% |资产负债率 | |
517 |清产核资完成情况 | |清产核资完成情况 | |1=已完成、2=进行中、3=未开展
# 六、社会事业
601 |小学 |所 |小学 | |
602 |小学在校学生 |人 |小学在校学生 | |
603 |　其中：寄宿生 |人 |寄宿生 |602 |
604 |幼儿园 |所 |幼儿园 | |
605 |村卫生室 |个 |村卫生室 | |
606 |村医 |人 |村医 | |
607 |基本医疗保险参保 |人 |基本医疗保险参保 | |
608 |基本养老保险参保 |人 |基本养老保险参保 | |
609 |低保户数 |户 |低保户数 | |
610 |低保人数 |人 |低保人数 | |
611 |特困供养人数 |人 |特困供养人数 | |
612 |持证残疾人 |人 |持证残疾人 | |
613 |　其中：一二级 |人 |一二级 |612 |
614 |老年活动场所 |个 |老年活动场所 | |
615 |地形 | |地形 | |平原、丘陵、山区
616 |村党组织书记姓名 | |村党组织书记姓名 | |
617 |党员 |人 |党员 | |
618 |村规民约修订 | |村规民约修订 | |1=已修订、2=未修订
619 |志愿服务队 |支 |志愿服务队 | |
"""
VERTICAL_FOOT = (
    "单位负责人：　　　　　统计负责人：　　　　　填表人：　　　　　联系电话：　　　　　报出日期：20　　年　月　日",
    "说明：1．本表由行政村填报，一式两份，于次年1月15日前报送。",
    "2．413 生活污水处理方式：1.集中处理 2.分散处理 3.未处理。",
    "审核关系：（1）101=102+103；（2）104＝105＋106；（3）104≥107+108；（4）110≥111+114；（5）111≥112＋113；（6）201=202+203；",
    "（7）205=204÷201×100%；（8）206≥207+…+209；（9）501=502+503+504+505+507；（10）501大于等于502",
    "（11）村委会办公用房面积不少于20；（12）若604>0，则601>0。",
)
VERTICAL_RELATIONS = (
    "101 == 102 + 103", "104 == 105 + 106", "104 >= 107 + 108", "110 >= 111 + 114", "111 >= 112 + 113",
    "201 == 202 + 203",
    "205 == 100 * 204 / 201", "206 >= 207 + 208 + 209", "501 == 502 + 503 + 504 + 505 + 507", "501 >= 502", "415 >= 20",
    "604 requires 601",
)  # fmt: skip


def vertical() -> tuple[bytes, Key]:
    """(a) One figure a row: codes of three digits, sections merged in the first column, a column to choose from."""
    book, key = openpyxl.Workbook(), Key()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.merge_cells("A1:G1")
    sheet["A1"], sheet["A1"].font, sheet["A1"].alignment = "行政村基本情况调查表", Font(bold=True, size=16), MIDDLE
    for row, text in enumerate(
        ("表　　号：村调01表", "制定机关：示例县农业农村局", "批准文号：", "有效期至：2027年6月"), start=2
    ):
        sheet.cell(row, 6, text)
    sheet["A5"], sheet["C5"] = "填报单位（盖章）：", "20　　年"
    sheet["A6"] = "村代码：□□□□□□□□□□□□"
    heads = ("类别", "指标名称", "代码", "计量单位", "本年实际", "填报说明", "备注")
    for column, text in enumerate(heads, start=1):
        sheet.cell(7, column, text)
        sheet.cell(8, column, ("甲", "乙", "丙", "丁", 1, "戊", "己")[column - 1])
    row, begins, section = 9, 9, ""
    lists = {
        "406": '"是,否"',
        "314": '"是,否"',
        "313": "=$J$8:$J$10",
        "615": "地形选项",
        "618": '"1.已修订,2.未修订"',
        "517": "",
    }
    for line in VERTICAL.strip().splitlines():
        if line.startswith("#"):
            _merge_stub(sheet, begins, row - 1, section)
            section, begins = line[2:], row
            continue
        code, printed, unit, name, parent, offered = (part.rstrip() for part in line.split("|"))
        sheet.cell(row, 2, printed)
        sheet.cell(row, 3, int(code.strip()))
        sheet.cell(row, 4, unit)
        code = code.strip()
        if code == "517":
            sheet.cell(row, 5, "□已完成　□进行中　□未开展")
            offered = "已完成、进行中、未开展"
        if rule := lists.get(code):
            validation = DataValidation(type="list", formula1=rule)
            validation.add(f"E{row}")
            sheet.add_data_validation(validation)
        choices = tuple(one.split("=")[-1] for one in offered.split("、")) if offered else ()
        key.answers.append(Wanted("Sheet1", f"E{row}", code, name, unit, parent, choices))
        row += 1
    _merge_stub(sheet, begins, row - 1, section)
    _box(sheet, 7, row - 1, 1, 7)
    for at, text in enumerate(("散养", "规模养殖", "两者都有"), start=8):
        sheet.cell(at, 10, text)
    for at, text in enumerate(("平原", "丘陵", "山区"), start=1):
        sheet.cell(at, 12, text)
    sheet.column_dimensions["L"].hidden = True
    book.defined_names["地形选项"] = openpyxl.workbook.defined_name.DefinedName(
        "地形选项", attr_text="Sheet1!$L$1:$L$3"
    )
    for text in VERTICAL_FOOT:
        sheet.cell(row, 1, text)
        row += 1
    cells = {one.code: one.cell for one in key.answers}
    key.relations = [_over_cells("Sheet1", text, cells) for text in VERTICAL_RELATIONS]
    return _saved(book), key


def _merge_stub(sheet: Any, first: int, last: int, text: str) -> None:
    if text:
        sheet.cell(first, 1, text).alignment = MIDDLE
        sheet.merge_cells(start_row=first, start_column=1, end_row=last, end_column=1)


WIDE = """
人口 / 户数（户） / 合计 ; 合计 | 户 | |
人口 / 户数（户） / 其中：脱贫户 ; 脱贫户 | 户 | 1 |
人口 / 人数（人） / 合计 ; 合计 | 人 | |
人口 / 人数（人） / 男 ; 男 | 人 | 3 |
人口 / 人数（人） / 女 ; 女 | 人 | 3 |
土地（亩） / 耕地 / 小计 ; 小计 | 亩 | |
土地（亩） / 耕地 / 水田 ; 水田 | 亩 | 6 |
土地（亩） / 耕地 / 旱地 ; 旱地 | 亩 | 6 |
土地（亩） / 林地 ; 林地 | 亩 | |
土地（亩） / 草地 ; 草地 | 亩 | |
"""
WIDE_GROUPS = (
    ("教育", "所", ("小学", "中学", "幼儿园", "教学点", "图书室")),
    ("医疗", "个", ("卫生室", "诊所", "药店", "养老院", "日间照料中心")),
    ("设施", "处", ("水井", "泵站", "变压器", "信号塔", "垃圾点")),
    ("道路（公里）", "公里", ("硬化路", "砂石路", "土路", "田间路", "桥梁连接路")),
    ("产业（万元）", "万元", ("种植业", "养殖业", "加工业", "乡村旅游", "电商")),
    ("畜禽", "头", ("生猪存栏", "生猪出栏", "牛存栏", "牛出栏", "驴存栏")),
    ("组织", "个", ("党小组", "村民小组", "合作社", "家庭农场", "企业")),
    ("人员", "人", ("党员", "村干部", "村医", "教师", "护林员")),
    ("保障", "人", ("低保", "特困", "残疾", "孤儿", "临时救助")),
    ("环境", "户", ("卫生厕所", "燃气", "太阳能", "清洁取暖", "污水接管")),
)


def wide() -> tuple[bytes, Key]:
    """(b) A row for each village: three rows of heads, sixty columns, a row that numbers them, relations by columns."""
    book, key = openpyxl.Workbook(), Key()
    sheet = book.active
    sheet.title = "各村汇总"
    sheet["A1"], sheet["A1"].font = "示例县农村综合统计台账", Font(bold=True, size=14)
    sheet["A2"] = "填报单位：　　　　　镇（盖章）"
    columns: list[tuple[list[str], str, str, str]] = []
    for line in WIDE.strip().splitlines():
        path, rest = line.split(" ; ")
        name, unit, parent, _ = (part.strip() for part in rest.split("|"))
        columns.append((path.split(" / "), name, unit, parent))
    for group, unit, names in WIDE_GROUPS:
        bare = "（" not in group
        columns += [([group, f"{name}（{unit}）" if bare else name], name, unit, "") for name in names]
    for column, (head, text) in enumerate((("序号", "甲"), ("行政村名称", "乙")), start=1):
        sheet.cell(3, column, head)
        sheet.merge_cells(start_row=3, start_column=column, end_row=5, end_column=column)
        sheet.cell(6, column, text)
    for n, (path, name, unit, parent) in enumerate(columns, start=1):
        column = n + 2
        for depth, text in enumerate(path):
            sheet.cell(3 + depth, column, text)
        sheet.cell(6, column, n)
        wanted = Wanted("各村汇总", f"{get_column_letter(column)}7", str(n), name, unit, parent)
        key.answers.append(wanted)
    _merge_heads(sheet, [path for path, *_ in columns], 3, 3)
    for row in range(7, 22):
        sheet.cell(row, 1, row - 6)
    _box(sheet, 3, 21, 1, 62)
    sheet["A22"] = "单位负责人：　　　　填表人：　　　　联系电话：　　　　填报日期：　　年　月　日"
    sheet["A23"] = "注：列关系：3=4+5；6=7+8；1≥2；第59栏≤第1栏。"
    cells = {one.code: one.cell for one in key.answers}
    texts = ("3 == 4 + 5", "6 == 7 + 8", "1 >= 2", "59 <= 1")
    key.relations = [_over_cells("各村汇总", text, cells) for text in texts]
    for one in key.answers:
        one.parent = f"{one.parent}" if one.parent else ""
    return _saved(book), key


def _merge_heads(sheet: Any, paths: list[list[str]], top: int, left: int) -> None:
    depth = max(len(path) for path in paths)
    for level in range(depth):
        start = 0
        for n in range(1, len(paths) + 1):
            same = n < len(paths) and len(paths[start]) > level and paths[n][: level + 1] == paths[start][: level + 1]
            if same:
                continue
            path = paths[start]
            if len(path) > level:
                bottom = top + depth - 1 if level == len(path) - 1 else top + level
                if bottom > top + level or n - 1 > start:
                    sheet.merge_cells(
                        start_row=top + level, start_column=left + start, end_row=bottom, end_column=left + n - 1
                    )
            start = n


def several() -> tuple[bytes, Key]:
    """(c) Four sheets: how to fill in, a short form in two halves, a cross table, a list."""
    book, key = openpyxl.Workbook(), Key()
    about = book.active
    about.title = "填报说明"
    about["A1"] = "一、本套表由各村填报。二、数字一律用阿拉伯数字。三、有疑问请与县局联系。"
    _halves(book.create_sheet("表1 基本情况"), key)
    _crossed(book.create_sheet("表2 学生"), key)
    _listed(book.create_sheet("表3 项目"), key)
    return _saved(book), key


HALVES = """
一、户数人口 |- |- | |二、村务 |- |- |
总户数 |户 |01 |总户数 |村民代表 |人 |07 |村民代表
总人口 |人 |02 |总人口 |　其中：妇女 |人 |08 |妇女
　其中：少数民族 |人 |03 |少数民族 |召开村民代表会议 |次 |09 |召开村民代表会议
外来人口 |人 |04 |外来人口 |村务公开栏 |处 |10 |村务公开栏
居住半年以上 |人 |05 |居住半年以上 |公开次数 |次 |11 |公开次数
平均每户人口（保留两位小数） |人/户 |06 |平均每户人口 |监督委员会成员 |人 |12 |监督委员会成员
"""


def _halves(sheet: Any, key: Key) -> None:
    sheet["A1"], sheet["A1"].font = "村级基本情况表", Font(bold=True)
    sheet["A2"], sheet["F2"] = "村（居）名称：", "计量单位：见表"
    for half in (0, 4):
        for column, text in enumerate(("项　　目", "单位", "行次", "数量"), start=1):
            sheet.cell(3, half + column, text)
    parents = {"03": "02", "08": "07"}
    for row, line in enumerate(HALVES.strip().splitlines(), start=4):
        parts = [part.rstrip() for part in line.split("|")]
        for half, start in ((0, 0), (4, 4)):
            printed, unit, code, name = parts[start : start + 4]
            sheet.cell(row, half + 1, printed)
            sheet.cell(row, half + 2, unit)
            sheet.cell(row, half + 3, code)
            if code != "-":
                cell = f"{get_column_letter(half + 4)}{row}"
                key.answers.append(Wanted(sheet.title, cell, code, name, unit, parents.get(code, "")))
    _box(sheet, 3, 10, 1, 8)
    sheet["A11"] = "补充说明：本表02≥03，02≥05。"
    cells = {one.code: one.cell for one in key.answers if one.sheet == sheet.title}
    key.relations += [_over_cells(sheet.title, text, cells) for text in ("02 >= 03", "02 >= 05")]


def _crossed(sheet: Any, key: Key) -> None:
    sheet["A1"], sheet["A1"].font = "在校学生情况表", Font(bold=True)
    sheet["A2"], sheet["E2"] = "学校所在村：", "单位：人"
    for column, text in enumerate(("学段", "代码", "合计", "其中：女", "寄宿生", "留守儿童"), start=1):
        sheet.cell(3, column, text)
        sheet.cell(4, column, ("甲", "乙", 1, 2, 3, 4)[column - 1])
    rows = (("合计", "1"), ("　学前", "2"), ("　小学", "3"), ("　初中", "4"))
    for row, (name, code) in enumerate(rows, start=5):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, code)
        for column, head in ((3, "合计"), (4, "女"), (5, "寄宿生"), (6, "留守儿童")):
            if (code, column) == ("2", 5):
                sheet.cell(row, column, "—")
                continue
            parent = f"1-{column - 2}" if code != "1" else "1-1" if column == 4 else ""
            cell = f"{get_column_letter(column)}{row}"
            key.answers.append(
                Wanted(sheet.title, cell, f"{code}-{column - 2}", f"{name.strip()}·{head}", "人", parent)
            )
    _box(sheet, 3, 8, 1, 6)
    sheet["A9"] = "行关系：1=2+3+4"
    sheet["A10"] = "列关系：1≥2"
    cells = {one.code: one.cell for one in key.answers if one.sheet == sheet.title}
    for column in "124":
        key.relations.append(_over_cells(sheet.title, f"1-{column} == 2-{column} + 3-{column} + 4-{column}", cells))
    key.relations += [_over_cells(sheet.title, f"{row}-1 >= {row}-2", cells) for row in "1234"]


def _listed(sheet: Any, key: Key) -> None:
    sheet["A1"], sheet["A1"].font = "在建项目明细表", Font(bold=True)
    sheet["A2"] = "填报村："
    heads = (
        ("序号", "", ""), ("项目名称", "项目名称", ""), ("建设地点", "建设地点", ""), 
        ("总投资（万元）", "总投资", "万元"),
        ("其中：财政资金（万元）", "财政资金", "万元"),
        ("建设性质（1.新建 2.改建）", "建设性质", ""), ("开工日期", "开工日期", ""),
    )  # fmt: skip
    for column, (text, name, unit) in enumerate(heads, start=1):
        sheet.cell(3, column, text)
        if name:
            wanted = Wanted(sheet.title, f"{get_column_letter(column)}4", "", name, unit)
            wanted.parent = "总投资" if name == "财政资金" else ""
            wanted.choices = ("新建", "改建") if name == "建设性质" else ()
            key.answers.append(wanted)
    for row in range(4, 12):
        sheet.cell(row, 1, row - 3)
    _box(sheet, 3, 11, 1, 7)
    sheet["A12"] = "填表人：　　　　　　审核人："


def _over_cells(sheet: str, text: str, cells: dict[str, str]) -> tuple[str, str, str, str]:
    import re

    left, sign, right = re.split(r" (==|>=|<=|requires) ", text)

    def side(part: str) -> str:
        return re.sub(r"(?<![\d*])[\d-]+(?! \*)", lambda m: f"[{cells[m[0]]}]" if m[0] in cells else m[0], part)

    return sheet, side(left), sign, side(right)


def _box(sheet: Any, top: int, bottom: int, left: int, right: int) -> None:
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            sheet.cell(row, column).border = BOX
            if row == top:
                sheet.cell(row, column).fill = PatternFill("solid", fgColor="DDDDDD")


def _saved(book: openpyxl.Workbook) -> bytes:
    drawn = io.BytesIO()
    book.save(drawn)
    return drawn.getvalue()
