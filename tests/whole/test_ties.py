"""Nothing of the sample township stands in the program: its codes, names, areas, offices and terrains are data."""

import csv
import re
from pathlib import Path

from schemas.catalogue import declared

ROOT = Path(__file__).parents[2]
SOURCES = [
    *(path for path in (ROOT / "flows").rglob("*") if path.suffix in (".py", ".sql", ".js", ".css", ".html")),
    *(ROOT / "schemas").glob("*.py"),
]


def test_sample_stands_nowhere_in_the_program():
    catalogue = declared()
    roster = csv.DictReader((ROOT / "inputs" / "units.csv").open(encoding="utf-8-sig"))
    names = {one for row in roster for one in (row["code"], row["name"])}
    for records in (catalogue.areas, catalogue.indicators, catalogue.lists, catalogue.targets, catalogue.offices):
        names |= {record.name for record in records.values()}
    names |= set(catalogue.terrains)
    codes = {*catalogue.indicators, *catalogue.targets, *catalogue.lists}
    codes |= {column for line_list in catalogue.lists.values() for column in line_list.by_code}
    assert len(names) > 200 and len(codes) > 200
    name, code = re.compile("|".join(map(re.escape, names))), re.compile(rf"\b(?:{'|'.join(codes)})\b", re.ASCII)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for match in (*name.finditer(line), *code.finditer(line))
    ]
    assert not found
