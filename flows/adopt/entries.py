"""What was found and confirmed, as the files of a catalogue: indicators, lists, units, and the form itself."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flows.adopt.codes import Codes, taken_in, wanted_codes, wanted_list_codes
from flows.adopt.entry_files import LONGEST, Cancelled, area_file, cancelled_text, list_file
from flows.adopt.found import Answer, FoundForm, FoundSheet
from schemas.adopted import (
    FORMS,
    SIGNATURES,
    SUFFIX,
    AdoptedAnswer,
    AdoptedBlock,
    AdoptedForm,
    AdoptedSheet,
    form_text,
    signature_name,
)
from schemas.catalogue import Catalogue
from schemas.measures import Measures


class Entries(NamedTuple):
    """Files by their path in the catalogue, and the adopted form."""

    files: dict[str, bytes]
    form: AdoptedForm
    new_units: tuple[str, ...]


def entries(
    form: FoundForm,
    before: Catalogue | None,
    areas: Mapping[int, str],
    former: AdoptedForm | None = None,
    numbers: Mapping[str, int] | None = None,
    cancelled: Cancelled | None = None,
) -> Entries:
    """The files of one form on top of a catalogue without it.

    `areas` are named by the sheets' numbers. `former` is the form as it was adopted before, for its codes; `numbers`
    are those that its areas had, by name. `cancelled` stay in the catalogue for the years before; what is new counts
    from the year after.
    """
    codes = Codes([*taken_in(before), *(cancelled.bodies if cancelled else ())], former)
    since = cancelled.until + 1 if cancelled else None
    inner: dict[str, str] = {}
    files: dict[str, bytes] = {}
    used = [area.number for area in before.areas.values()] if before else []
    number = max([*used, *(numbers or {}).values()], default=0)
    units: list[str] = []
    sheets = []
    for at, sheet in enumerate(form.sheets, start=1):
        prefix = codes.prefix()
        for n, answer in enumerate(sheet.answers, start=1):
            inner[answer.id] = codes.take(sheet.name, answer.place, wanted_codes(answer, prefix, n, inner), answer.slot)
        lists = {
            n: codes.take(sheet.name, (0, n), wanted_list_codes(codes, sheet, n, prefix)) for n in _list_blocks(sheet)
        }
        units += [a.unit for a in sheet.answers if a.unit]
        relations = [
            one for one in form.relations if one.left and one.ids and one.ids[0] in {a.id for a in sheet.answers}
        ]
        key = f"adopted_{form.sha256[:8]}_{at}"
        area = areas[sheet.number]
        files[f"indicators/{key}.toml"] = area_file(
            form, sheet, area, (numbers or {}).get(area, number + at), inner, relations, lists, since
        )
        if cancelled and at == 1:
            files[f"indicators/{key}.toml"] += cancelled_text(cancelled)
        for n, code in lists.items():
            text = list_file(sheet, sheet.blocks[n], code, area, inner, relations)
            files[f"lists/{key}_{n + 1}.toml"] = text
        sheets.append(_adopted_sheet(sheet, area, inner, lists))
    kept = f"{form.sha256}{form.suffix}"
    adopted = AdoptedForm(
        sha256=form.sha256, kept=kept, file=form.file, name=form.name, sheets=tuple(sheets),
        number=next((sheet.form_number for sheet in form.sheets if sheet.form_number), ""),
        other_sheets=form.other_sheets, follows=form.last_sha256 if since else "", since=since or 0,
    )  # fmt: skip
    files[f"{FORMS}/{form.sha256}{SUFFIX}"] = form_text(adopted)
    return Entries(files, adopted, tuple(dict.fromkeys(units)))


def signatures(form: AdoptedForm) -> dict[str, str]:
    """The names of its signature cells, each once, with the key of what it is."""
    cells = [cell for sheet in form.sheets for cell in sheet.identity if cell.key in SIGNATURES]
    return {name: cell.key for cell in reversed(cells) if (name := signature_name(cell.label.text))}


def unknown_units(units: Iterable[str], measures: Measures) -> tuple[str, ...]:
    """Units that nobody has declared yet."""
    return tuple(dict.fromkeys(unit for unit in units if not measures.knows(unit)))


def area_names(form: FoundForm, taken: Iterable[str]) -> dict[int, str]:
    """A name for each sheet's area, by the sheet's number: the sheet's own where it says something, else its title."""
    used, found = {one.lower() for one in taken}, {}
    for sheet in form.sheets:
        name = sheet.name if re.search(r"[\u4e00-\u9fff]{3,}", sheet.name) else sheet.title or sheet.name
        name = re.sub(r"^20\d\d年度?|^[_＿\s]*年度?", "", name)
        name = re.sub(r"[\[\]:*?/\\：？／＼＊\x00-\x1f']", "", name).strip()[:LONGEST] or f"表{sheet.number}"
        number, plain_name = 2, name
        while name.lower() in used:
            name, number = f"{plain_name[: LONGEST - 3]}{number}", number + 1
        used.add(name.lower())
        found[sheet.number] = name
    return found


def _list_blocks(sheet: FoundSheet) -> list[int]:
    return [n for n, block in enumerate(sheet.blocks) if block.orientation == "list"]


def _adopted_sheet(sheet: FoundSheet, area: str, inner: Mapping[str, str], lists: Mapping[int, str]) -> AdoptedSheet:
    return AdoptedSheet(
        name=sheet.name, title=sheet.title, area=area,
        printed=sheet.printed, identity=sheet.identity, notes=sheet.notes,
        hidden_rows=sheet.hidden_rows, hidden_columns=sheet.hidden_columns,
        blocks=tuple(
            AdoptedBlock(
                orientation=block.orientation, head_rows=block.head_rows, head_columns=block.head_columns,
                first_row=block.first_row, last_row=block.last_row, list_code=lists.get(n, ""),
                unit_columns=block.unit_columns, reason_column=block.reason_column,
                answers=tuple(_adopted(answer, inner) for answer in block.answers),
            )
            for n, block in enumerate(sheet.blocks)
        ),
    )  # fmt: skip


def _adopted(answer: Answer, inner: Mapping[str, str]) -> AdoptedAnswer:
    pairs = [(key, label) for key, label in zip(answer.keys, answer.choices, strict=False)]
    pairs += [(label, label) for label in answer.choices if (label, label) not in pairs]
    return AdoptedAnswer(
        code=inner[answer.id], place=answer.place, name=answer.name, form_code=answer.code, unit=answer.unit,
        row_labels=answer.row_labels, column_labels=answer.column_labels, choices=tuple(pairs), holds=answer.holds,
        merge=answer.merge, slot=answer.slot,
    )  # fmt: skip
