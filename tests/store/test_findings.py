"""A stored finding is data: its words are made when it is shown, by SQL and by Python alike, in today's templates."""

import json

import duckdb
import openpyxl
import pandas as pd
import pytest
from msgspec.structs import replace

from flows import steps
from flows.judging.finding_rows import FINDING_COLUMNS
from flows.store.findings import told
from flows.store.pending import load_copies, load_pending
from flows.store.store import Store
from schemas.findings import KINDS, Finding, spoken
from schemas.outputs import BOARD, PROBLEMS, RETURNS
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE, findings_of, open_store, run_steps, small_inputs, submit, units_of
from tests.returning import edit

ROSTER = "南川村 川区"
NASTY = (
    "{name}", "{raw}{raw}", "{}{", "。：，“”", "a\nb\tc\r", 'x"\\u0041\'; --', "$.raw", "<b>&amp;</b>", "👪é\u200b",
    " ", "",
)  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, units_of(ROSTER)) as store:
        yield store


def put(store: Store, sub: int, findings: list[Finding]) -> None:
    """Store the findings of a submission."""
    rows = [(sub, "read", number, one.code, one.level, one.indicator, one.sheet, one.cell, one.raw, one.kept, "", False)
            for number, one in enumerate(findings, start=1)]  # fmt: skip
    store.db.register("incoming", pd.DataFrame(rows, columns=FINDING_COLUMNS))
    store.db.execute("INSERT INTO base.finding BY NAME SELECT * FROM incoming")


@pytest.mark.parametrize("raw", NASTY)
def test_sql_and_python_say_the_same_of_every_kind(store, raw):
    sub = submit(store, units_of(ROSTER)[0], {})
    findings = [
        Finding(kind.code, sheet, "D12" if sheet else "", "", raw,
                {name: f"{raw}{{{name}}}" for name in kind.values - {"raw"}})
        for kind in KINDS.values() for sheet in ("", "某 表：{raw}")
    ]  # fmt: skip
    put(store, sub, findings)
    said = [row[0] for row in store.rows("SELECT message FROM findings ORDER BY number")]
    assert said == [finding.message("南川村") for finding in findings]
    assert {(one.problem, one.mend) for one in told(store, CATALOGUE, [sub])[sub]} == {
        (finding.problem, finding.mend) for finding in findings
    }


def test_value_of_the_same_name_goes_before_the_cells_own_text(store):
    sub = submit(store, units_of(ROSTER)[0], {})
    finding = Finding("EXTRA_NOTE", raw="很长的原文", details={"raw": "很长…"})
    put(store, sub, [finding])
    assert store.rows("SELECT message, raw FROM findings") == [(finding.message("南川村"), "很长的原文")]


def test_finding_without_what_its_sentence_speaks_of_is_a_bug():
    with pytest.raises(KeyError, match="name"):
        _ = Finding("MISSING").kept


def test_finding_older_than_the_registry_is_still_told(store):
    sub = submit(store, units_of(ROSTER)[0], {})
    store.db.execute(
        """INSERT INTO base.finding BY NAME SELECT $sub AS sub_id, 'read' AS stage, unnest([1, 2, 3]) AS number,
           unnest(['GONE', 'MISSING', 'MISSING']) AS code, '强制' AS grade, unnest(['{}', '{}', NULL]) AS details""",
        {"sub": sub},
    )
    said = [row[0] for row in store.rows("SELECT message FROM findings ORDER BY number")]
    assert said == ["南川村：GONE"] + ["南川村：没有填。这一项必须填写；确实没有的填 0。"] * 2
    assert [(one.problem, one.mend) for one in told(store, CATALOGUE, [sub])[sub]] == [
        ("GONE", ""), *[("没有填", "这一项必须填写；确实没有的填 0。")] * 2
    ]  # fmt: skip
    assert spoken("GONE", "", "{}") == ("GONE", "")


def test_store_of_before_keeps_what_it_said(tmp_path):
    """Sentences were stored with their place in front; of a copy and of a notice without."""
    with open_store(tmp_path, units_of(ROSTER)) as store:
        sub = submit(store, units_of(ROSTER)[0], {})
        copy = submit(store, units_of(ROSTER)[0], {})
        store.db.execute("UPDATE base.submission SET same_as = ? WHERE sub_id = ?", [sub, copy])
        store.db.execute("ALTER TABLE base.finding DROP COLUMN details")
        store.db.execute("ALTER TABLE base.notice DROP COLUMN details")
        store.db.execute("ALTER TABLE base.finding ADD COLUMN message VARCHAR")
        store.db.execute("ALTER TABLE base.notice ADD COLUMN message VARCHAR")
        rows = [
            (sub, 1, "MISSING", "某表", "D12", "南川村 某表 D12：旧话：没有填。请填。"),
            (sub, 2, "MISSING", "", "", "旧名村：没有填：请填。"),
            (copy, 3, "FILE_DUPLICATE", "", "", "文件“甲：乙.xlsx”重复。不必再报。"),
        ]
        store.db.executemany(
            """INSERT INTO base.finding BY NAME SELECT $1 AS sub_id, 'read' AS stage, $2 AS number, $3 AS code,
               '强制' AS grade, $4 AS sheet, $5 AS cell, $6 AS message""",
            rows,
        )
        store.db.execute(
            """INSERT INTO base.notice BY NAME SELECT 2023 AS year, '锁' AS file, 'FILE_OPEN_ELSEWHERE' AS code,
               '提示' AS grade, '有人开着。请关闭。' AS message"""
        )
        store.db.execute("DELETE FROM base.meta WHERE key = 'schema'")
    with Store(tmp_path / "cunhui.duckdb") as store:
        said = dict(store.rows("SELECT coalesce(number, 0), message FROM findings"))
        assert said == {
            1: "南川村 某表 D12：旧话：没有填。请填。",
            2: "南川村：没有填：请填。",
            3: "文件“甲：乙.xlsx”重复。不必再报。",
            0: "有人开着。请关闭。",
        }
        assert [one.problem for one in told(store, CATALOGUE, [sub])[sub]] == ["旧话：没有填。请填。", "没有填：请填。"]
        settings = load_settings(SAMPLE, CATALOGUE)
        [notice] = [p for p in load_pending(store, CATALOGUE, settings, 2023) if p.state == "notice"]
        assert notice.findings[0].problem == "有人开着。请关闭。"
        assert load_copies(store, 2023) == []
        columns = store.rows(
            "SELECT table_name FROM duckdb_columns() WHERE column_name = 'message' AND schema_name = 'base'"
        )
        assert columns == []


# ---- a template is reworded


def words_of(path) -> str:
    if path.suffix == ".html":
        return path.read_text("utf-8")
    return "\n".join(
        str(cell.value) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row
        if cell.value is not None
    )  # fmt: skip


def test_reworded_template_changes_every_output_at_the_next_run_without_reading(tmp_path, monkeypatch):
    inputs, outputs = small_inputs(tmp_path, ["三湾村", "大湾村"]), tmp_path / "outputs"
    edit(inputs / "2023" / "submissions" / "三湾村.xlsx", {"I01": "若干户"})
    (inputs / "2023" / "submissions" / "~$大湾村.xlsx").write_bytes(b"lock")
    run_steps(inputs, outputs)
    monkeypatch.setattr(steps, "read_files", lambda files, *_, **__: [pytest.fail("read again") for _ in files])
    for code, text in (
        ("NOT_A_NUMBER", "{name}这格写成了“{raw}”，认不得"),
        ("FILE_OPEN_ELSEWHERE", "“{file}”别人开着"),
    ):
        monkeypatch.setitem(KINDS, code, replace(KINDS[code], problem=text))
    standing = run_steps(inputs, outputs)
    new, locked = "这格写成了“若干户”，认不得", "“~$大湾村.xlsx”别人开着"
    folder = outputs / "2023"
    [returned] = [path for path in (folder / RETURNS).glob("三湾村*.xlsx") if not path.stem.endswith("原件")]
    for path in (folder / PROBLEMS, returned, folder / BOARD):
        assert new in words_of(path) and "不是数字" not in words_of(path), path.name
    assert locked in words_of(folder / BOARD)
    assert any(new in one for messages in standing.messages.values() for one in messages)
    assert [loose.message for loose in standing.loose if locked in loose.message]
    [message] = findings_of(outputs).query("code == 'NOT_A_NUMBER'")["message"]
    assert new in message
    with duckdb.connect(str(outputs / "published" / "cunhui.duckdb"), read_only=True) as db:
        kept = db.execute("SELECT details FROM base.finding WHERE code = 'NOT_A_NUMBER'").fetchone()
        assert json.loads(kept[0])["name"] == CATALOGUE.indicators["I01"].name
        assert db.execute("SELECT message FROM findings WHERE code = 'NOT_A_NUMBER'").fetchone() == (message,)
