"""`cunhui adopt` from a form to a catalogue and back: what is refused, asked, written, and undone."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from flows.adopt.applied import apply
from flows.adopt.review_rows import ANSWER_HEADS, ANSWERS, RELATION_HEADS, RELATIONS, TABLE_HEADS, TABLES, VILLAGES
from flows.adopt.reviewed import read_review
from flows.commands.adopt import REVIEW
from flows.commands.cli import main
from schemas.catalogue import OWN, Catalogue
from schemas.errors import InputError
from schemas.outputs import OWN_SHEETS
from tests.adopt import forms
from tests.text_tables import workbook

FORM = """
== 收支情况
| 村集体收支情况表 |
| 指标名称 | 代码 | 计量单位 | 本年 | 备注 |
| 总收入 | "01" | 元 | | |
| 其中：经营收入 | "02" | 元 | | |
| 补助收入 | "03" | 元 | | |
| 总支出 | "04" | 元 | | |
| 结余 | "05" | 元 | | |
| 在册农机 | "06" | 匹马力 | | |
| 审核关系：05=01-04 |
| 01约等于甲表02 |
"""
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")


def _zipped(**parts: str) -> bytes:
    drawn = io.BytesIO()
    with zipfile.ZipFile(drawn, "w") as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/").replace("_", "."), text)
    return drawn.getvalue()


def _with_macros() -> bytes:
    drawn = io.BytesIO(workbook(FORM))
    with zipfile.ZipFile(drawn, "a") as package:
        package.writestr("xl/vbaProject.bin", b"VBA")
    return drawn.getvalue()


def _with_a_picture_alone() -> bytes:
    drawn = io.BytesIO()
    openpyxl.Workbook().save(drawn)
    return drawn.getvalue()


UNFIT = {
    "passworded": (LOCKED, "有密码"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "这是图片"),
    "picture in a workbook": (_with_a_picture_alone(), "没有文字"),
    "word": (_zipped(word__document_xml="<w/>", _Content_Types__xml="<x/>"), "Word 文档"),
    "macros": (_with_macros(), "含有宏"),
    "text": ("指标,数量\n".encode(), "不是表格文件"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_file_that_is_no_blank_form_is_refused_in_one_line_and_nothing_is_written(kind, tmp_path, capsys) -> None:
    data, words = UNFIT[kind]
    (tmp_path / "表.xlsx").write_bytes(data)

    assert main(["adopt", str(tmp_path / "表.xlsx"), "--inputs", str(tmp_path)]) == 2

    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1 and words in told[0]
    assert [path.name for path in tmp_path.iterdir()] == ["表.xlsx"]


@pytest.fixture
def reviewed(tmp_path: Path, capsys) -> Path:
    """A folder with a township's inputs, and the 核对表 of the form above."""
    (tmp_path / "inputs").mkdir()
    (tmp_path / "收支.xlsx").write_bytes(workbook(FORM))
    assert main(["adopt", str(tmp_path / "收支.xlsx"), "--inputs", str(tmp_path / "inputs")]) == 3
    assert "找到填报格 6 个、审核关系 2 条，其中 2 处存疑" in capsys.readouterr().out
    return tmp_path


def _apply(folder: Path) -> int:
    return main(["adopt", "--apply", str(folder / REVIEW), "--inputs", str(folder / "inputs")])


def _write(folder: Path, sheet: str, heads: tuple[str, ...], row: str, **cells: str) -> None:
    """Fill in cells of the row that has `row` somewhere, by the names of their columns."""
    book = openpyxl.load_workbook(folder / REVIEW)
    page = book[sheet]
    at = next(line[0].row for line in page.iter_rows() if row in [cell.value for cell in line])
    for head, value in cells.items():
        page.cell(at, heads.index(head) + 1, value)
    book.save(folder / REVIEW)


def _confirmed(folder: Path) -> None:
    _write(folder, ANSWERS, ANSWER_HEADS, "补助收入", 上级="D3 总收入")
    _write(folder, RELATIONS, RELATION_HEADS, "01约等于甲表02", 收不收="不收")


def test_what_is_unsure_is_not_applied_until_it_is_changed_or_confirmed(reviewed: Path, capsys) -> None:
    assert _apply(reviewed) == 2

    told = capsys.readouterr().err
    assert "D5 补助收入" in told and "还没有改正或确认" in told and "01约等于甲表02" in told
    assert not (reviewed / "inputs" / OWN).exists()


def test_confirmed_form_becomes_the_catalogue_and_is_kept_beside_it(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)

    assert _apply(reviewed) == 0

    assert "新增指标 6 项" in capsys.readouterr().out
    catalogue = Catalogue(reviewed / "inputs" / OWN)
    assert [(i.name, i.unit, i.printed_code, i.parent) for i in catalogue.indicators.values()] == [
        ("总收入", "元", "01", None),
        ("经营收入", "元", "02", "A01"),
        ("补助收入", "元", "03", "A01"),
        ("总支出", "元", "04", None),
        ("结余", "元", "05", None),
        ("在册农机", "匹马力", "06", None),
    ]
    assert catalogue.indicators["A05"].minimum < 0
    assert ("A05", "==", "A01 - A04") in [(one.left, one.relation, one.right) for one in catalogue.relations.values()]
    [form] = catalogue.forms.values()
    assert (reviewed / "inputs" / OWN / "forms" / form.kept).read_bytes() == (reviewed / "收支.xlsx").read_bytes()
    assert [answer.code for answer in form.sheets[0].blocks[0].answers] == ["A01", "A02", "A03", "A04", "A05", "A06"]


def test_signature_cells_become_fields_of_the_catalogue_once_and_none_is_called_as_a_figure(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    foot = "| 单位负责人：    填表人（签字）：    联系电话：    总支出：    填报日期： |"
    (tmp_path / "收支.xlsx").write_bytes(workbook(FORM.replace("| 01约等于甲表02 |", foot)))
    assert main(["adopt", str(tmp_path / "收支.xlsx"), "--inputs", str(tmp_path / "inputs")]) == 3
    _write(tmp_path, ANSWERS, ANSWER_HEADS, "补助收入", 上级="D3 总收入")

    for _ in range(2):
        assert _apply(tmp_path) == 0
        fields = Catalogue(tmp_path / "inputs" / OWN).fields
        assert {key: field.name for key, field in fields.items()} == {
            "head": "单位负责人", "filler": "填表人", "phone": "联系电话", "date": "填报日期",
        }  # fmt: skip


def test_applying_again_changes_nothing_and_a_changed_review_tells_the_difference(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)
    assert _apply(reviewed) == 0
    before = _files(reviewed / "inputs" / OWN)
    capsys.readouterr()

    assert _apply(reviewed) == 0
    assert "没有改动" in capsys.readouterr().out
    assert _files(reviewed / "inputs" / OWN) == before

    _write(reviewed, ANSWERS, ANSWER_HEADS, "总支出", 名称="全年总支出")
    assert _apply(reviewed) == 0
    assert "改了指标 1 项：A04 全年总支出（name" in capsys.readouterr().out


def test_form_that_the_township_or_an_office_reports_is_asked_of_it_alone(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)
    _write(reviewed, TABLES, TABLE_HEADS, "收支情况", 谁来报="县里")
    assert _apply(reviewed) == 2
    assert f"谁来报写的是“县里”，应为 {VILLAGES}、乡镇本级" in capsys.readouterr().err

    _write(reviewed, TABLES, TABLE_HEADS, "收支情况", 谁来报="乡镇本级")
    assert _apply(reviewed) == 0

    catalogue = Catalogue(reviewed / "inputs" / OWN)
    assert (len(catalogue.reported(2026)), len(catalogue.reported(2026, "乡镇"))) == (0, 6)
    assert catalogue.forms_due(2026) == ("",) and catalogue.forms_due(2026, "乡镇") == tuple(catalogue.forms)


def test_undoing_puts_back_the_catalogue_before_and_then_none(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)
    assert _apply(reviewed) == 0
    before = _files(reviewed / "inputs" / OWN)
    _write(reviewed, ANSWERS, ANSWER_HEADS, "总支出", 收不收="不收")
    assert _apply(reviewed) == 0
    assert _files(reviewed / "inputs" / OWN) != before

    assert main(["adopt", "--undo", "--inputs", str(reviewed / "inputs")]) == 0
    assert _files(reviewed / "inputs" / OWN) == before
    assert main(["adopt", "--undo", "--inputs", str(reviewed / "inputs")]) == 0
    assert not (reviewed / "inputs" / OWN).exists()
    assert main(["adopt", "--undo", "--inputs", str(reviewed / "inputs")]) == 2


def test_faulty_edits_are_told_with_their_rows_and_nothing_is_written(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)
    _write(reviewed, ANSWERS, ANSWER_HEADS, "总支出", 上级="Z99", 小数位="很多", 类型="图")

    assert _apply(reviewed) == 2

    told = capsys.readouterr().err
    assert "上级写的是“Z99”" in told and "小数位写的是“很多”" in told and "类型写的是“图”" in told
    assert not (reviewed / "inputs" / OWN).exists()


def test_catalogue_that_would_have_faults_is_not_written(reviewed: Path) -> None:
    _confirmed(reviewed)
    carried = read_review(reviewed / REVIEW)
    carried.areas[0][1] = OWN_SHEETS[0]

    with pytest.raises(InputError, match="没有写进去"):
        apply(carried, [(reviewed / "收支.xlsx").read_bytes()], reviewed / "inputs")

    assert [path.name for path in (reviewed / "inputs").iterdir()] == []


def test_review_that_stands_there_is_not_written_over(reviewed: Path, capsys) -> None:
    assert main(["adopt", str(reviewed / "收支.xlsx"), "--inputs", str(reviewed / "inputs")]) == 2
    assert "没有覆盖" in capsys.readouterr().err


def test_form_changed_after_the_review_is_not_applied(reviewed: Path, capsys) -> None:
    _confirmed(reviewed)
    (reviewed / "收支.xlsx").write_bytes(workbook(FORM.replace("总支出", "总支出额")))

    assert _apply(reviewed) == 2
    assert "已被改过" in capsys.readouterr().err


def test_samples_say_which_relations_hold_and_which_answers_are_figures(tmp_path: Path, capsys) -> None:
    (tmp_path / "表.xlsx").write_bytes(workbook(FORM))
    for village, (income, left) in {"东": (100, 40), "西": (90, 40)}.items():
        filled = FORM.replace('总收入 | "01" | 元 | |', f'总收入 | "01" | 元 | {income} |')
        filled = filled.replace('总支出 | "04" | 元 | |', '总支出 | "04" | 元 | 60 |')
        filled = filled.replace('结余 | "05" | 元 | |', f'结余 | "05" | 元 | {left} |')
        (tmp_path / f"{village}村.xlsx").write_bytes(workbook(filled))
    samples = [argument for name in "东西" for argument in ("--sample", str(tmp_path / f"{name}村.xlsx"))]

    assert main(["adopt", str(tmp_path / "表.xlsx"), *samples, "--inputs", str(tmp_path)]) == 3

    page = openpyxl.load_workbook(tmp_path / REVIEW)[RELATIONS]
    row = next(line for line in page.iter_rows(values_only=True) if "05=01-04" in line)
    told = dict(zip(RELATION_HEADS, row, strict=True))
    assert (told["样本"], told["把握"]) == ("2 份样本中 1 份相符", "存疑")


def test_several_forms_of_every_build_become_one_catalogue_as_their_keys_say(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    made = {"竖.xlsx": forms.vertical(), "宽.xlsx": forms.wide(), "多.xlsx": forms.several()}
    for name, (data, _) in made.items():
        (tmp_path / name).write_bytes(data)
    named = [str(tmp_path / name) for name in made]
    assert main(["adopt", *named, "--inputs", str(tmp_path / "inputs")]) == 0
    assert _apply(tmp_path) == 0

    catalogue = Catalogue(tmp_path / "inputs" / OWN)

    keys = [wanted for _, key in made.values() for wanted in key.answers]
    listed = [wanted for wanted in keys if wanted.sheet == "表3 项目"]
    asked = catalogue.reported(2026)
    assert [(i.printed_name, i.unit, i.choices) for i in asked] == [
        (wanted.name, wanted.unit, wanted.choices) for wanted in _in_order(keys) if wanted not in listed
    ]
    [line_list] = catalogue.lists.values()
    assert [(c.name, c.unit, c.choices) for c in line_list.columns] == [(w.name, w.unit, w.choices) for w in listed]
    assert sum(bool(i.parent) for i in asked) == sum(bool(w.parent) for w in keys if w not in listed)
    blocks = [block for form in catalogue.forms.values() for sheet in form.sheets for block in sheet.blocks]
    assert sorted(block.orientation for block in blocks) == ["cross", "list", "vertical", "vertical", "wide"]
    codes = {answer.code for block in blocks for answer in block.answers}
    assert codes == {i.code for i in asked} | set(line_list.by_code)


def _in_order(keys: list[forms.Wanted]) -> list[forms.Wanted]:
    """Halves side by side are read one after the other."""
    left = [wanted for wanted in keys if wanted.sheet == "表1 基本情况" and wanted.cell.startswith("D")]
    right = [wanted for wanted in keys if wanted.sheet == "表1 基本情况" and wanted.cell.startswith("H")]
    before = [wanted for wanted in keys if wanted.sheet in ("Sheet1", "各村汇总")]
    return [*before, *left, *right, *(wanted for wanted in keys if wanted.sheet == "表2 学生")]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
