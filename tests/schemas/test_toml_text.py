"""TOML that the program writes: it reads back the same, and it is known what stands on which line."""

import tomllib
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from schemas.toml_text import Table, toml_text

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.one_of(texts, st.booleans(), st.integers(-(10**12), 10**12), st.decimals(-1000, 1000, places=3),
                   st.lists(texts, max_size=3), st.dictionaries(texts, texts, max_size=3))  # fmt: skip
tables = st.dictionaries(texts, st.one_of(values, st.dictionaries(texts, values, max_size=3).map(Table)), max_size=4)


def read(text):
    return tomllib.loads(text, parse_float=Decimal)


@given(tables)
def test_whatever_is_written_reads_back_the_same(table):
    assert read(toml_text(table)[0]) == table


@given(tables)
def test_each_line_is_known_by_its_keys(table):
    text, places = toml_text(table)
    lines = text.split("\n")
    for line, keys in places.items():
        value = table
        for key in keys:
            value = value[key]
        written = lines[line - 1]
        assert written.startswith("[") if isinstance(value, Table) else read(written) == {keys[-1]: value}


def test_table_of_tables_has_no_head_of_its_own():
    document = Table(area=Table(number=1), indicators=Table({"10": Table(name="井"), "甲": Table(name="渠")}))
    assert toml_text(document)[0] == (
        '\n[area]\nnumber = 1\n\n[indicators.10]\nname = "井"\n\n[indicators."甲"]\nname = "渠"\n'
    )
