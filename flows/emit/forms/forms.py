"""Blank forms: one workbook per village and per office, last year's figures filled in for reference.

Each kind of form is drawn once and filled for every unit of that kind.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from flows.emit.forms.drawing import Fill, draw_form
from flows.emit.forms.layout import VILLAGE, FormLayout, layout_of
from flows.emit.forms.words import prompt_of
from flows.emit.workbook.canvas import opened
from flows.emit.workbook.prepared import Prepared, Value, slot
from flows.files import write_atomically
from schemas.catalogue import Catalogue

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
_LONGEST_NAME = 55
"""Characters of a unit's name in a file name: with its code it stays below 255 bytes."""


class FormUnit(Protocol):
    """Whoever must file: a village, community or office (站所)."""

    @property
    def code(self) -> str:
        """Its code."""
        ...

    @property
    def name(self) -> str:
        """Its name as printed."""
        ...

    @property
    def kind(self) -> str:
        """村, 社区 or 站所."""
        ...

    @property
    def office(self) -> str | None:
        """An office's roles in one; None of a village."""
        ...


def write_forms(
    out_dir: Path,
    units: Iterable[FormUnit],
    catalogue: Catalogue,
    *,
    year: int,
    township: str,
    deadline: str,
    marks: Mapping[str, str] | None = None,
    last_year: Mapping[str, Mapping[str, Value]] | None = None,
    explanations: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Path]:
    """Write `<code>-<name>.xlsx` for each unit, in the order given; returns the paths.

    `last_year` and `explanations` (last year's accepted reasons, shown in the cell's prompt) are keyed by unit code,
    then indicator; `marks` by 表号, 制定机关, 文号, 有效期至. Raises InputError for an office the catalogue does not
    know, and for a file that another program holds open.
    """
    units, figures, reasons = list(units), last_year or {}, explanations or {}
    out_dir.mkdir(parents=True, exist_ok=True)
    printed = {"year": year, "township": township, "deadline": deadline, "marks": marks or {}}
    kinds = dict.fromkeys(kind_of(unit) for unit in units)
    prepared = {kind: PreparedForm(layout_of(catalogue, kind, **printed)) for kind in kinds}
    return [
        write_atomically(
            out_dir / f"{stem}.xlsx",
            prepared[kind_of(unit)].fill(unit, figures.get(unit.code, {}), reasons.get(unit.code, {})),
        )
        for unit, stem in zip(units, file_stems(units), strict=True)
    ]


def kind_of(unit: FormUnit) -> str:
    """The kind of form a unit files: "village", or its office's roles."""
    return unit.office or VILLAGE


def file_stems(units: Iterable[FormUnit]) -> Iterator[str]:
    """`<code>-<name>` of each unit, fit for Windows and never the same twice, also where case is ignored."""
    taken: set[str] = set()
    for unit in units:
        stem = _UNSAFE.sub("_", f"{unit.code}-{unit.name[:_LONGEST_NAME]}").rstrip(". ")
        number, tried = 1, stem
        while tried.casefold() in taken:
            number += 1
            tried = f"{stem}({number})"
        taken.add(tried.casefold())
        yield tried


class PreparedForm:
    """One kind's form, drawn once; each unit's workbook is made by filling it."""

    def __init__(self, layout: FormLayout) -> None:
        codes = [item.code for item in layout.indicators]
        self._indicators = {item.code: item for item in layout.indicators}
        self._blank: dict[str, Value] = {f"last {code}": None for code in codes}
        self._blank |= {f"prompt {code}": prompt_of(item) for code, item in self._indicators.items()}
        self._prepared = Prepared(_drawn(layout, _slots(codes)))

    def fill(self, unit: FormUnit, last_year: Mapping[str, Value], explained: Mapping[str, str]) -> bytes:
        """The unit's workbook; figures and reasons for indicators that are not on its form are left out."""
        values = {**self._blank, "unit_name": unit.name, "unit_code": unit.code}
        values |= {f"last {code}": last_year[code] for code in self._indicators if code in last_year}
        for code, reason in explained.items():
            if code in self._indicators:
                values[f"prompt {code}"] = prompt_of(self._indicators[code], reason)
        return self._prepared.fill(values)


def _slots(codes: list[str]) -> Fill:
    return Fill(
        unit_name=slot("unit_name"),
        unit_code=slot("unit_code"),
        last_year={code: slot(f"last {code}") for code in codes},
        prompts={code: slot(f"prompt {code}") for code in codes},
    )


def _drawn(layout: FormLayout, fill: Fill) -> bytes:
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        draw_form(workbook, layout, fill)
    return buffer.getvalue()
