"""The sample township's own papers beside the workbooks: township.toml, units.csv and targets.toml, as text."""

import csv
import io
from datetime import date, datetime, time

from flows.starting import papers
from schemas.checks import plain
from schemas.roster import UNIT_COLUMNS
from tests.sample.figures import TOWNSHIP_CODE, TOWNSHIP_NAME, YEARS, Township

DEADLINE = date(YEARS[-1] + 1, 1, 10)
HEADING = "# 村汇的设置。示例镇是虚构的：换成自己乡镇的名称、代码、年度和名册，就可以用。"


def township_toml(township: Township) -> str:
    """Settings of the sample, every key with a comment."""
    deadline = datetime.combine(DEADLINE, time(18))
    texts, said = township.catalogue.texts.values(), township.model.texts
    return papers.settings_toml(TOWNSHIP_CODE, TOWNSHIP_NAME, YEARS[-1], deadline, texts, said, HEADING)


def units_csv(township: Township) -> str:
    """The roster; the caller writes it with a byte order mark, without which Excel garbles it."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, UNIT_COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for unit in township.units:
        writer.writerow({"code": unit.code, "name": unit.name, "kind": unit.kind, "terrain": unit.terrain})
    return buffer.getvalue()


def targets_toml(township: Township, year: int) -> str:
    """What the township plans in that year's report for the year after, by the targets' names."""
    targets = township.catalogue.targets
    values = {code: plain(township.model.targets[code][YEARS.index(year)]) for code in targets}
    return papers.targets_toml(year, targets.values(), values, TOWNSHIP_NAME)


def corrections_toml(township: Township, year: int) -> str:
    """No correction yet: how one is written, as comments, with a figure that the sample really has."""
    unit = next(unit for unit in township.units if unit.kind != "站所")
    item = next(item for item in township.catalogue.indicators.values() if item.name == "低保户数")
    value = int(plain(township.answers(unit, year).values[item.code]))
    return papers.corrections_toml(year, unit.name, item.name, value)
