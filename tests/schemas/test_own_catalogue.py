"""A township's own catalogue replaces or extends the built-in one; all that is wrong in it is said at once."""

import shutil

import pytest

from flows.commands.cli import main
from flows.values.measures import is_unit, ratio
from schemas.catalogue import HERE, Catalogue, catalogue_of, declared
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.roster import unheld

AREA = """[area]
number = 1
name = "水利"
title = "水利设施"
[indicators.1001]
name = "水井"
definition = "年末在用的水井。"
unit = "眼"
[indicators.1002]
name = "机电井"
definition = "其中装有电机的。"
unit = "眼"
parent = "1001"
"""


@pytest.fixture
def own(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / "catalogue" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    yield write
    catalogue_of(tmp_path / "nowhere")


def refused(inputs):
    with pytest.raises(InputError) as error:
        catalogue_of(inputs)
    return [line.removeprefix(f"{inputs}/catalogue/") for line in error.value.lines]


def test_no_folder_is_the_built_in_catalogue(tmp_path):
    assert catalogue_of(tmp_path) is declared()


def test_own_folder_replaces_everything(own):
    found = catalogue_of(own({"indicators/water.toml": AREA}))
    assert list(found.areas) == ["水利"]
    assert list(found.indicators) == ["1001", "1002"]
    assert not found.lists and not found.offices and not found.targets and not found.texts and not found.terrains
    assert [relation.printed for relation in found.relations.values()] == ["[1001]≥[1002]"]
    assert found.version != declared().version


def test_own_folder_extends_by_code(own):
    code, before = next(iter(declared().indicators.items()))
    body = (
        f'[area]\nnumber = {declared().areas[before.area].number}\nname = "{before.area}"\ntitle = "又一名"\n'
        f'[indicators.{code}]\nname = "改过的指标"\ndefinition = "改过的口径。"\nunit = "{before.unit}"\n'
    )
    found = catalogue_of(
        own({
            "others.toml": '[catalogue]\nbase = "extend"\n',
            "indicators/water.toml": AREA.replace("number = 1\n", "number = 99\n"),
            "indicators/mine.toml": body,
        })
    )  # fmt: skip
    assert list(found.areas) == [*declared().areas, "水利"]
    assert found.areas[before.area].title == "又一名"
    assert found.indicators[code].name == "改过的指标"
    assert set(found.indicators) == {*declared().indicators, "1001", "1002"}
    assert found.lists == declared().lists and found.offices == declared().offices


def test_extending_catalogue_drops_the_relation_of_a_parent_that_is_no_more(own):
    item = next(one for one in declared().indicators.values() if one.parent and one.reporter == "village")
    body = (
        f'[area]\nnumber = {declared().areas[item.area].number}\nname = "{item.area}"\ntitle = "题"\n'
        f'[indicators.{item.code}]\nname = "{item.name}"\ndefinition = "口径。"\nunit = "{item.unit}"\n'
    )
    found = catalogue_of(own({"others.toml": '[catalogue]\nbase = "extend"\n', "indicators/mine.toml": body}))
    key = f"{item.code}-{item.parent}"
    assert key in declared().relations and key not in found.relations


def test_units_of_measure_are_added_and_used(own):
    assert not is_unit("筐")
    measures = '[convertible.baskets]\n"筐" = "1"\n"大筐" = "3"\n'
    found = catalogue_of(
        own({"indicators/water.toml": AREA.replace('unit = "眼"', 'unit = "筐"'), "measures.toml": measures})
    )
    assert {item.unit for item in found.indicators.values()} == {"筐"}
    assert ratio("大筐", "筐") == 3 and ratio("公顷", "亩") == 15


FAULTS = {
    "missing key": ("indicators/water.toml", 'name = "水井"\n', "", "缺少 name"),
    "unknown key": ("indicators/water.toml", 'unit = "眼"', 'unitt = "眼"', "有不认识的键 unitt"),
    "missing code": ("indicators/water.toml", 'parent = "1001"', 'numerator = "1009"', "没有声明的指标 1009"),
    "circle": ("indicators/water.toml", 'definition = "年末', 'parent = "1002"\ndefinition = "年末', "回到自己"),
    "unknown unit": ("indicators/water.toml", 'unit = "眼"', 'unit = "煲"', "不认识的计量单位“煲”"),
    "broken": ("indicators/water.toml", "[area]", "[area", "写法有误"),
    "long name": ("indicators/water.toml", 'name = "水利"', f'name = "{"水" * 40}"', "有 40 个字"),
    "base": ("others.toml", "extend", "extends", "应为 replace、extend 之一"),
    "no office": ("indicators/water.toml", 'unit = "眼"', 'unit = "眼"\noffice = "水管站"', "没有声明的站所 水管站"),
}


@pytest.mark.parametrize(("name", "old", "new", "words"), FAULTS.values(), ids=FAULTS)
def test_fault_is_one_line_with_its_file(own, name, old, new, words):
    files = {"indicators/water.toml": AREA.replace("number = 1\n", "number = 99\n"),
             "others.toml": '[catalogue]\nbase = "extend"\n'}  # fmt: skip
    assert old in files[name]
    lines = refused(own(files | {name: files[name].replace(old, new, 1)}))
    assert any(line.startswith(f"{name} 第") and words in line for line in lines), lines
    assert not any("\n" in line for line in lines)


def test_faults_of_all_files_are_said_at_once(own):
    lines = refused(
        own({
            "indicators/water.toml": AREA.replace('unit = "眼"', 'unitt = "眼"', 1),
            "indicators/empty.toml": "\ufeff",
            "indicators/notes.txt": "记一下",
            "list/x.toml": "",
            "others.toml": '[offices.901]\nnam = "水管站"\n',
        })
    )  # fmt: skip
    told = "\n".join(lines)
    for words in (
        "unitt",
        "empty.toml：文件是空的",
        "notes.txt：不是 .toml 文件",
        "list：目录里没有这样的文件",
        "nam，",
    ):
        assert words in told


def test_folder_without_an_indicator_is_refused(own):
    assert "没有一个指标" in refused(own({"others.toml": ""}))[0]


def test_byte_order_mark_is_no_fault(own):
    assert len(catalogue_of(own({"indicators/water.toml": "\ufeff" + AREA})).indicators) == 2


def test_check_says_what_is_added_and_changed(own, capsys):
    inputs = own({
        "others.toml": '[catalogue]\nbase = "extend"\n',
        "indicators/water.toml": AREA.replace("number = 1\n", "number = 99\n"),
    })  # fmt: skip
    assert main(["catalogue", "check", "--inputs", str(inputs)]) == 0
    told = capsys.readouterr().out
    assert "在内置目录之上增改" in told
    assert "新增指标 2 项：1001 水井；1002 机电井" in told
    assert "不用内置的" not in told


def test_copy_gives_the_same_catalogue_and_never_overwrites(tmp_path, capsys):
    assert main(["catalogue", "copy", "--inputs", str(tmp_path)]) == 0
    found = Catalogue(tmp_path / "catalogue")
    assert (found.indicators, found.lists, found.relations) == (
        declared().indicators, declared().lists, declared().relations
    )  # fmt: skip
    assert found.offices == declared().offices
    assert main(["catalogue", "check", "--inputs", str(tmp_path)]) == 0
    assert "与内置目录相同。" in capsys.readouterr().out
    (tmp_path / "catalogue" / "others.toml").write_text("", encoding="utf-8")
    assert main(["catalogue", "copy", "--inputs", str(tmp_path)]) == 2
    assert "没有覆盖" in capsys.readouterr().err
    assert (tmp_path / "catalogue" / "others.toml").read_text(encoding="utf-8") == ""


def test_built_in_declarations_are_whole_on_their_own(tmp_path):
    shutil.copytree(HERE, tmp_path / "catalogue")
    assert catalogue_of(tmp_path).indicators == declared().indicators


ROLES = """[roles."水利"]
name = "水利"
[roles."林业"]
name = "林业"
"""
OF_OFFICE = AREA.replace('unit = "眼"', 'unit = "眼"\nreporter = "office"\noffice = "水利"', 1).replace(
    'parent = "1001"', 'reporter = "office"\noffice = "林业"'
)
HEADS, VILLAGE = "code,name,kind,role\n", "880202303201,东湖村,村,\n"


@pytest.fixture
def roster(own):
    def write(lines):
        inputs = own({"indicators/water.toml": OF_OFFICE, "others.toml": ROLES})
        (inputs / "units.csv").write_text(HEADS + VILLAGE + lines, encoding="utf-8")
        text = (
            '[township]\ncode = "880202303"\nname = "青湖乡"\n'
            "[collection]\nyear = 2024\ndeadline = 2025-01-10T18:00:00\n"
        )
        (inputs / "township.toml").write_text(text, encoding="utf-8")
        return inputs

    return write


def test_office_of_several_roles_is_asked_what_each_reports(roster):
    found = load_inputs(roster("880202303801,综合办,站所,水利、林业\n"))
    office = found.units[1].office
    assert [item.code for item in found.catalogue.reported(2024, office)] == ["1001", "1002"]
    assert unheld(found.catalogue, found.units, 2024) == []


def test_role_that_nobody_holds_is_said_by_check(roster, capsys):
    inputs = roster("880202303801,综合办,站所,水利\n")
    said = "无人填报：机电井没有单位报，名册里没有应报的承担“林业”的站所"
    assert main(["catalogue", "check", "--inputs", str(inputs)]) == 0
    assert said in capsys.readouterr().out
    inputs = roster("880202303801,综合办,站所,水利\n880202303802,空站,站所,林业\n")
    assert main(["catalogue", "check", "--inputs", str(inputs)]) == 0
    assert "无人填报" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("880202303801,综合办,站所,水务\n", "职责 role 写的是“水务”"),
        ("880202303801,综合办,站所,水利\n880202303802,水管站,站所,林业、水利\n", "一项职责只由一个站所承担"),
        ("880202303202,西湖村,村,水利\n", "只有站所写职责"),
        ("880202303801,综合办,站所,\n", "尾码 801 没有声明"),
    ],
)
def test_wrong_role_is_said_with_its_line(roster, lines, words):
    with pytest.raises(InputError) as error:
        load_inputs(roster(lines))
    assert any("units.csv 第" in line and words in line for line in error.value.lines), error.value.lines
