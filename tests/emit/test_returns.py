"""What goes back to a village: its own form marked, every finding in order, and after mending it a valid submission."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles.colors import Color

from flows.emit.forms.drawing import Fill, draw_form
from flows.emit.forms.layout import VILLAGE, layout_of
from flows.emit.forms.places import Places
from flows.emit.returns.files import return_stems
from flows.emit.workbook.canvas import opened
from flows.reading.locate.reasons import joined
from flows.store.figures import Place
from tests.libreoffice import saved_as
from tests.office import CATALOGUE, SAMPLE
from tests.returning import Collection, edit, notice_rows, read, row_of, write_reason

RED, ORANGE, INPUT = "FFFF9C9C", "FFFFC66D", "FFFFFBE0"
REASON = "疫情期间村党支部停办九个月主题党日，镇党委备案"


def colour(fill: Color) -> str:
    return fill.fgColor.rgb


def faulty(folder: Path) -> Collection:
    """三湾村 sends four kinds of faults, 大湾村 a sound form."""
    told = Collection(folder, "三湾村", "大湾村")

    def beside(book: openpyxl.Workbook) -> None:
        book["民生保障"]["J9"] = "我村今年新增低保三户，见附件"
        sheet = book["村集体经济项目"]
        [codes] = [row for row in sheet.iter_rows() if row[0].value == "列代码"]
        at = {cell.value: cell.column for cell in codes}
        first = codes[0].row + 2
        for code, value in {"L101": "光伏电站", "L102": "@建设", "L103": -5, "L104": 0, "L105": "在建中"}.items():
            sheet.cell(first, at[code]).value = value
        sheet.cell(first, len(codes)).value = "县里批的项目"

    edit(told.sent("三湾村"), {"I01": "若干户", "A07": 3, "B01": ("约20户", "属实"), "H01": None}, beside)
    told.collect()
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return faulty(tmp_path_factory.mktemp("faulty"))


@pytest.fixture(scope="module")
def book(told: Collection) -> openpyxl.Workbook:
    return told.returned("三湾村")


@pytest.fixture
def again(told: Collection, tmp_path: Path) -> Collection:
    """A copy of the same that goes on."""
    return told.copied(tmp_path / "again")


# ---- what comes back


def test_only_what_is_not_accepted_comes_back_with_its_original_untouched(told):
    assert sorted(path.name for path in told.back.iterdir()) == ["三湾村-原件.xlsx", "三湾村.xlsx"]
    assert (told.back / "三湾村-原件.xlsx").read_bytes() == told.sent("三湾村").read_bytes()
    assert (told.states["三湾村"], told.states["大湾村"][:8]) == ("returned", "accepted")


def test_everything_that_was_sent_is_read_from_it_again(told):
    sent, back = read(told.sent("三湾村")), read(told.back / "三湾村.xlsx")
    assert {a.indicator: (a.raw, a.explanation) for a in back.answers} == {
        a.indicator: (a.raw, a.explanation) for a in sent.answers
    }
    assert {(c.column, c.row_no): c.raw for c in back.list_cells} == {
        (c.column, c.row_no): c.raw for c in sent.list_cells
    }
    assert (back.cover, back.identity, back.years, back.kind) == (sent.cover, sent.identity, sent.years, sent.kind)
    assert [finding.code for finding in back.findings] == []


def test_wrong_cells_wear_their_grade_and_say_what_is_wrong(book):
    wrong, doubtful, sound = (row_of(book, code)["本年数"] for code in ("I01", "A07", "J01"))
    assert wrong.value == "若干户"
    assert [colour(cell.fill) for cell in (wrong, doubtful, sound)] == [RED, ORANGE, INPUT]
    assert "不是数字" in wrong.comment.text and "怎样改：请只填数字" in wrong.comment.text
    assert "（相差 9）" in doubtful.comment.text
    assert sound.comment is None
    sheet = book["村集体经济项目"]
    [amount] = [cell for row in sheet.iter_rows() for cell in row if cell.value == -5]
    assert colour(amount.fill) == RED and "不能小于 0" in amount.comment.text


def test_first_sheet_lists_every_finding_with_what_must_be_corrected_first(told, book):
    assert book.sheetnames[:2] == ["退回说明", "封面"]
    rows = notice_rows(book)
    assert [row["序号"].value for row in rows] == list(range(1, len(rows) + 1))
    mine = [finding for finding in told.findings if finding["unit_name"] == "三湾村"]
    assert len(rows) == len(mine) >= 6
    for finding in mine:
        place = f"{finding['sheet']} {finding['cell']}"
        problems = [row["问题"].value for row in rows if row["您报来的位置"].value == place]
        assert any(problem.partition("。")[0] in finding["message"] for problem in problems)
    grades = [cell.value[1:3] for [cell, *_] in book["退回说明"].iter_rows() if str(cell.value).startswith("〔")]
    assert grades == sorted(grades, key=["强制", "核实", "提示"].index)


def test_findings_of_one_cause_stand_under_one_heading(told, book):
    headings = [row[0].value for row in book["退回说明"].iter_rows() if str(row[0].value).startswith("〔")]
    assert len({re.sub(r"\d+ 处", "", words) for words in headings}) == len(headings)
    assert any("〔强制·须改正〕1 处。请只填数字，单位为户；没有的填 0。" in words for words in headings)


def test_every_link_leads_to_the_cell_of_its_code(book):
    for row in notice_rows(book):
        sheet, cell = re.fullmatch(r"'(.*)'!([A-Z]+\d+)", row["点击前往"].hyperlink.location).groups()
        code = re.match(r"[A-J]\d\d", row["指标"].value or "")
        target = book[sheet][cell]
        if code:
            assert target.coordinate == row_of(book, code[0])["本年数"].coordinate
        assert row["点击前往"].value == f"{sheet} {cell}"


def test_notes_outside_the_form_are_listed(book):
    assert any("我村今年新增低保三户" in row["问题"].value for row in notice_rows(book))


def test_refused_reason_is_told_with_the_reason_why(book):
    [row] = [row for row in notice_rows(book) if row["指标"].value == "B01 累计纳入监测户数"]
    assert "已写的说明“属实”不够具体：只是套话" in row["问题"].value


def test_only_sheets_with_faults_are_shown_and_printed(told, book, tmp_path):
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    faulty = {"党的建设", "防贫监测", "民生保障", "村集体经济项目"}
    assert shown[:2] == ["退回说明", "封面"] and set(shown[2:]) == faulty
    assert "已隐藏" in " ".join(str(row[0].value) for row in book["退回说明"].iter_rows(max_row=8))
    heads = ["".join(page.split("\n")[:3]) for page in printed_pages(told.back / "三湾村.xlsx", tmp_path)]
    printed = {sheet.title for sheet in book if any(f"镇{sheet.title}" in head for head in heads)}
    assert printed == faulty and not any("指标解释" in head for head in heads)


def printed_pages(path: Path, folder: Path) -> list[str]:
    """What LibreOffice prints, a text a page."""
    [printed] = saved_as("pdf", folder, [path])
    text = subprocess.run(["pdftotext", "-layout", str(printed), "-"], check=True, capture_output=True)
    return text.stdout.decode().split("\f")[:-1]


def test_room_for_a_reason_only_beside_doubts(book):
    cells = {row["指标"].value: row["情况说明"] for row in notice_rows(book)}
    assert not cells["A07 主题党日次数"].protection.locked
    assert cells["I01 低保户数"].protection.locked


def test_nothing_that_was_sent_becomes_a_formula(told):
    with zipfile.ZipFile(told.back / "三湾村.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in sheet for sheet in sheets)


def test_places_are_where_the_form_is_drawn():
    printed = {"year": 2023, "township": "示例镇", "deadline": "1月10日", "marks": {}}
    for kind in (VILLAGE, *CATALOGUE.offices):
        layout = layout_of(CATALOGUE, kind, **printed)
        places = Places(layout)
        buffer = io.BytesIO()
        lists = [page.line_list for page in layout.lists]
        rows = {one.code: [{column.code: column.code for column in one.columns}] * 2 for one in lists}
        with opened(buffer) as workbook:
            codes = [item.code for item in layout.indicators]
            draw_form(workbook, layout, Fill("某村", "1", values={code: code for code in codes}, rows=rows))
        drawn = openpyxl.load_workbook(buffer)
        for code, spot in places.of_code.items():
            assert drawn[spot.sheet][spot.address].value == code
        for page in layout.lists:
            for column in page.line_list.columns:
                spot = places.of_row(column.code, 1)
                assert drawn[spot.sheet][spot.address].value == column.code
                assert drawn[spot.sheet].cell(spot.row - 2, spot.column + 1).value == column.code


# ---- what comes back from it

MENDED = {"I01": 55, "B01": 20, "H01": 700}


def mend_rows(book: openpyxl.Workbook) -> None:
    for row in book["村集体经济项目"].iter_rows():
        for cell in row:
            if cell.value in (-5, "在建中"):
                cell.value = 5 if cell.value == -5 else "在建"


def test_uncorrected_it_raises_the_same_findings_again(again):
    before = {(f["code"], f["indicator"], f["raw"]) for f in again.findings if f["unit_name"] == "三湾村"}
    again.send_back("三湾村")
    again.collect()
    after = {(f["code"], f["indicator"], f["raw"]) for f in again.findings if f["revision"] == 2}
    assert {one for one in before if one[0] != "EXTRA_NOTE"} | {("UNCHANGED", "", "")} == after


@pytest.mark.parametrize("resave", [False, True], ids=["openpyxl", "libreoffice"])
def test_corrected_and_explained_in_place_it_is_accepted(again, tmp_path, resave):

    def change(book: openpyxl.Workbook) -> None:
        mend_rows(book)
        write_reason("A07", REASON)(book)

    again.send_back("三湾村", MENDED, change)
    if resave:
        shutil.copy(*saved_as("xlsx", tmp_path / "saved", [again.sent("三湾村")]), again.sent("三湾村"))
    again.collect()
    left = [f["message"] for f in again.findings if f["revision"] == 2 and f["grade"] != "提示" and not f["explained"]]
    assert (again.states["三湾村"], left) == ("accepted with explanations", [])
    assert list(again.back.iterdir()) == []
    [given] = [f["explanation"] for f in again.findings if f["code"] == "RELATION_DOUBT" and f["revision"] == 2]
    assert given == REASON


def test_stock_phrase_beside_the_finding_explains_nothing(again):
    again.send_back("三湾村", MENDED, lambda book: (mend_rows(book), write_reason("A07", "情况属实")(book)))
    again.collect()
    assert again.states["三湾村"] == "returned"
    [row] = notice_rows(again.returned("三湾村"))
    assert "已写的说明“情况属实”不够具体" in row["问题"].value


def test_accepted_reason_is_shown_and_kept_while_something_else_is_wrong(again):
    again.send_back("三湾村", {}, write_reason("A07", REASON))
    again.collect()
    [row] = [row for row in notice_rows(again.returned("三湾村")) if row["指标"].value == "A07 主题党日次数"]
    assert row["情况说明"].value == REASON
    assert row_of(again.returned("三湾村"), "A07")["说明"].value == REASON
    assert row_of(again.returned("三湾村"), "A07")["本年数"].comment is None
    again.send_back("三湾村", MENDED, mend_rows)
    again.collect()
    assert again.states["三湾村"] == "accepted with explanations"


# ---- other faults, other senders, other formats: a case a unit

OFFICE, OTHER_FORMAT, CUT, WITHOUT_A_SHEET = "示例镇民政和社会事务办公室", "山林村", "南川村", "大湾村"
UNREADABLE, OF_LAST_YEAR = "张沟村", "太平村"
FIGURE_OF_OFFICE = next(item.code for item in CATALOGUE.reported(2023, "909") if not item.is_text)
ON_ITS_ROW = "全镇五个村合建，按合同总价登记在本村"


@pytest.fixture(scope="module")
def various(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """三湾村 has two doubtful rows in a list, the others their own kinds of fault; two files are of nobody."""
    units = "三湾村", OFFICE, OTHER_FORMAT, CUT, WITHOUT_A_SHEET, UNREADABLE, OF_LAST_YEAR
    told = Collection(tmp_path_factory.mktemp("various"), *units)

    def add(book: openpyxl.Workbook) -> None:
        sheet = book["村集体经济项目"]
        [codes] = [row for row in sheet.iter_rows() if row[0].value == "列代码"]
        for line, note in ((2, None), (3, ON_ITS_ROW)):
            for cell, value in zip(codes[1:], ("厂房", "新建", 20000, 0, "在建", note), strict=True):
                sheet.cell(codes[0].row + line, cell.column).value = value

    def cut(book: openpyxl.Workbook) -> None:
        del book["和谐稳定"]
        for code in ("C05", "C06"):
            cell = row_of(book, code)["代码"]
            cell.parent.delete_rows(cell.row)

    def drop(book: openpyxl.Workbook) -> None:
        del book["生态环境"]

    edit(told.sent("三湾村"), {}, add)
    edit(told.sent(OFFICE), {FIGURE_OF_OFFICE: "不详"})
    edit(told.sent(CUT), {}, cut)
    edit(told.sent(WITHOUT_A_SHEET), {}, drop)
    told.sent(UNREADABLE).write_bytes(b"PK\x03\x04 half a file")
    shutil.copy(SAMPLE / "2022" / "submissions" / f"{OF_LAST_YEAR}.xlsx", told.inbox)
    edit(told.sent(OTHER_FORMAT), {"I01": "若干户"})
    saved_as("ods", told.inbox, [told.sent(OTHER_FORMAT)])
    told.sent(OTHER_FORMAT).unlink()
    (told.inbox / "年终.docx").write_bytes(b"PK\x03\x04")
    (told.inbox / "站").mkdir()
    (told.inbox / "站" / "年终.docx").write_bytes(b"PK\x03\x04\x05")
    told.collect()
    return told


@pytest.fixture(scope="module")
def answered(various: Collection, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """三湾村 explained the one doubt, the village of another format corrected its figure; both on what came back."""
    told = various.copied(tmp_path_factory.mktemp("answered") / "office")
    (told.inbox / f"{OTHER_FORMAT}.ods").unlink()
    told.send_back(OTHER_FORMAT, {"I01": row_of(openpyxl.load_workbook(
        SAMPLE / "2023" / "submissions" / f"{OTHER_FORMAT}.xlsx"), "I01")["本年数"].value})  # fmt: skip
    told.send_back("三湾村", {}, write_reason("L103", "县级衔接资金整村推进，批复文号在档"))
    told.collect()
    return told


def of_unit(told: Collection, name: str) -> list[str]:
    """The names of the files that go back to a unit."""
    return sorted(path.name for path in told.back.iterdir() if path.name.startswith(name))


def test_doubt_in_a_list_can_be_explained_on_its_row_or_beside_the_finding(various, answered):
    doubts = [f for f in various.findings if (f["indicator"], f["unit_name"]) == ("L103", "三湾村")]
    assert [f["explained"] for f in doubts] == [False, True]
    book = various.returned("三湾村")
    assert any(row["指标"].value == "L103 总投资（第 1 行）" for row in notice_rows(book))
    assert ON_ITS_ROW in [cell.value for row in book["村集体经济项目"].iter_rows() for cell in row]
    assert answered.states["三湾村"] == "accepted with explanations"


def test_other_formats_come_back_as_xlsx_beside_their_original(various, answered):
    original = f"{OTHER_FORMAT}-原件.ods"
    assert of_unit(various, OTHER_FORMAT) == [original, f"{OTHER_FORMAT}.xlsx"]
    assert (various.back / original).read_bytes() == (various.inbox / f"{OTHER_FORMAT}.ods").read_bytes()
    assert answered.states[OTHER_FORMAT].startswith("accepted") and of_unit(answered, OTHER_FORMAT) == []


def test_office_gets_its_own_form_back(various):
    cell = row_of(various.returned(OFFICE), FIGURE_OF_OFFICE)["本年数"]
    assert (cell.value, colour(cell.fill)) == ("不详", RED)
    sent, back = read(various.sent(OFFICE)), read(various.back / f"{OFFICE}.xlsx")
    assert (back.kind, len(back.list_cells)) == ("909", len(sent.list_cells))
    assert [cell.raw for cell in back.list_cells] == [cell.raw for cell in sent.list_cells]


def test_fault_of_the_whole_file_leaves_every_sheet_in_sight(various):
    states = {sheet.title: sheet.sheet_state for sheet in various.returned(WITHOUT_A_SHEET)}
    assert states["生态环境"] == "visible"


def test_deleted_rows_and_sheets_are_there_again_and_marked(various):
    book = various.returned(CUT)
    assert [colour(row_of(book, code)["本年数"].fill) for code in ("C05", "C06", "C07")] == [RED, RED, INPUT]
    assert any(row["点击前往"].value.startswith("和谐稳定") for row in notice_rows(book))


def test_unreadable_file_comes_back_as_its_notice_alone(various):
    book = various.returned(UNREADABLE)
    assert book.sheetnames == ["退回说明"]
    [row] = notice_rows(book)
    assert row["问题"].value == f"文件“{UNREADABLE}.xlsx”已损坏，读不出来（文件不完整，可能没有传完）。"
    assert (various.back / f"{UNREADABLE}-原件.xlsx").read_bytes() == b"PK\x03\x04 half a file"


def test_file_of_nobody_comes_back_under_its_own_name(various):
    names = of_unit(various, "未识别")
    assert len(names) == 4 and all(re.fullmatch(r"未识别-年终-[0-9a-f]{8}(-原件\.docx|\.xlsx)", name) for name in names)


def test_figures_of_another_year_do_not_come_back_on_this_years_form(various):
    assert various.returned(OF_LAST_YEAR).sheetnames == ["退回说明"]


# ---- names, and what stays


def test_units_of_one_name_or_an_unfit_name_do_not_collide():
    names = ("南川村", "南川村", "a/b", "con", "甲村", "甲村-原件", "X村", "x村")
    stems = return_stems(Place(str(code), name, "village", "村") for code, name in enumerate(names, start=1))
    assert stems["5"] == "甲村"
    assert stems["1"] == "1-南川村" and stems["2"] == "2-南川村" and stems["3"] == "3-a_b" and stems["4"] == "4-con"
    folded = [stem.casefold() for stem in stems.values()]
    assert len(set(folded)) == len(folded)
    assert stems["6"] == "6-甲村-原件"


def test_unchanged_return_is_not_written_again_and_is_the_same_anywhere(again):
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in again.back.iterdir()}
    again.collect()
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in again.back.iterdir()} == before
    shutil.rmtree(again.outputs)
    again.collect()
    assert {path.name: path.read_bytes() for path in again.back.iterdir()} == {k: v for k, (_, v) in before.items()}


def test_stale_files_go_and_what_is_not_ours_stays(again):
    (again.back / "我的笔记.xlsx").write_bytes(again.sent("大湾村").read_bytes())
    (again.back / "备忘.txt").write_text("打过电话")
    (again.back / "别的-原件.xlsx").write_bytes(b"mine")
    (again.back / ".三湾村.xlsx.tmp").write_bytes(b"half")
    again.send_back("三湾村", MENDED | {"A07": 12}, mend_rows)
    again.collect()
    assert sorted(path.name for path in again.back.iterdir()) == ["别的-原件.xlsx", "备忘.txt", "我的笔记.xlsx"]


# ---- words


@pytest.mark.parametrize(
    ("noted", "reasons", "expected"),
    [
        ("", ["并入王庄一百二十户"], "并入王庄一百二十户"),
        ("属实", ["并入王庄一百二十户"], "并入王庄一百二十户"),
        ("并入王庄一百二十户", ["并入王庄一百二十户"], "并入王庄一百二十户"),
        ("并入王庄一百二十户", ["另有三十户迁出本村"], "并入王庄一百二十户；另有三十户迁出本村"),
        ("属实", ["无误"], "属实；无误"),
    ],
)
def test_reason_beside_the_finding_joins_what_the_row_says(noted, reasons, expected):
    assert joined(noted, reasons) == expected
