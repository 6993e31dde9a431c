"""A catalogue as one workbook and back: nothing changes on the way, and what a clerk may do wrong is said by cell."""

import io
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter as letter

from flows.binding.order import Order
from flows.commands.cli import main
from flows.exchange import put
from flows.exchange.changes import changes
from flows.exchange.draw import draw_catalogue
from flows.exchange.sheets import meant, sheets, shown
from flows.exchange.take import take_back
from flows.exchange.written import documents, written_in
from flows.reading.child import tables_of
from schemas.catalogue import HERE, Catalogue, catalogue_of, declared
from schemas.errors import InputError
from schemas.toml_text import toml_text
from tests.libreoffice import saved_as

OWN = {
    "others.toml": """[offices.'民政']
name = "民政办"
[fields.preparer]
name = "填表人"
required = true
holds = "person"
""",
    "measures.toml": '[others]\nown = ["盏", "瓦"]\n[spellings]\n"盏" = ["只灯"]\n',
    "terrains.toml": "",
    "report_order.csv": "自己的\n",
    "indicators/b.toml": """[area]
number = 2
name = "灯"
title = '路灯（含"太阳能"）'
[indicators.10]
name = "路灯"
definition = "年末亮着的。\\n不含=号、+号开头的。"
unit = "盏"
maximum = 99.5
[indicators.1]
name = "太阳能"
definition = "=其中"
unit = "盏"
section = ["甲、乙", "丙"]
parent = "10"
minimum = -1
[relations.R1]
left = "[10] - [1]"
relation = "!="
right = "2 * [1]"
words = "不该相等"
grade = "核实"
""",
    "indicators/a.toml": """[area]
number = 1
name = "民政"
title = "民政"
[indicators.7]
name = "低保户"
definition = "户数。"
unit = "户"
reporter = "office"
office = "民政"
""",
    "lists/x.toml": """code = "X1"
name = "灯具"
area = "灯"
definition = "一盏一行。"
reporter = "village"
[columns.X101]
name = "型号"
definition = "铭牌上的。"
required = true
[columns.X102]
name = "状况"
definition = "选一个。"
type = "choice"
choices = ["好、亮", '坏"的"', "不明"]
[columns.X103]
name = "功率"
definition = "瓦数。"
type = "number"
unit = "瓦"
[columns.X104]
name = "实测功率"
definition = "瓦数。"
type = "number"
unit = "瓦"
[relations.X1-1]
left = "X103"
relation = "requires"
right = "X104"
words = "有功率须有实测"
""",
}
LAMP = {"类别": "生态环境", "代码": "G77", "指标名称": "路灯", "口径": "年末亮着的。", "计量单位": "盏"}
KINDS = ("areas", "indicators", "relations", "lists", "offices", "targets", "texts", "terrains", "fields")


def written_to(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> bytes:
    """The built-in catalogue's workbook."""
    path = tmp_path_factory.mktemp("exported") / "指标目录.xlsx"
    draw_catalogue(path, written_in([HERE]), "内置目录")
    return path.read_bytes()


@pytest.mark.parametrize("decimals", ["²", "--5", "٣", "9" * 400])
def test_decimals_that_are_no_number_stand_in_their_cell_as_written(tmp_path, decimals):
    text = f'[area]\nname = "低保"\nnumber = 1\n[indicators.A1]\nname = "户"\ndecimals = "{decimals}"\n'
    own = written_to(tmp_path / "own", {"indicators/A.toml": text})
    draw_catalogue(tmp_path / "目录.xlsx", written_in([own]), "目录")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "目录.xlsx")["指标"] for cell in row]
    assert decimals in cells


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "inputs").mkdir()
    yield tmp_path / "inputs"
    catalogue_of(tmp_path / "nowhere")


class Edited:
    """The workbook as a clerk changes it: cells by sheet, row and head."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def column(self, sheet: str, head: str) -> int:
        return next(cell.column for cell in self.book[sheet][1] if str(cell.value).rstrip("*") == head)

    def row(self, sheet: str, head: str, value: str) -> int:
        column = self.column(sheet, head)
        return next(row for row in range(2, 999) if self.book[sheet].cell(row, column).value == value)

    def put(self, sheet: str, row: int | None = None, **cells) -> int:
        """Write into that row, or into the first that is empty; gives which."""
        page = self.book[sheet]
        if row is None:
            row = next(n for n in range(2, 9999) if not any(cell.value for cell in page[n]))
        for head, value in cells.items():
            page.cell(row, self.column(sheet, head), value)
        return row

    def saved(self, path: Path) -> Path:
        self.book.save(path)
        return path


def imported(inputs, path, *more):
    return main(["catalogue", "import", str(path), "--inputs", str(inputs), *more])


def test_every_key_of_a_record_has_a_head_and_no_two_of_a_sheet_are_alike():
    for sheet in sheets():
        assert [field.key for field in sheet.fields if field.head == field.key] == [], sheet.name
        heads = [field.head for field in sheet.fields]
        assert len(set(heads)) == len(heads)


def test_built_in_catalogue_comes_back_row_for_row(exported):
    taken = take_back("指标目录.xlsx", tables_of(exported))
    assert taken.faults.lines == [] and taken.ignored == []
    before = written_in([HERE])
    assert {kind: list(rows.items()) for kind, rows in taken.written.rows.items()} == {
        kind: list(rows.items()) for kind, rows in before.rows.items()
    }
    assert changes(before, taken.written) == []


@pytest.mark.parametrize("suffix", ["ods", "xls"])
def test_workbook_saved_by_another_program_comes_back_the_same(exported, tmp_path, suffix):
    source = tmp_path / "指标目录.xlsx"
    source.write_bytes(exported)
    [saved] = saved_as(suffix, tmp_path, [source])
    taken = take_back("目录", tables_of(saved.read_bytes()))
    assert taken.faults.lines == []
    assert changes(written_in([HERE]), taken.written) == []


def test_files_written_anew_declare_the_same_catalogue(tmp_path):
    for name, document in documents(written_in([HERE]), "replace").items():
        written_to(tmp_path, {name: toml_text(document)[0]})
    again, built_in = Catalogue(tmp_path), declared()
    for kind in KINDS:
        assert list(getattr(again, kind).items()) == list(getattr(built_in, kind).items()), kind


def test_own_catalogue_with_odd_words_comes_back_and_keeps_its_other_files(inputs, tmp_path, capsys):
    own = written_to(inputs / "catalogue", OWN)
    before = Catalogue(own)
    path = tmp_path / "目录.xlsx"
    assert main(["catalogue", "export", str(path), "--inputs", str(inputs)]) == 0
    assert imported(inputs, path) == 0
    assert "没有变化" in capsys.readouterr().out
    edited = Edited(path.read_bytes())
    edited.put("指标", edited.row("指标", "指标名称", "太阳能"), 指标名称="太阳能灯")
    assert imported(inputs, edited.saved(path), "--yes") == 0
    after = Catalogue(own)
    assert after.indicators["1"].name == "太阳能灯" and after.indicators["1"].section == ("甲、乙", "丙")
    assert after.lists == before.lists and after.offices == before.offices and after.fields == before.fields
    assert after.relations["R1"] == before.relations["R1"]
    assert (own / "report_order.csv").read_text(encoding="utf-8") == "自己的\n"
    assert after.measures.spellings["盏"] == ["只灯"] and after.measures.knows("盏")
    assert sorted(path.name for path in (own / "indicators").iterdir()) == ["a.toml", "b.toml"]
    kept = [path for path in inputs.iterdir() if path.name.startswith("catalogue.")]
    assert len(kept) == 1 and Catalogue(kept[0]).indicators == before.indicators


def test_every_word_of_the_language_comes_back(inputs, tmp_path, capsys):
    text = (Path(__file__).parents[2] / ".github" / "CATALOGUE.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"```toml (\S+)\n(.*?)```", text, re.DOTALL))
    own = written_to(inputs / "catalogue", files)
    before, path = Catalogue(own), tmp_path / "目录.xlsx"
    assert main(["catalogue", "export", str(path), "--inputs", str(inputs)]) == 0
    edited = Edited(path.read_bytes())
    edited.put("类别", 2, 表题="另一个表题")
    assert imported(inputs, edited.saved(path), "--yes") == 0
    assert capsys.readouterr().out.count("其他 1 项") == 1
    after = Catalogue(own)
    for kind in (kind for kind in KINDS if kind != "areas"):
        assert getattr(after, kind) == getattr(before, kind), kind


def test_added_indicator_alone_is_written_on_top_of_the_built_in_catalogue(inputs, exported, tmp_path, capsys):
    edited = Edited(exported)
    edited.put("指标", **LAMP)
    edited.put("计量单位", 计量单位="盏")
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 0
    assert "新增 2 项" in capsys.readouterr().out
    own = catalogue_of(inputs)
    assert own.head.base == "extend" and len(own.indicators) == len(declared().indicators) + 1
    assert [path.name for path in (inputs / "catalogue" / "indicators").iterdir()] == ["g_ecology.toml"]


def test_indicator_in_the_middle_keeps_its_place(inputs, exported, tmp_path):
    edited = Edited(exported)
    row = edited.row("指标", "代码", "G02")
    edited.book["指标"].insert_rows(row)
    edited.put("指标", row, **(LAMP | {"计量单位": "个"}))
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 0
    own = catalogue_of(inputs)
    codes = list(own.indicators)
    here = codes.index("G77")
    assert own.head.base == "replace" and codes[here - 1 : here + 2] == ["G01", "G77", "G02"]


def test_changes_are_told_by_their_sort_and_wait_until_somebody_agrees(inputs, exported, tmp_path, capsys):
    edited = Edited(exported)
    for code, cells in {
        "J01": {"口径": "新口径。"}, "J02": {"指标名称": "总人数"}, "J03": {"止于": 2023}, "J04": {"同比幅度": 0.3},
    }.items():  # fmt: skip
        edited.put("指标", edited.row("指标", "代码", code), **cells)
    edited.book["固定文字"].delete_rows(2)
    path = edited.saved(tmp_path / "目录.xlsx")
    assert imported(inputs, path) == 2
    said = capsys.readouterr()
    for words in (
        "改名 1 项：\n  指标 J02 总人数：指标名称 总人口 → 总人数",
        "取消 1 项：\n  指标 J03 农村人口：止于 （空） → 2023",
        "口径变了 1 项：\n  指标 J01 总户数：口径 ",
        "其他 1 项：\n  指标 J04 耕地总面积：同比幅度 0.05 → 0.3",
        "删去 1 项：\n  固定文字 township_name",
    ):
        assert words in said.out
    assert said.err == "错误：没有写入：核对上面的改动，同意的加 --yes 再运行\n"
    assert list(inputs.iterdir()) == []
    assert imported(inputs, path, "--yes") == 0
    assert catalogue_of(inputs).indicators["J03"].until == 2023 and catalogue_of(inputs).head.base == "replace"


def test_every_fault_is_said_at_once_with_its_cell_and_nothing_is_written(inputs, exported, tmp_path, capsys):
    edited, told = Edited(exported), {}
    code, unit = letter(edited.column("指标", "代码")), letter(edited.column("指标", "计量单位"))
    for name, cells in {
        "area": {"代码": "G71", "类别": "生态环景"}, "blank": {"代码": "G72", "口径": None}, "twice": {"代码": "G01"},
        "code": {"代码": "g 7"}, "unit": {"代码": "G74", "计量单位": "丈八"},
        "number": {"代码": "G75", "小数位数": "两"}, "word": {"代码": "G76", "谁报": "村里"},
        "parent": {"代码": "G78", "上级指标": "G99"}, "keyless": {"代码": None},
        "years": {"代码": "G79", "始于": 2024, "止于": 2020}, "error": {"代码": "G80", "口径": "=1/0"},
        "where": {"代码": "G81", "条件": "三个条件"}, "office": {"代码": "G82", "谁报": "站所", "站所职责": "水利"},
    }.items():  # fmt: skip
        told[name] = edited.put("指标", **(LAMP | {"计量单位": "个", "指标名称": f"灯{name}"} | cells))
    edited.put("审核关系", 2, 左边="A01 ++ 9 9")
    edited.put("明细栏目", 2, 明细表="L9")
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 2
    said = capsys.readouterr().err
    for words in (
        f"“指标” A{told['area']}：类别写的是“生态环景”，是不是想写 生态环境？", f"{told['blank']}：没有写口径",
        f"“指标” {code}{told['twice']}：代码 G01 重复", f"{code}{told['code']}：生态环境里有代码 g 7",
        f"“指标” {unit}{told['unit']}：不认识的计量单位“丈八”", f"{told['number']}：小数位数写的是“两”，应为整数",
        f"{told['word']}：谁报写的是“村里”，应为 村、站所", f"{told['parent']}：G78 的 “上级指标” G99 不在同一类别里",
        f"{told['keyless']}：这一行没有代码", f"{told['years']}：“始于” 2024 在 “止于” 2020 之后",
        f"{told['error']}：是", f"{told['where']}：条件写的是“三个条件”",
        f"{told['office']}：G82 用到没有声明的站所 水利", "“审核关系” C2：", "“明细栏目” A2：明细表写的是“L9”",
    ):  # fmt: skip
        assert words in said, (words, said)
    assert "Traceback" not in said and list(inputs.iterdir()) == []


@pytest.fixture(scope="module")
def own_exported(tmp_path_factory) -> tuple[Path, bytes]:
    """The folder of an own catalogue, in which an area and an office's role have one name, and its workbook."""
    inputs = tmp_path_factory.mktemp("own") / "inputs"
    written_to(inputs / "catalogue", OWN)
    path = inputs.parent / "目录.xlsx"
    assert main(["catalogue", "export", str(path), "--inputs", str(inputs)]) == 0
    return inputs, path.read_bytes()


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "places"),
    [
        ("类别", 2, {"序号": 2}, ["“类别” A2：类别序号 2 用了不止一次", "“类别” A3：类别序号 2 用了不止一次"]),
        ("明细表", 2, {"类别": "水"}, ["“明细表” C2：X1 用到没有声明的类别 水"]),
        ("明细表", 2, {"名称": "灯"}, ["“类别” B3：“灯”不能作工作表的名称", "“明细表” B2：“灯”不能作工作表的名称"]),
        ("明细栏目", 4, {"计量单位": "丈八"}, ["“明细栏目” F4：不认识的计量单位“丈八”"]),
        ("明细栏目", 5, {"代码": "X 4"}, ["“明细栏目” B5：灯具里有栏目代码 X 4", "“审核关系” E3：X1-1 用到"]),
        ("审核关系", 3, {"左边": "X999"}, ["“审核关系” C3：X1-1 用到没有声明的指标 X999"]),
        ("封面栏目", 2, {"名称": "代码"}, ["“封面栏目” B2：“代码”是表上别的名称"]),
    ],
    ids=["number", "area", "sheet", "unit", "code", "relation", "cover"],
)  # fmt: skip
def test_fault_of_any_sheet_is_said_at_its_own_cells(own_exported, sheet, row, cells, places, tmp_path, capsys):
    inputs, data = own_exported
    edited = Edited(data)
    edited.put(sheet, row, **cells)
    capsys.readouterr()
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(places)
    for line, place in zip(sorted(said), sorted(places), strict=True):
        assert place in line


def test_figure_collected_again_and_another_order_are_told_as_such(own_exported, tmp_path, capsys):
    _, data = own_exported
    office = written_to(tmp_path / "inputs" / "catalogue", OWN | {
        "indicators/a.toml": OWN["indicators/a.toml"] + "until = 2020\n"
    })  # fmt: skip
    edited = Edited(data)
    page = edited.book["明细栏目"]
    rows = [[cell.value for cell in page[row]] for row in (2, 3)]
    for row, values in zip((3, 2), rows, strict=True):
        for column, value in enumerate(values, start=1):
            page.cell(row, column).value = value
    capsys.readouterr()
    assert imported(office.parent, edited.saved(tmp_path / "目录.xlsx")) == 2
    told = capsys.readouterr().out
    assert "其他 2 项" in told and "止于 2020 → （空）" in told and "行的先后变了" in told


def test_row_struck_out_is_asked_about_and_a_head_twice_is_refused(own_exported, tmp_path, capsys):
    inputs, data = own_exported
    edited = Edited(data)
    edited.book["指标"]["C2"].font = openpyxl.styles.Font(strike=True)
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 2
    assert "“指标” C2：被划去，停用的写“止于”，不要的删去整行" in capsys.readouterr().err
    edited = Edited(data)
    edited.put("站所职责", 1, 名称="代号")
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 2
    assert "栏名“代号”写了两次" in capsys.readouterr().err


def test_wrong_heads_are_said_alone_and_a_title_above_is_none(inputs, exported, tmp_path, capsys):
    edited = Edited(exported)
    edited.book["指标"].cell(1, edited.column("指标", "指标名称"), "名子")
    edited.book["类别"].insert_rows(1)
    edited.book["类别"]["A1"] = "本乡镇的类别"
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx")) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and "不认识的栏名“名子”" in said[0] and "缺少“指标名称”一栏" in said[1]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"PK\x03\x04oops", "已损坏"), (b"", "是空的"), (b"%PDF", "不是电子表格"),
     ("序号,名称\n1,甲\n".encode(), "没有工作表“指标”")],
    ids=["damaged", "empty", "pdf", "another"],
)  # fmt: skip
def test_file_that_is_no_catalogue_is_one_line(inputs, tmp_path, capsys, data, said):
    path = tmp_path / "目录.xlsx"
    path.write_bytes(data)
    assert imported(inputs, path, "--yes") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and said in lines[0]


def test_sheet_of_nobody_is_named_and_a_missing_optional_one_declares_nothing(inputs, exported, tmp_path, capsys):
    edited = Edited(exported)
    edited.book.create_sheet("草稿")["A1"] = "随手记"
    del edited.book["下年目标"]
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 0
    said = capsys.readouterr().out
    assert "没有读工作表 草稿" in said and "删去 12 项" in said
    assert catalogue_of(inputs).targets == {}


def test_heads_are_protected_and_cells_offer_choices_and_help(exported):
    page = openpyxl.load_workbook(io.BytesIO(exported))["指标"]
    assert page.protection.sheet and page.cell(1, 1).protection.locked and not page.cell(2, 1).protection.locked
    rules = {str(rule.sqref).split(":")[0]: rule for rule in page.data_validations.dataValidation}
    assert rules["A2"].type == "list" and "类别" in rules["A2"].formula1
    reporter = next(cell.column_letter for cell in page[1] if cell.value == "谁报")
    assert "村" in rules[f"{reporter}2"].formula1 and "计算得出" in rules[f"{reporter}2"].formula1
    assert all(rule.prompt for rule in rules.values())
    assert page.freeze_panes == "D2"


def test_order_of_the_report_forgets_what_is_no_longer_declared(inputs, exported, tmp_path):
    edited = Edited(exported)
    edited.book["指标"].delete_rows(edited.row("指标", "代码", "G12"))
    edited.book["固定文字"].delete_rows(2)
    assert imported(inputs, edited.saved(tmp_path / "目录.xlsx"), "--yes") == 0
    steps = Order(catalogue_of(inputs)).steps
    assert {"G12", "township_name"} & {step.feed for step in steps} == set() and len(steps) > 200


def test_export_overwrites_nothing(inputs, tmp_path, capsys):
    path = tmp_path / "目录.xlsx"
    path.write_bytes(b"x")
    assert main(["catalogue", "export", str(path), "--inputs", str(inputs)]) == 2
    assert "没有覆盖" in capsys.readouterr().err and path.read_bytes() == b"x"


def test_kill_between_the_two_renames_is_said_and_is_not_the_built_in_catalogue(inputs, exported, monkeypatch):
    written_to(inputs / "catalogue", OWN)
    making = put.prepare(inputs, take_back("目录", tables_of(exported)), "目录", Catalogue(inputs / "catalogue"))
    rename = Path.rename

    def killed(self, target):
        if self.name == ".catalogue.new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        put.put_in_place(inputs, making, datetime(2025, 1, 2))
    with pytest.raises(InputError, match="没有做完"):
        catalogue_of(inputs)
    monkeypatch.undo()
    (inputs / ".catalogue.new").rename(inputs / "catalogue")
    assert catalogue_of(inputs).indicators == declared().indicators
    assert Catalogue(inputs / "catalogue.20250102-000000").indicators.keys() == {"7", "10", "1"}


def test_words_of_every_cell_mean_what_they_were_made_of():
    for sheet in sheets():
        for row in written_in([HERE]).rows[sheet.kind].values():
            for field in (field for field in sheet.fields if field.key in row):
                assert meant(shown(row[field.key], field), field) == row[field.key]


@pytest.mark.parametrize("value", [["甲、乙", "丙"], ['带"号', "，"], ["一 二"], ["=1", "a\nb"]])
def test_lists_of_any_words_come_back(value):
    columns = next(sheet for sheet in sheets() if sheet.kind == "columns")
    choices = next(field for field in columns.fields if field.key == "choices")
    assert meant(shown(value, choices), choices) == value
