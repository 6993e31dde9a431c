"""One entry of corrections.toml: what it may say of which figure, and whether what was sent is what the clerk saw."""

from datetime import date
from decimal import Decimal

import pytest

from schemas.corrections import Correction, Corrections, Written, load_corrections, placed
from schemas.errors import InputError
from tests.office import CATALOGUE, units_of

YEAR = 2023
SOUTH, PURPLE = UNITS = units_of("南川村 川区\n紫云村 山区")


def entry(**changes: object) -> Correction:
    said = {"unit": "南川村", "indicator": "低保户数", "expect": 57, "value": 58, "reason": "漏报一户",
            "agreed_with": "会计", "date": date(2024, 1, 5)}  # fmt: skip
    return placed(Written(**said | changes), YEAR, CATALOGUE, UNITS)


@pytest.mark.parametrize(
    ("expect", "raw", "value", "same"),
    [
        (57, "57", "57", True),
        (57, "五十七户", "57", True),
        ("57", "57.0", "57", True),
        (Decimal("57.0"), "57", "57", True),
        (57, "57", "58", False),
        (57, "57（不详）", None, False),
        ("57（不详）", " 57（不详）", None, True),
        ("五十七", "五十七户", "57", False),
        ("五十七户", "五十七户", "57", True),
        ("NaN", "NaN", None, True),
        ("", "", None, True),
    ],
)
def test_what_was_sent_is_what_the_clerk_saw_by_its_figure_or_else_word_for_word(expect, raw, value, same):
    assert entry(expect=expect).fits(raw, None if value is None else Decimal(value)) is same


@pytest.mark.parametrize(
    ("indicator", "row", "value"),
    [
        ("低保户数", 0, 99999999999999), ("I01", 0, "58"), ("i01", 0, Decimal("58.0")), ("村党组织书记", 0, "王敏"),
        ("年末进度", 2, "在建"), ("L103", 2, Decimal("1.50")), ("项目名称", 1, "蓄水池"),
    ],
)  # fmt: skip
def test_every_kind_of_cell_can_be_corrected_to_what_its_form_takes(indicator, row, value):
    found = entry(indicator=indicator, row=row, value=value)
    assert found.item in (
        *CATALOGUE.indicators.values(),
        *(one for each in CATALOGUE.lists.values() for one in each.columns),
    )
    assert found.subject == (f"{found.item.code} {row}" if row else found.item.code)
    assert found.agreement == "漏报一户（与会计商定，2024-01-05）"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"indicator": "年末进度", "row": 2, "value": "快了"}, "年末进度只能从 已建成、在建 里选"),
        ({"indicator": "L103", "row": 2, "value": "不多"}, "总投资要填数字，value 写的是“不多”"),
        ({"value": Decimal("NaN")}, "低保户数要填数字，value 写的是“NaN”"),
        ({"value": 10**14}, "低保户数登记不下这么大的数，value 写的是 100000000000000"),
        ({"value": "-1e999999999"}, "登记不下这么大的数"),
        ({"value": Decimal("58.5")}, "低保户数最多 0 位小数，value 写的是 58.5"),
        ({"value": [58]}, "value 要写数字，或者写在引号里的文字"),
        ({"value": True}, "value 要写数字"),
        ({"value": None}, "要写一个，也只能写一个"),
        ({"row": -1}, "低保户数不在明细表里，不要写 row"),
        ({"indicator": "总投资", "row": -1, "value": 1}, "总投资在明细表里，要写 row（第几行）"),
        ({"indicator": "总投资", "value": 1}, "总投资在明细表里，要写 row（第几行）"),
    ],
)  # fmt: skip
def test_what_a_cell_does_not_take_is_refused_in_words(changes, said):
    with pytest.raises(InputError) as refused:
        entry(**changes)
    [line] = refused.value.lines
    assert said in line


def test_file_is_refused_with_every_entry_that_cannot_be_meant_and_where_it_stands(tmp_path):
    folder = tmp_path / str(YEAR)
    folder.mkdir()
    fault = {"unit": "南川乡"}, {"reason": " "}, {"expect": "true"}, {}, {}
    said = {
        "unit": "南川村",
        "indicator": "I01",
        "expect": "57",
        "value": "58",
        "reason": "漏报",
        "agreed_with": "会计",
    }
    lines = []
    for each in fault:
        words = {key: value if key in ("expect", "value") else f'"{value}"' for key, value in (said | each).items()}
        lines += ["[[corrections]]", *(f"{key} = {value}" for key, value in words.items()), "date = 2024-01-05"]
    (folder / "corrections.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_corrections(tmp_path, YEAR, CATALOGUE, UNITS)
    found = [(line.partition("第 ")[2].partition(" ")[0], line.partition("：")[2]) for line in refused.value.lines]
    assert [at for at, _ in found] == ["1", "9", "17", "33"]
    wanted = ("是不是“南川村”", "reason 不能空着", "expect 要写数字", "前面已经有一条")
    assert all(words in line for words, (_, line) in zip(wanted, found, strict=True))


def test_file_is_read_with_exact_figures_and_a_year_without_one_has_none(tmp_path):
    (tmp_path / str(YEAR)).mkdir()
    text = "[[corrections]]\nunit = '南川村'\nindicator = 'L103'\nrow = 2\nexpect = 1.10\nvalue = 1.30\n"
    text += "reason = '漏报'\nagreed_with = '会计'\ndate = 2024-01-05\n"
    (tmp_path / str(YEAR) / "corrections.toml").write_text(text, encoding="utf-8")
    [one] = load_corrections(tmp_path, YEAR, CATALOGUE, UNITS).entries
    assert (str(one.written.expect), str(one.written.value)) == ("1.10", "1.30")
    assert load_corrections(tmp_path, YEAR + 1, CATALOGUE, UNITS).entries == ()


def test_mark_of_a_unit_changes_with_its_own_entries_alone():
    one, other = entry(), entry(unit="紫云村")
    both = Corrections([one, other])
    assert both.by_unit == {SOUTH.code: (one,), PURPLE.code: (other,)}
    assert both.mark(SOUTH.code) == Corrections([one]).mark(SOUTH.code) != both.mark(PURPLE.code)
    assert both.mark(SOUTH.code) != Corrections([entry(reason="多报"), other]).mark(SOUTH.code)
    assert [both.mark(None), Corrections([other]).mark(SOUTH.code)] == ["", ""]
