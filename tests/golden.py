"""What the project gave when it was last looked at: figures, findings and every emitted text, as lines to compare.

`python -m tests.golden` writes tests/data/golden anew; read its diff before you commit it, line by line.
Moments of the run and days still to go are left out, for they differ at every run.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from flows.inbox.submission import Submission
from schemas.findings import Finding
from tests.office import SAMPLE, run_steps
from tests.returning import edit

KEPT = Path(__file__).parent / "data" / "golden"
MESSY = "messy"
"""The part that the tests of the messy corpus compare, for they have read it already."""
YEAR = 2023
QUERIES = {
    "totals": "SELECT year, level, code, name, indicator, indicator_name, value, unit, printed, printed_unit, text, "
    "numerator, denominator, units_counted, units_expected, provisional FROM totals ORDER BY ALL",
    "facts": "SELECT year, unit_code, indicator, value, text, raw, left(sha256, 8), file, sheet, cell, revision, note, "
    "explanation, correction FROM facts ORDER BY ALL",
    "list_rows": "SELECT year, unit_code, list, row_no, list_column, value, text, raw, file, sheet, cell "
    "FROM list_rows ORDER BY ALL",
    "findings": "SELECT year, unit_name, revision, state, code, grade, indicator, sheet, cell, raw, message, "
    "explanation, explained, file FROM findings ORDER BY ALL",
    "submissions": "SELECT year, unit_name, revision, state, file, format, form_version FROM submissions ORDER BY ALL",
    "adjustments": "FROM adjustments ORDER BY ALL",
    "units": "FROM units ORDER BY ALL",
    "indicators": "FROM indicators ORDER BY ALL",
}
OF_THE_DAY = {"自哪天起", "已有几天", "超期几天", "最近报送"}
_MOMENT = re.compile(
    r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?([+-]\d\d(:?\d\d)?)?|20\d\d年\d+月\d+日( \d\d:\d\d|\d+时(\d+分)?)?"
    r"|(已过|还有|已有) ?\d+ ?天|今天(刚过|到期)|Z?\d{10}\.\d+"
)


def golden(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """(name, lines) of everything that is compared; `folder` is where it may work."""
    for name, inputs in (("sample", SAMPLE), ("spoilt", _spoilt(folder / "spoilt"))):
        outputs = folder / f"outputs-{name}"
        standing = run_steps(inputs, outputs)
        yield f"{name}/standing", [f"{one.name} {one.state} {one.must} {one.confirm}" for one in standing.arrivals]
        for kind, rows in _queried(
            outputs / "cunhui.duckdb", QUERIES if name == "sample" else ("findings", "submissions")
        ):
            yield f"{name}/{kind}", rows
        for path in sorted((outputs / str(YEAR)).rglob("*")):
            if path.is_file() and (lines := lines_of(path)) is not None:
                yield f"{name}/{path.relative_to(outputs / str(YEAR)).as_posix()}", lines


def _spoilt(folder: Path) -> Path:
    """The sample's inputs with faulty, foreign, doubled and missing files in this year's inbox."""
    shutil.copytree(SAMPLE, folder)
    inbox = folder / str(YEAR) / "submissions"
    edit(inbox / "三湾村.xlsx", {"I01": "若干户", "C05": "约2500亩"})
    edit(inbox / "大湾村.xlsx", {"I02": 3, "I05": "12 345", "C05": -5})
    edit(inbox / "山林村.xlsx", {"I01": 900000, "I02": None})
    shutil.copy(inbox / "南川村.xlsx", inbox / "南川村副本.xlsx")
    edit(inbox / "南川村副本.xlsx", {"I01": 17})
    shutil.copy(inbox / "张沟村.xlsx", inbox / "张沟村(1).xlsx")
    (inbox / "东风村.xlsx").write_bytes(b"not a workbook")
    (inbox / "罗川村.xlsx").unlink()
    (inbox / "附件.pdf").write_bytes(b"%PDF-1.4")
    return folder


def _queried(store: Path, names: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    with duckdb.connect(str(store), read_only=True) as db:
        for name in names:
            yield name, [_row(row) for row in db.execute(QUERIES[name]).fetchall()]
        views = db.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY 1"
        )
        for (view,) in views.fetchall():
            if not view.isascii():
                rows = [_row(row) for row in db.execute(f'FROM "{view}"').fetchall()]
                yield f"views/{view}", sorted(rows) if view.endswith("历年") else rows


def lines_of(path: Path) -> list[str] | None:
    """What a file says, one line a row or paragraph; None of a village's own file sent back untouched."""
    if path.suffix == ".xlsx" and not path.stem.endswith("原件"):
        return [
            _row((sheet.title, number, *values))
            for sheet in openpyxl.load_workbook(path)
            for number, values in _rows(sheet)
            if any(value is not None for value in values)
        ]
    if path.suffix == ".docx":
        import docx

        return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    if path.suffix == ".html":
        drawn = r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>|sha256-[\w+/=]+"
        page = re.sub(drawn, "", path.read_text("utf-8"), flags=re.S)
        return [
            _still(line) for line in re.sub(r"(?<=[>}\]])|(?<=,)(?=[\[{\"])", "\n", page).splitlines() if line.strip()
        ]
    return None


def _rows(sheet: Worksheet) -> Iterator[tuple[int, tuple]]:
    """Each row with its number; what stands under a head that tells of the day of the run is left out."""
    moving: set[int] = set()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, tuple("<时>" if at in moving and value is not None else value for at, value in enumerate(values))
        moving |= {at for at, value in enumerate(values) if value in OF_THE_DAY}


def _row(values: tuple) -> str:
    return _still("|".join("" if value is None else str(value).replace("\n", "⏎") for value in values))


def _still(text: str) -> str:
    return _MOMENT.sub("<时>", text)


def messy_lines(titles: Sequence[str], chunk: Sequence[Submission], frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Facts and findings of the messy corpus, with their cells, in words; the titles are those of the chunk."""
    lines = []
    for kind in ("fact", "list_cell", "finding"):
        frame = frames[kind].drop(columns=["last", "last_col"], errors="ignore").astype("object")
        for row in frame.where(frame.notna(), None).itertuples(index=False):
            said = row._replace(details=_sentence(row, chunk[row.sub_id])) if kind == "finding" else row
            lines.append(f"{titles[row.sub_id]}|{kind}|{_row(tuple(said)[1:])}")
    return lines


def _sentence(row: tuple, item: Submission) -> str:
    """The words of a finding's row, as they are told to the unit that sent the submission."""
    finding = Finding(row.code, row.sheet, row.cell, row.indicator, row.raw, json.loads(row.details))
    return finding.message(item.owner.unit.name if item.owner.unit else item.reading.file)


def kept(name: str) -> Path:
    """Where a golden part is kept."""
    return KEPT / f"{name}.txt"


def main() -> int:
    """Write everything anew."""
    from tests.reading.test_messy_corpus import judge

    with tempfile.TemporaryDirectory() as folder:
        parts = dict(golden(Path(folder)))
        (Path(folder) / "messy").mkdir()
        corpus = judge(Path(folder) / "messy")
        parts[MESSY] = messy_lines(corpus.titles, corpus.chunk, corpus.frames)
    shutil.rmtree(KEPT, ignore_errors=True)
    for name, lines in parts.items():
        kept(name).parent.mkdir(parents=True, exist_ok=True)
        kept(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
