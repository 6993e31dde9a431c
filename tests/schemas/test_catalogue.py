"""The catalogue: every blank of the annual report is fed, every record is usable, and mistakes in it are refused."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from schemas import declarations
from schemas.catalogue import HERE, Catalogue
from schemas.errors import InputError

BLANKS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "blanks.csv").open(encoding="utf-8")))
CATALOGUE = Catalogue()
SAME_UNIT = {"㎡": "平方米", "场次": "次"}


def test_there_are_237_blanks_in_order():
    assert [int(row["no"]) for row in BLANKS] == list(range(1, 238))


@pytest.mark.parametrize("row", BLANKS, ids=lambda row: row["no"])
def test_blank_is_fed_by_something_that_exists_and_prints_in_its_unit(row):
    feeds = row["feeds"]
    if feeds.startswith("setting:"):
        assert row["kind"] == "text"
        assert feeds.removeprefix("setting:") in CATALOGUE.texts
    elif feeds.startswith("target:"):
        assert row["kind"] == "target"
        assert CATALOGUE.targets[feeds.removeprefix("target:")].unit == row["printed_unit"]
    else:
        code, rank = re.fullmatch(r"([A-J]\d\d)(?:\[(\d)\])?", feeds).groups()
        item = CATALOGUE.indicators[code]
        assert item.printed_in == row["printed_unit"]
        assert rank is None or item.total == "names"
        expected = {
            "sum": {"sum"}, "office": {"sum", "last"}, "ratio": {"ratio"}, "names": {"names", "list"},
            "villages": {"count"}, "typical": {"typical"}, "units": {"units"}, "detail": {"list"},
        }  # fmt: skip
        assert item.total in expected[row["kind"]]


def test_every_indicator_feeds_a_blank_or_another_figure():
    fed = {re.sub(r"\[\d\]", "", row["feeds"]) for row in BLANKS}
    for item in CATALOGUE.indicators.values():
        if item.code in fed:
            fed |= {item.numerator, item.denominator, item.of}
    for relation in CATALOGUE.relations.values():
        fed |= set(relation.codes)
    fed |= {item.outlier_per for item in CATALOGUE.indicators.values()}
    text = {item.code for item in CATALOGUE.indicators.values() if item.total == "text"}
    assert set(CATALOGUE.indicators) - fed - text == set()


def test_every_text_and_target_feeds_a_blank():
    fed = {row["feeds"].partition(":")[2] for row in BLANKS if ":" in row["feeds"]}
    assert fed == set(CATALOGUE.texts) | set(CATALOGUE.targets)


def test_every_reported_figure_says_what_counts():
    for item in CATALOGUE.indicators.values():
        assert len(item.definition) >= 8, item.code
        assert item.definition.endswith("。"), item.code


def test_every_totalling_kind_is_in_use():
    kinds = {"sum", "ratio", "count", "names", "typical", "last", "text", "list", "units"}
    assert {item.total for item in CATALOGUE.indicators.values()} == kinds


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('unit = "户"', 'unitt = "户"', "unitt，是不是想写 unit"),
        ('left = "I02"', 'left = "I99"', "没有声明的指标 I99"),
        ("[indicators.I02]", "[indicators.I01]", "写法有误"),
        ('numerator = "I02"', 'numerator = "X1"', "没有声明的指标 X1"),
        ('name = "低保人口"', 'name = "低保户数"', "指标名称重复"),
    ],
)
def test_mistake_in_the_catalogue_is_refused_in_one_line(tmp_path, old, new, words):
    root = tmp_path / "schemas"
    shutil.copytree(HERE, root)
    path = root / "indicators" / "i_livelihood.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words) as refused:
        Catalogue(root)
    assert "\n" not in str(refused.value)


def test_version_changes_with_a_rule(tmp_path):
    root = tmp_path / "schemas"
    shutil.copytree(HERE, root)
    before = Catalogue(root).version
    path = root / "indicators" / "j_base.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# 注\n", encoding="utf-8")
    assert before == CATALOGUE.version != Catalogue(root).version


def test_rows_are_told_apart_without_comparing_each_with_every_other(monkeypatch):
    asked = []
    for name in ("plain", "unbracketed", "code_key"):
        real = getattr(declarations, name)
        monkeypatch.setattr(declarations, name, lambda text, real=real: asked.append(text) or real(text))
    assert not list(declarations.wrongs(CATALOGUE))
    rows = len(CATALOGUE.indicators) + sum(len(one.columns) for one in CATALOGUE.lists.values())
    assert 0 < len(asked) < 10 * rows
