"""The clerk's own files: a mistake in them is one line that names the place and the nearest right word."""

from datetime import date

import pytest

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.roster import Unit
from schemas.roster_file import load_units
from schemas.targets import load_targets
from schemas.township import load_settings

GOOD = """
[township]
code = "990101101"
name = "示例镇"
[collection]
year = 2023
deadline = 2024-01-10T18:00:00
[report]
township_name = "示例镇"
"""
UNITS = """code,name,kind,terrain,valid_from,valid_to,merged_into
990101101201,南川村,村,川区,,,
990101101202,紫云村,村,山区,,2022-12-31,990101101201
990101101901,纪检监察办公室,站所,,,,
"""
CATALOGUE = Catalogue()


def settings_of(tmp_path, text):
    (tmp_path / "township.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, CATALOGUE)


def test_settings_have_usable_defaults(tmp_path):
    settings = settings_of(tmp_path, GOOD)
    assert (settings.collection.timezone, settings.printing.rounding) == ("Asia/Shanghai", "allocate")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("deadline =", "deadlin =", "deadlin，是不是想写 deadline"),
        ("[collection]", "[colection]", "colection，是不是想写 collection"),
        ("township_name", "townshipname", "townshipname，是不是想写 township_name"),
        ("year = 2023", 'year = "2023"', "内容不合要求"),
        ("year = 2023", "year = ", "写法有误"),
        ('code = "990101101"', 'code = "12"', None),
        ('code = "990101101"', 'code = "99010110a"', "乡镇 9 位，县 6 位"),
        ("year = 2023", 'year = 2023\ntimezone = "Asia/Shanghia"', "不认识时区"),
        ("[collection]", '[web]\nhost = "本机"\n[collection]', "IP 地址"),
        ("[collection]", "[web]\nport = 0\n[collection]", "1 到 65535"),
        ("[collection]", '[web]\nkey = "k.pem"\n[collection]', "只写了一个"),
    ],
)
def test_mistake_in_township_toml_is_one_line(tmp_path, old, new, words):
    text = GOOD.replace(old, new, 1)
    if words is None:
        assert settings_of(tmp_path, text).township.code == "12"
        return
    with pytest.raises(InputError, match=words) as refused:
        settings_of(tmp_path, text)
    assert "\n" not in str(refused.value)
    assert "township.toml" in str(refused.value)


def test_missing_inputs_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="没有的文件夹"):
        load_settings(tmp_path / "没有的文件夹", CATALOGUE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_roster_is_read_in_the_encodings_that_spreadsheets_save(tmp_path, encoding):
    (tmp_path / "units.csv").write_bytes(UNITS.encode(encoding))
    units = load_units(tmp_path, "990101101", CATALOGUE)
    assert [unit.name for unit in units] == ["南川村", "紫云村", "纪检监察办公室"]
    assert [unit.office for unit in units] == [None, None, "901"]
    assert [unit.expected_in(2023) for unit in units] == [True, False, True]
    assert units[1].expected_in(2022), "the last day of valid_to still counts"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("990101101202", "990101101201", "重复"),
        ("990101101202", "99010110120x", "第 3 行"),
        ("2022-12-31", "2022年底", "第 3 行：日期"),
        (",站所,", ",科室,", "类别须为"),
        ("2022-12-31,990101101201", "2022-12-31,990101101299", "不在名册里"),
        ("code,name,kind", "代码,name,kind", "表头缺少 code"),
    ],
)
def test_mistake_in_the_roster_is_one_line(tmp_path, old, new, words):
    (tmp_path / "units.csv").write_text(UNITS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_units(tmp_path, "990101101", CATALOGUE)


def test_targets_are_read_by_name_and_a_wrong_name_is_refused(tmp_path):
    folder = tmp_path / "2023"
    folder.mkdir()
    name = CATALOGUE.targets["T01"].name
    (folder / "targets.toml").write_text(f'"{name}" = 3\nT02 = 1.5\n', encoding="utf-8")
    assert {code: str(value) for code, value in load_targets(tmp_path, 2023, CATALOGUE).items()} == {
        "T01": "3",
        "T02": "1.5",
    }
    (folder / "targets.toml").write_text(f'"{name}们" = 3\n', encoding="utf-8")
    with pytest.raises(InputError, match=name):
        load_targets(tmp_path, 2023, CATALOGUE)
    assert load_targets(tmp_path, 2022, CATALOGUE) == {}


def test_unit_is_expected_while_it_exists():
    unit = Unit("990101101201", "新村", "村", valid_from=date(2023, 7, 1))
    assert not unit.expected_in(2022)
    assert unit.expected_in(2023)
