"""Check: readings of one chunk to typed facts and findings, ready for the store. Pure: frames in, frames out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter, itemgetter

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from flows.inbox.submission import Submission
from flows.judging.correct import Row, correct, correction_rows, subject_of
from flows.judging.finding_rows import Case, word
from flows.judging.list_rows import doubtful_rows
from flows.values.characters import tidy_text
from flows.values.fields import Field, no_name, says_nothing
from flows.values.normalise import normalise
from schemas.catalogue import Catalogue
from schemas.checks import list_checks
from schemas.columns import Columns
from schemas.findings import Finding
from schemas.frames import Failed, check_values, failures
from schemas.names import plain
from schemas.records import Column

FACT_COLUMNS = [
    "sub_id", "indicator", "value", "text", "raw", "sheet_no", "row_no", "col_no", "note", "explanation",
    "last", "last_col",
]  # fmt: skip
CELL_NAMES = {"indicator": "list_column", "row": "sheet_row", "col": "sheet_col"}
CELL_COLUMNS = [
    "sub_id", "list", "row_no", "list_column", "value", "text", "raw", "sheet_no", "sheet_row", "sheet_col",
    "explanation",
]  # fmt: skip
ANSWER_COLUMNS = [
    "sub_id", "indicator", "raw", "kind", "sheet", "row", "col", "explanation", "last", "last_col", "meant",
]  # fmt: skip


def check(chunk: Sequence[Submission], catalogue: Catalogue, year: int) -> dict[str, pd.DataFrame]:
    """What the store keeps of a chunk: frames `fact`, `list_cell`, `finding`, `sheet` and `correction`, by sub_id.

    Findings are complete: reading, ownership, cells and relations at once; nothing is raised for what was sent.
    """
    due = {item.sub_id: item.corrections for item in chunk}
    fields = {code: Field.of(item) for code, item in catalogue.indicators.items()}
    of_answers = correct(*_normalised(_with_last(_answers(chunk), fields), fields), due)
    of_cells = correct(*normalise(_list_cells(chunk), _column_fields(catalogue)), due)
    answers, cells = of_answers.frame, of_cells.frame
    found = [_of_file(chunk), _at(answers, of_answers.findings), _at(cells, of_cells.findings)]
    found.append([(sub, finding, ()) for part in (of_answers, of_cells) for sub, finding in part.unplaced])
    spoilt = {i for i, f in of_answers.findings if f.level == "强制"}
    cover, lacking = _cover(chunk, catalogue)
    found.append(lacking)
    found.append(_relations(chunk, answers, catalogue, year, spoilt))
    found.append(_rows(cells, catalogue, {i for i, f in of_cells.findings if f.level == "强制"}))
    findings = [finding for part in found for finding in part]
    places = pd.concat([answers[["sub_id", "sheet"]], cells[["sub_id", "sheet"]]]).drop_duplicates()
    places = places.sort_values(["sub_id", "sheet"])
    places["sheet_no"] = places.groupby("sub_id").cumcount()
    return {
        "fact": answers.merge(places).rename(columns={"row": "row_no", "col": "col_no"})[FACT_COLUMNS],
        "list_cell": cells.merge(places).rename(columns=CELL_NAMES)[CELL_COLUMNS],
        "finding": word(
            findings,
            pd.concat([answers, _told(cells)]),
            "read",
            of_answers.waived | of_cells.waived,
        ),
        "sheet": places.rename(columns={"sheet": "name"}),
        "cover": cover,
        "correction": correction_rows((of_answers, of_cells)),
    }


def _column_fields(catalogue: Catalogue) -> dict[str, Field]:
    return {column.code: Field.of(column) for one in catalogue.lists.values() for column in one.columns}


def _answers(chunk: Sequence[Submission]) -> pd.DataFrame:
    answers = [answer for item in chunk for answer in item.reading.answers]
    columns = {"sub_id": [item.sub_id for item in chunk for _ in item.reading.answers]}
    columns |= {name: [*map(attrgetter(name), answers)] for name in ANSWER_COLUMNS if name not in columns}
    return pd.DataFrame(columns).astype({"sub_id": "int64", "sheet": "str", "row": "int64", "col": "int64"})


def _normalised(answers: pd.DataFrame, fields: Mapping[str, Field]) -> tuple[pd.DataFrame, list[tuple[int, Finding]]]:
    """The answers with their values; where a choice was written as its number, that of the choice, and raw as sent."""
    meant = answers["meant"] != ""
    said = answers.assign(raw=answers["raw"].mask(meant, answers["meant"]), kind=answers["kind"].mask(meant, "text"))
    typed, findings = normalise(said, fields)
    return typed.assign(raw=answers["raw"], kind=answers["kind"]), findings


def _with_last(answers: pd.DataFrame, fields: Mapping[str, Field]) -> pd.DataFrame:
    """The answers with what their forms show as last year's as a figure too; what is none is left out, not found fault
    with, for nobody was asked to write it."""
    texts = [code for code, field in fields.items() if field.is_text]
    shown = answers[(answers["last"] != "") & ~answers["indicator"].isin(texts)]
    figures, _ = normalise(shown[["indicator"]].assign(raw=shown["last"], kind="number"), fields)
    return answers.assign(last=figures["value"].reindex(answers.index))


def _list_cells(chunk: Sequence[Submission]) -> pd.DataFrame:
    rows = [
        (item.sub_id, c.list, c.row_no, c.column, c.raw, c.kind, c.sheet, c.row, c.col, c.explanation)
        for item in chunk
        for c in item.reading.list_cells
    ]
    names = ["sub_id", "list", "row_no", "indicator", "raw", "kind", "sheet", "row", "col", "explanation"]
    return pd.DataFrame(rows, columns=names).astype({"sub_id": "int64", "sheet": "str", "row": "int64", "col": "int64"})


def _cover(chunk: Sequence[Submission], catalogue: Catalogue) -> tuple[pd.DataFrame, list[Case]]:
    """What the covers say in the catalogue's own fields, one row each, and what they should say and do not."""
    rows, cases = [], list[Case]()
    for item, field in ((item, field) for item in chunk for field in catalogue.fields.values()):
        said = tidy_text(item.reading.cover.get(plain(field.name), ""))[0]
        rows.append((item.sub_id, field.key, field.name, said))
        why = "没有填写" if not said or says_nothing(said) else "填的不像人名" if field.holds and no_name(said) else ""
        if why and item.reading.kind and (field.required or (said and not says_nothing(said))):
            cases.append((item.sub_id, Finding("COVER_MISSING", details={"name": field.name, "why": why}), ()))
    return pd.DataFrame(rows, columns=["sub_id", "key", "name", "value"]), cases


def _of_file(chunk: Sequence[Submission]) -> list[Case]:
    return [
        (item.sub_id, finding, (finding.indicator,) if finding.indicator else ())
        for item in chunk
        for finding in (*item.owner.findings, *item.reading.findings)
    ]


def _at(frame: pd.DataFrame, found: Sequence[tuple[int, Finding]]) -> list[Case]:
    """Cell findings of the normaliser with their cells."""
    cases = []
    for index, finding in found:
        row: Row = frame.loc[index]
        cases.append((int(row["sub_id"]), _placed(finding, row), (subject_of(row),)))
    return cases


def _placed(finding: Finding, row: Row) -> Finding:
    cell = f"{get_column_letter(int(row['col']))}{row['row']}" if row["row"] else ""
    return replace(finding, sheet=row["sheet"], cell=cell, raw=finding.raw or str(row["raw"]))


def _relations(
    chunk: Sequence[Submission], answers: pd.DataFrame, catalogue: Catalogue, year: int, spoilt: set[int]
) -> list[Case]:
    """Blank areas, then every failed check of every form, one pandera call per kind of form."""
    items = list(catalogue.indicators.values())
    item = pd.Index(list(catalogue.indicators)).get_indexer(pd.Index(answers["indicator"]))
    sub = answers["sub_id"].to_numpy()
    blank, cases = _blank_areas(answers, [one.area for one in items], item)
    worded = np.array([one.is_answered_in_words for one in items], bool)[item] & answers["text"].notna().to_numpy()
    figures = np.where(worded, 1, answers["value"].to_numpy("int64", na_value=0))  # answered: all that is checked
    known = (worded | answers["value"].notna().to_numpy()) & ~blank
    usable = ~blank & ~answers.index.isin(list(spoilt))
    for office in {item.owner.unit.office for item in chunk if item.owner.unit}:
        members = [item.sub_id for item in chunk if item.owner.unit and item.owner.unit.office == office]
        reported = catalogue.reported(year, office)
        asked = [item.code for item in reported if not item.is_text or item.is_answered_in_words]
        given = usable & np.isin(sub, members)
        subs = np.unique(sub[given])
        lines = pd.Index(asked).get_indexer(pd.Index(list(catalogue.indicators)))[item]
        told = given & known & (lines >= 0)
        values = Columns.placed(subs.tolist(), asked, np.searchsorted(subs, sub[told]), lines[told], figures[told])
        failed = check_values(values, catalogue, year, office)
        cases += _cases(failed, values, answers, usable)
    return cases


def _blank_areas(answers: pd.DataFrame, areas: Sequence[str], item: np.ndarray) -> tuple[np.ndarray, list[Case]]:
    """Which answers are of a submission's area without any, and what is said of each such area.

    `areas` are those of the items, `item` the item of each answer.
    """
    numbers = {area: number for number, area in enumerate(dict.fromkeys(areas))}
    of_sub = np.unique(answers["sub_id"].to_numpy(), return_inverse=True)[1]
    place = of_sub * len(numbers) + np.array([numbers[area] for area in areas])[item]
    said = np.zeros(place.max(initial=-1) + 1, bool)
    said[place[(answers["kind"] != "blank").to_numpy()]] = True
    blank = ~said[place]
    rows = np.flatnonzero(blank)
    firsts = np.sort(rows[np.unique(place[rows], return_index=True)[1]])
    subs, sheets = (answers[name].iloc[firsts].tolist() for name in ("sub_id", "sheet"))
    told = zip(subs, sheets, item[firsts].tolist(), strict=True)
    return blank, [(sub_id, Finding("AREA_BLANK", sheet=sheet, raw=areas[int(of)]), ()) for sub_id, sheet, of in told]


def _cases(failed: Sequence[Failed], values: Columns, answers: pd.DataFrame, usable: np.ndarray) -> Iterator[Case]:
    """Failed checks as findings at a cell, cascades left out: what is missing for a reason already found, and a
    relation whose figures all stand in a larger failed one."""
    concerned = answers["sub_id"].isin({values.rows[place] for place, _ in failed}).to_numpy()
    keys = [*zip(*(answers[name][concerned].tolist() for name in ("sub_id", "indicator")), strict=True)]
    can = {key for key, one in zip(keys, usable[concerned].tolist(), strict=True) if one}
    places = dict(zip(reversed(keys), reversed(np.flatnonzero(concerned)), strict=True))  # the first of each
    for place, of_one in groupby(sorted(failed, key=itemgetter(0)), key=itemgetter(0)):
        sub_id, figures = values.rows[place], values.at(place)
        checks = [check for _, check in of_one]
        must = [set(check.codes) for check in checks if check.grade == "强制"]
        for one in checks:
            if all((sub_id, code) in can for code in one.codes) and not any(set(one.codes) < wide for wide in must):
                finding = one.finding(figures)
                yield sub_id, _placed(finding, answers.iloc[places[sub_id, one.codes[0]]]), one.codes


def _rows(cells: pd.DataFrame, catalogue: Catalogue, spoilt: set[int]) -> list[Case]:
    """Row checks of the line lists: what a row must have, bounds, and relations between its columns."""
    cases: list[Case] = []
    for name, of_list in cells.groupby("list", sort=True):
        line_list = catalogue.lists[str(name)]
        columns = line_list.columns
        keys = of_list.groupby(["sub_id", "row_no"], sort=True).ngroup()
        first = of_list.assign(key=keys, place=of_list.index).drop_duplicates(["key", "indicator"])
        known = first.set_index(["key", "indicator"])
        cases += _lacking(known[~known["place"].isin(spoilt)], columns)
        codes = [column.code for column in columns]
        values = Columns.of(range(keys.max() + 1), codes, first["key"], first["indicator"], first["value"])
        checks = list_checks(line_list)
        for key, one in failures(checks, [check.residual(values) for check in checks]):
            place: Row = known.loc[(key, one.codes[0])]
            subjects = tuple(f"{code} {place['row_no']}" for code in one.codes)
            cases.append((int(place["sub_id"]), _placed(one.finding(values.at(key)), place), subjects))
        cases += doubtful_rows(of_list, line_list)
    return cases


def _lacking(known: pd.DataFrame, columns: Sequence[Column]) -> list[Case]:
    """One finding for each list row that lacks something it must have, being blank or saying 无, / or the like."""
    without = known["value"].isna() & (known["text"].isna() | known["text"].isin(["", "0"]))
    empty = known[(known["kind"] == "blank") | without].reset_index()
    required = {column.code: column.name for column in columns if column.required}
    cases: list[Case] = []
    for _, row in empty[empty["indicator"].isin(required)].groupby("key", sort=True):
        details = {"row": str(row["row_no"].iloc[0]), "name": "、".join(required[code] for code in row["indicator"])}
        cases.append((int(row["sub_id"].iloc[0]), _placed(Finding("ROW_INCOMPLETE", details=details), row.iloc[0]), ()))
    return cases


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """The list cells' explanations under their subjects."""
    told = cells[["sub_id", "explanation"]]
    return told.assign(indicator=cells["indicator"] + " " + cells["row_no"].astype("str"))
