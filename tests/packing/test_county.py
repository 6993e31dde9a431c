"""Packages of townships in a county's inbox: a submission for each of their units, by the county's own rules."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pytest

from flows.commands.cli import main
from flows.packing.answered import answers, remember
from flows.packing.intake import keys_of
from flows.packing.manifest import MANIFEST
from flows.packing.pack import pack
from flows.packing.receipt import opened, said
from flows.packing.receipts import receipts_of
from flows.packing.signing import Signer, new_keys
from flows.rebuild import rebuild
from flows.store.reader import published
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.roster import find_unit
from tests.benchmarks.correction import repacked
from tests.office import SAMPLE, judge_steps, run_steps, small_inputs
from tests.packing.test_package import changed, rewritten
from tests.returning import YEAR, edit

VILLAGES, OTHERS = ["三湾村", "南川村"], ["大湾村", "山林村"]
OTHER = {"大湾村": "三湾村", "山林村": "南水村", "990101101": "990101102", "示例镇": "别样镇"}
"""The other township has a village of the same name."""
HERE, THERE = "示例镇三湾村", "别样镇三湾村"


def township(folder: Path, villages: list[str], names: dict[str, str]) -> Path:
    """A township of two villages, with other names and codes where they are given."""
    inputs = small_inputs(folder, villages)
    for path in (inputs / "township.toml", inputs / "units.csv"):
        text = path.read_text(encoding="utf-8-sig").partition("\n[report]")[0]
        for old, new in names.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    for path in list((inputs / str(YEAR) / "submissions").iterdir()):
        if path.stem in names:
            repacked(path, path.with_name(f"{names[path.stem]}.xlsx"), names)
            path.unlink()
    run_steps(inputs, folder / "outputs")
    return folder


@pytest.fixture(scope="module")
def townships(tmp_path_factory) -> list[Path]:
    """Two townships' folders, each with its 包.zip."""
    found = [
        township(tmp_path_factory.mktemp("one"), VILLAGES, {}),
        township(tmp_path_factory.mktemp("two"), OTHERS, OTHER),
    ]
    for folder in found:
        pack(folder / "outputs", YEAR, folder / "包.zip")
    return found


@pytest.fixture(scope="module")
def corrected(townships, tmp_path_factory) -> Path:
    """The first township's package after one of its villages has corrected A07 to 13."""
    folder = shutil.copytree(townships[0], tmp_path_factory.mktemp("corrected") / "again")
    edit(folder / "inputs" / str(YEAR) / "submissions" / "三湾村.xlsx", {"A07": 13})
    run_steps(folder / "inputs", folder / "outputs")
    pack(folder / "outputs", YEAR, folder / "更正.zip")
    return folder / "更正.zip"


@pytest.fixture
def county(begun, tmp_path) -> Path:
    """A county's folder with both packages in its inbox and the roster made of them, not run yet."""
    return shutil.copytree(begun, tmp_path / "county")


@pytest.fixture(scope="module")
def begun(townships, tmp_path_factory) -> Path:
    """That folder, to be copied."""
    folder = tmp_path_factory.mktemp("begun")
    inputs = folder / "inputs"
    inbox = inputs / str(YEAR) / "submissions"
    inbox.mkdir(parents=True)
    settings = (SAMPLE / "township.toml").read_text(encoding="utf-8").partition("\n[report]")[0]
    settings = settings.replace('"990101101"', '"990101"').replace('name = "示例镇"', 'name = "示例县"', 1)
    (inputs / "township.toml").write_text(settings, encoding="utf-8")
    for name, own in zip(("示例镇", "别样镇"), townships, strict=True):
        shutil.copy(own / "包.zip", inbox / f"{name}.zip")
    packages = [str(path) for path in sorted(inbox.iterdir())]
    assert main(["package", "roster", *packages, "--out", str(inputs / "units.csv")]) == 0
    return folder


@pytest.fixture(scope="module")
def emitted(begun, tmp_path_factory) -> Path:
    """A county's folder with everything made, to be looked at only."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("emitted") / "county")
    assert run_steps(folder / "inputs", folder / "outputs").complete
    return folder


@pytest.fixture
def later(emitted, tmp_path) -> Path:
    """A copy of it that goes on."""
    return shutil.copytree(emitted, tmp_path / "later")


def run(county: Path):
    return judge_steps(county / "inputs", county / "outputs")


def asked(store: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(store / "outputs" / "cunhui.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


FACTS = "SELECT unit_code, indicator, value, text, raw, sheet, cell FROM facts ORDER BY ALL"


def test_county_has_every_fact_of_its_townships_with_their_cells_and_adds_them_up(emitted, townships):
    county = emitted
    assert asked(county, FACTS) == sorted(row for each in townships for row in asked(each, FACTS))
    totals = "SELECT code, indicator, value, text FROM totals WHERE level = 'township' ORDER BY ALL"
    assert asked(county, totals) == sorted(row for each in townships for row in asked(each, totals))
    [(of_county,)] = asked(county, "SELECT value FROM totals WHERE level = 'county' AND indicator = 'I01'")
    of_each = "SELECT sum(value) FROM facts WHERE indicator = 'I01'"
    assert of_county == sum(asked(each, of_each)[0][0] for each in townships)


def test_villages_of_one_name_are_told_apart_by_their_townships(emitted):
    units = "SELECT code, name, township FROM units ORDER BY code"
    assert [(code[:9], *rest) for code, *rest in asked(emitted, units)] == [
        ("990101101", "南川村", "示例镇"), ("990101101", HERE, "示例镇"),
        ("990101102", THERE, "别样镇"), ("990101102", "南水村", "别样镇"),
    ]  # fmt: skip
    roster = load_inputs(emitted / "inputs").units
    assert [find_unit(words, roster).code[:9] for words in (HERE, THERE)] == ["990101101", "990101102"]
    with pytest.raises(InputError, match=f"不止一个单位（{HERE} .*{THERE} .*），请写全称或代码"):
        find_unit("三湾村", roster)


def test_totals_name_every_place_and_names_of_villages_are_whole_above_their_township(emitted):
    places = "SELECT level, code, name FROM places ORDER BY code"
    assert asked(emitted, places) == [
        ("county", "990101", "示例县"), ("township", "990101101", "示例镇"), ("township", "990101102", "别样镇"),
    ]  # fmt: skip
    assert {name for (name,) in asked(emitted, "SELECT DISTINCT name FROM totals WHERE level <> 'village'")} == {
        "示例县", "示例镇", "别样镇"
    }  # fmt: skip
    names = "SELECT level, text FROM totals WHERE indicator = 'A22' AND text IS NOT NULL ORDER BY level"
    assert asked(emitted, names) == [("county", HERE), ("township", "三湾村")]


def test_view_of_an_area_has_a_subtotal_for_each_township_and_ratios_of_summed_parts(emitted):
    rows = asked(emitted, "SELECT 乡镇, 单位, 两委干部人数, 两委干部高中以上人数, 两委干部高中以上占比 FROM 党的建设")
    assert [row[:2] for row in rows] == [
        ("示例镇", "南川村"), ("示例镇", HERE), ("示例镇", "小计"),
        ("别样镇", THERE), ("别样镇", "南水村"), ("别样镇", "小计"), (None, "合计"),
    ]  # fmt: skip
    all_, able, shares = zip(*(row[2:] for row in rows), strict=True)
    for column in (all_, able):
        assert (column[0] + column[1], column[3] + column[4]) == (column[2], column[5])
        assert column[2] + column[5] == column[6]
    assert shares == tuple(round(part * 100 / whole, 4) for part, whole in zip(able, all_, strict=True))


SUMS = """
WITH figure AS (
    SELECT t.level, t.code, t.indicator, t.printed FROM totals t JOIN indicators i ON i.code = t.indicator
    WHERE i.total IN ('sum', 'list') AND t.printed IS NOT NULL),
part AS (
    SELECT left(code, if(level = 'village', 9, 6)) AS code, indicator, sum(printed) AS printed
    FROM figure WHERE level <> 'county' GROUP BY ALL)
SELECT count(*), count(*) FILTER (WHERE f.printed <> p.printed) FROM figure f JOIN part p USING (code, indicator)"""


def test_every_printed_sum_holds_from_the_village_to_the_county(emitted):
    [(checked, wrong)] = asked(emitted, SUMS)
    assert checked > 300 and wrong == 0
    moved = asked(emitted, "SELECT DISTINCT length(unit_code) FROM adjustments")
    assert {9, 12} <= {digits for (digits,) in moved}, "a township's own total gives way to the county's"
    check = openpyxl.load_workbook(emitted / "outputs" / str(YEAR) / "汇总表.xlsx")["校验"]
    words = [cell for row in check.iter_rows(values_only=True) for cell in row]
    assert "不符" not in words and "别样镇" in words


def test_tables_of_a_county_speak_of_it_and_have_its_townships_side_by_side(emitted):
    book = openpyxl.load_workbook(emitted / "outputs" / str(YEAR) / "汇总表.xlsx")
    assert book.sheetnames[1:3] == ["全县合计", "各乡镇合计"] and "全镇合计" not in book.sheetnames
    heads, *rows = list(book["各乡镇合计"].iter_rows(min_row=3, values_only=True))
    assert heads == ("代码", "指标名称", "计量单位", "示例镇", "别样镇", "合计")
    by_code = {row[0]: row[3:] for row in rows}
    assert by_code["A12"] == (2, 2, 4) and by_code["A22"] == ("三湾村", None, HERE)
    first = [row[0] for row in book["党的建设"].iter_rows(min_row=3, values_only=True)]
    lines = first[first.index("南川村") : first.index("合计") + 1]
    assert [line for line in lines if not line.endswith("区合计")] == [
        "南川村", HERE, "示例镇小计", THERE, "南水村", "别样镇小计", "合计"
    ]  # fmt: skip
    assert {series.tx.v for chart in book["图表"]._charts for series in chart.series} == {"各乡镇"}


DECLARED = Path(__file__).parents[2] / "schemas" / "declared"
OF_TOWNSHIPS = re.compile("全镇|全乡|本镇|本乡|我镇|镇直|乡直")


def emitted_texts(folder: Path) -> Iterator[str]:
    """All that is written into the files of a year: cells of workbooks, paragraphs of pages."""
    for path in folder.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path, read_only=True):
            yield sheet.title
            yield from (str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    for path in folder.rglob("*.html"):
        yield from path.read_text(encoding="utf-8").splitlines()


def test_nothing_that_a_county_gets_speaks_of_it_as_of_a_township(emitted):
    texts = list(emitted_texts(emitted / "outputs" / str(YEAR)))
    assert "全县合计" in texts
    declared = "\n".join(path.read_text(encoding="utf-8") for path in DECLARED.rglob("*.toml"))
    assert [text for text in texts if OF_TOWNSHIPS.search(text) and text not in declared] == []


def test_second_run_opens_no_package_and_a_lost_store_is_rebuilt_from_them(later, monkeypatch):
    before = asked(later, FACTS)
    (later / "outputs" / "cunhui.duckdb").unlink()
    rebuild(str(later / "inputs"), str(later / "outputs"))
    assert asked(later, FACTS) == before
    monkeypatch.setattr("flows.steps.read_package", None)
    assert run(later).complete


def test_package_that_does_not_add_up_sends_its_units_back_and_no_other(county, tmp_path):
    inbox = county / "inputs" / str(YEAR) / "submissions"
    raised = rewritten(tmp_path, "SELECT * REPLACE (value + 1 AS value) FROM old")
    forged = changed(inbox / "别样镇.zip", tmp_path / "x.zip", "totals.parquet", raised, honest=True)
    shutil.move(forged, inbox / "别样镇.zip")
    standing = run_steps(county / "inputs", county / "outputs")
    assert {one.name: one.accepted for one in standing.arrivals} == {
        HERE: True, "南川村": True, THERE: False, "南水村": False
    }  # fmt: skip
    assert "照各村的数算是" in " ".join(" ".join(said) for said in standing.messages.values())
    answers = {receipt.name: receipt for receipt in map(opened, receipts_in(county))}
    assert {name: receipt.state for name, receipt in answers.items()} == {"示例镇": "accepted", "别样镇": "returned"}
    assert "照各村的数算是" in "\n".join(said(answers["别样镇"]))
    assert [unit.name for unit in answers["别样镇"].units] == ["三湾村", "南水村"]
    made = county / "outputs" / str(YEAR)
    [notice] = (made / "退回").iterdir()
    assert notice.name == "报送包-别样镇.xlsx", "one for the township, and neither its package nor its villages' forms"
    [sheet] = openpyxl.load_workbook(notice)
    words = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert words[0] == "别样镇2023年度年报退回说明" and sum("照各村的数算是" in each for each in words) == 5
    assert "收到的报送包“别样镇.zip”里别样镇三湾村、南水村的报表有" in words[1]
    assert "请别样镇照下表改好" in words[2] and "重新汇总、打包，把新的报送包报示例县" in words[2]
    letter = (made / "催报" / "南水村.txt").read_text(encoding="utf-8").splitlines()
    assert letter[0] == "别样镇：" and letter[2].startswith("您报来的报送包“别样镇.zip”里，南水村的年报有")
    assert letter[3] == "请照“退回”里的“报送包-别样镇”改好，重新汇总、打包，再报来。"
    assert "您单位" not in "".join(letter)


def test_later_package_replaces_what_it_corrects(later, corrected):
    shutil.copy(corrected, later / "inputs" / str(YEAR) / "submissions" / "示例镇.zip")
    assert run(later).complete
    [(value,)] = asked(later, f"SELECT value FROM facts WHERE indicator = 'A07' AND unit_name = '{HERE}'")
    assert value == 13


def test_where_keys_are_known_an_unsigned_package_is_not_taken(county, townships, tmp_path):
    new_keys(tmp_path / "pair")
    keys = county / "inputs" / "keys"
    keys.mkdir()
    shutil.copy(tmp_path / "pair" / "cunhui.pub", keys / "别样镇.pub")
    assert keys_of(county / "inputs") == [keys / "别样镇.pub"]
    inbox = county / "inputs" / str(YEAR) / "submissions"
    (inbox / "别样镇.zip").unlink()
    pack(townships[1] / "outputs", YEAR, inbox / "别样镇.zip", Signer(tmp_path / "pair" / "cunhui.key"))
    new_keys(tmp_path / "own")
    shutil.copy(tmp_path / "own" / "cunhui.key", keys)
    standing = run_steps(county / "inputs", county / "outputs")
    assert {one.name: one.accepted for one in standing.arrivals} == {
        HERE: False, "南川村": False, THERE: True, "南水村": True
    }  # fmt: skip
    for receipt in receipts_in(county):
        assert opened(receipt, [tmp_path / "own" / "cunhui.pub"]) == opened(receipt)
        with pytest.raises(InputError, match="没有已知公钥的签名"):
            opened(receipt, [tmp_path / "pair" / "cunhui.pub"])


def receipts_in(county: Path) -> list[Path]:
    return sorted((county / "outputs" / str(YEAR) / "回执").iterdir())


def test_receipts_written_say_what_the_store_says_of_each_package(emitted):
    settings = load_inputs(emitted / "inputs").settings
    with published(emitted / "outputs") as store:
        made = {receipt.name: receipt for receipt in receipts_of(store, settings, YEAR)}
    assert {receipt.name: receipt for receipt in map(opened, receipts_in(emitted))} == made
    assert [unit.name for unit in made["别样镇"].units] == ["三湾村", "南水村"]


def test_receipt_is_kept_by_the_township_whose_package_it_answers_and_by_no_other(emitted, townships, tmp_path, capsys):
    own = shutil.copytree(townships[0], tmp_path / "own")
    where = ["--inputs", str(own / "inputs"), "--outputs", str(own / "outputs")]
    [theirs, ours] = receipts_in(emitted)

    def told(*words: str, fails: bool = False) -> str:
        assert (main([*words, *where]) == 2) == fails
        heard = capsys.readouterr()
        return heard.err if fails else heard.out

    assert "不是这里打的" in told("package", "receipt", str(ours), fails=True)
    remember(own / "outputs", YEAR, own / "包.zip")
    assert "：还没有收到回执" in told("status")
    assert "是给别样镇（990101102）的回执" in told("package", "receipt", str(theirs), fails=True)
    assert "是 2023 年的回执，这里是 2022 年" in told("package", "receipt", str(ours), "--year", "2022", fails=True)
    text = changed(ours, tmp_path / "x.zip", "receipt.json", lambda data: data.replace(b"accepted", b"returned"))
    assert "改过" in told("package", "receipt", str(text), fails=True)
    words = changed(ours, tmp_path / "y.zip", "回执.txt", lambda data: data + b"!")
    assert "改过" in told("package", "receipt", str(words), fails=True)
    assert "不是回执" in told("package", "receipt", str(own / "包.zip"), fails=True)
    assert "找不到回执" in told("package", "receipt", str(own / "none.zip"), fails=True)
    for _ in range(2):
        assert "示例县收到示例镇2023年报送包的回执" in told("package", "receipt", str(ours))
    [note] = answers(own / "outputs", YEAR, ZoneInfo("Asia/Shanghai"))
    assert note in told("status") and "：示例县" in note and "结果：已采用。各单位：" in note
    inbox = own / "inputs" / str(YEAR) / "submissions"
    for receipt in (ours, theirs):
        shutil.copy(receipt, inbox)
    standing = run(own)
    assert standing.complete and [loose.file for loose in standing.loose] == [theirs.name]
    assert "是给别样镇（990101102）的回执" in standing.loose[0].message
    assert [note] == answers(own / "outputs", YEAR, ZoneInfo("Asia/Shanghai"))
    later = shutil.copy(theirs, tmp_path / "后来.zip")  # any file stands for a later package
    remember(own / "outputs", YEAR, later)
    newest, before = answers(own / "outputs", YEAR, ZoneInfo("Asia/Shanghai"))
    assert newest.endswith("：还没有收到回执") and "（后来又打了包）" in before
    assert len(list((own / "outputs" / "archive").rglob("*.zip"))) == 3


def test_what_only_calls_itself_a_package_stops_nobody(county):
    inbox = county / "inputs" / str(YEAR) / "submissions"
    changed(
        inbox / "别样镇.zip", inbox / "更新.zip", MANIFEST, lambda data: data.replace(b'"format": ', b'"format": 9')
    )
    whole = (inbox / "别样镇.zip").read_bytes()
    (inbox / "别样镇.zip").write_bytes(whole[: len(whole) // 2])
    standing = run(county)
    assert {one.name for one in standing.arrivals if one.accepted} == {HERE, "南川村"}
    [cut, ahead] = sorted(one.message for one in standing.loose)
    assert "报送包不完整" in cut and "报送包是更新的村汇" in ahead and "请先升级再收。对方不用重新打包。" in ahead
    assert "封面" not in cut + ahead  # a package has none


def findings_of(county: Path) -> dict[str, set[str]]:
    """The codes of what must be mended, by the unit's name; "" for files that are no unit's."""
    rows = asked(county, "SELECT coalesce(unit_name, ''), code FROM findings WHERE grade = '强制'")
    return {name: {code for of, code in rows if of == name} for name, _ in rows}


def test_two_packages_of_one_township_and_one_of_a_township_elsewhere_are_findings(county, corrected):
    inbox = county / "inputs" / str(YEAR) / "submissions"
    shutil.copy(corrected, inbox / "示例镇另一份.zip")
    roster = county / "inputs" / "units.csv"
    lines = roster.read_text(encoding="utf-8-sig").splitlines()
    roster.write_text("\n".join(line for line in lines if not line.startswith("990101102")) + "\n", encoding="utf-8")
    standing = run(county)
    assert {one.name: one.accepted for one in standing.arrivals} == {"三湾村": False, "南川村": False}
    found = findings_of(county)
    assert found["三湾村"] == found["南川村"] == {"TWO_FILES"} and found[""]
    told = [row[0] for row in asked(county, "SELECT message FROM findings WHERE code = 'TWO_FILES'")]
    assert told and not any("!" in words or "990101101201" in words for words in told), told
    assert not asked(county, "SELECT * FROM facts WHERE unit_code::VARCHAR LIKE '990101102%'")


def test_package_of_another_year_is_sent_back(county):
    inputs = county / "inputs"
    (inputs / str(YEAR)).rename(inputs / str(YEAR + 1))
    path = inputs / "township.toml"
    text = path.read_text(encoding="utf-8").replace(f"year = {YEAR}", f"year = {YEAR + 1}")
    path.write_text(text.replace("2024-01-10", "2025-01-10"), encoding="utf-8")
    standing = run(county)
    assert not any(one.accepted for one in standing.arrivals)
    assert {"YEAR_MISMATCH"} == set().union(*findings_of(county).values())
    assert not asked(county, "FROM facts")


def test_unit_that_still_owes_its_township_a_form_is_not_in_at_the_county(county, tmp_path):
    inbox = county / "inputs" / str(YEAR) / "submissions"
    owing = rewritten(tmp_path, "SELECT * REPLACE (if(name = '三湾村', 'own other', forms) AS forms) FROM old")
    part = rewritten(tmp_path, "SELECT * REPLACE (if(file LIKE '三湾村%', 'own', form) AS form) FROM old")
    changed(inbox / "示例镇.zip", tmp_path / "x.zip", "units.parquet", owing, honest=True)
    changed(tmp_path / "x.zip", tmp_path / "y.zip", "submissions.parquet", part, honest=True)
    shutil.move(tmp_path / "y.zip", inbox / "示例镇.zip")
    standing = run(county)
    assert [one.name for one in standing.arrivals if not one.accepted] == [HERE]
    assert findings_of(county) == {HERE: {"PACKAGE_PARTIAL"}}
