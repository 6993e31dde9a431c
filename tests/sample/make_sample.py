"""Make the sample township in `inputs/`: `python -m tests.sample.make_sample [--inputs DIR]`.

The same bytes come out every time, so that a change in `inputs/` is a change in the model, the catalogue or the form.
"""

import argparse
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flows.emit.forms.drawing import Fill, draw_form
from flows.emit.forms.layout import VILLAGE, FormLayout, layout_of
from flows.emit.forms.words import prompt_of
from flows.emit.moments import in_words
from flows.emit.workbook.canvas import opened
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.expressions import SCALE
from schemas.roster import Unit
from schemas.township import Settings, load_settings
from tests.sample.figures import TOWNSHIP_CODE, YEARS, Township
from tests.sample.papers import corrections_toml, targets_toml, township_toml, units_csv

INPUTS = Path(__file__).parents[2] / "inputs"


def make_sample(inputs: Path) -> list[Path]:
    """Write the whole sample under `inputs`; returns what was written. Raises InputError over another township's."""
    township = Township(Catalogue())
    _refuse_another_township(inputs, township.catalogue)
    written = [
        _text(inputs / "township.toml", township_toml(township)),
        _text(inputs / "units.csv", "\ufeff" + units_csv(township)),
    ]
    settings = load_settings(inputs, township.catalogue)
    for year in YEARS:
        written.append(_text(inputs / str(year) / "targets.toml", targets_toml(township, year)))
        written.append(_text(inputs / str(year) / "corrections.toml", corrections_toml(township, year)))
        written += _submissions(inputs / str(year) / "submissions", township, settings, year)
    return written


def _submissions(folder: Path, township: Township, settings: Settings, year: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    deadline = settings.collection.deadline.replace(year=year + 1)

    @cache
    def layout(kind: str) -> FormLayout:
        name, words = settings.township.name, in_words(deadline)
        return layout_of(township.catalogue, kind, year=year, township=name, deadline=words, marks={})

    written = []
    for unit in township.units:
        written.append(folder / f"{unit.name}.xlsx")
        written[-1].write_bytes(_workbook(layout(unit.office or VILLAGE), _filled(township, unit, year)))
    return written


def _filled(township: Township, unit: Unit, year: int) -> Fill:
    """The unit's form as its filler sends it, with last year's figures and reasons where there is a last year."""
    now, indicators = township.answers(unit, year), township.catalogue.indicators
    had = township.worked(unit, year - 1) if year > YEARS[0] else {}
    reasons = township.answers(unit, year - 1).notes if year > YEARS[0] else {}
    last = {code: value for code, value in had.items() if value != 0 or indicators[code].blank != "not_applicable"}
    return Fill(
        unit_name=unit.name,
        unit_code=unit.code,
        cover=township.cover(unit, year),
        values=_as_typed(now.values),
        last_year=_as_typed(last),
        notes=now.notes,
        prompts={code: prompt_of(indicators[code], reason) for code, reason in reasons.items()},
        rows=now.rows,
    )


def _as_typed(values: Mapping[str, int | str | None]) -> dict[str, int | float | str | None]:
    """Whole ten-thousandths as a filler types them."""
    return {code: _typed(value) if isinstance(value, int) else value for code, value in values.items()}


def _typed(value: int) -> int | float:
    return value / SCALE if value % SCALE else value // SCALE


def _workbook(layout: FormLayout, fill: Fill) -> bytes:
    buffer = io.BytesIO()
    with opened(buffer) as workbook:
        draw_form(workbook, layout, fill)
    return buffer.getvalue()


def _text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _refuse_another_township(inputs: Path, catalogue: Catalogue) -> None:
    if not (inputs / "township.toml").exists():
        return
    whose = load_settings(inputs, catalogue).township
    if whose.code != TOWNSHIP_CODE:
        raise InputError(f"{inputs} 是{whose.name}的，不能用示例盖掉；请用 --inputs 另指一个文件夹")


def main() -> None:
    """Write the sample and say where."""
    parser = argparse.ArgumentParser(description="生成虚构的示例镇：名册、设置、两年的报表。")
    parser.add_argument("--inputs", type=Path, default=INPUTS, metavar="DIR", help="写到哪个文件夹，默认 inputs")
    inputs = parser.parse_args().inputs
    try:
        written = make_sample(inputs)
    except InputError as error:
        parser.exit(2, f"错误：{error}\n")
    print(f"已写入 {len(written)} 个文件：{inputs}")


if __name__ == "__main__":
    main()
