"""`cunhui setup`: a folder that runs at once, made whole or not at all; asked for on a terminal, or one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.commands.cli import main
from flows.exchange.draw import draw_catalogue
from flows.exchange.written import written_in
from schemas.catalogue import catalogue_of
from schemas.inputs import load_inputs
from tests.libreoffice import saved_as
from tests.sample.figures import TOWNSHIP_CODE
from tests.text_tables import workbook

ROOT = Path(__file__).parents[2]
ROSTER = """
    == 名册
    | 青湖镇村级单位名册 | | |
    | 序号 | 单位名称 | 职能 |
    | 1 | 东湖村 | |
    | 2 | 西湖村委会 | |
    | 3 | 湖滨社区 | |
    | 4 | 青湖镇民政办 | |
    | 5 | 党政办 | 党建、司法 |
    | 6 | 综治中心 | |
"""
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
NAMED = ["--name", "青湖镇", "--code", "880202303", "--year", "2024"]


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(ROSTER))
    return path


def set_up(folder, roster, *more):
    return main(["setup", str(folder), *NAMED, "--units", str(roster), *more])


def refused(capsys, status=2):
    assert status == 2
    said = capsys.readouterr().err.splitlines()
    assert all(line.startswith("错误：") for line in said)
    return [line.removeprefix("错误：") for line in said]


def test_folder_runs_at_once_and_holds_nothing_of_the_sample(tmp_path, roster, capsys):
    place = tmp_path / "青湖镇"
    assert set_up(place, roster) == 0
    said = capsys.readouterr().out
    for words in ("村 2 个、社区 1 个、站所 2 个", "综治中心", "还要您填的", "下一步：cunhui forms", "无人填报"):
        assert words in said
    kept = load_inputs(place / "inputs")
    assert [unit.office for unit in kept.units] == [None, None, None, "909", "902、908"]
    assert kept.targets == {} and kept.settings.report == {"township_name": "青湖镇"}
    for path in (place / "inputs").rglob("*.*"):
        assert "示例" not in path.read_text(encoding="utf-8").replace("如 示例镇", ""), path
        assert TOWNSHIP_CODE not in path.read_text(encoding="utf-8")
    where = ["--inputs", str(place / "inputs"), "--outputs", str(place / "outputs")]
    assert main(["forms", *where]) == 0
    assert len(list((place / "outputs" / "2024" / "forms").glob("*.xlsx"))) == len(kept.units)
    assert main(["status", *where]) == 3


@pytest.mark.parametrize("suffix", ["ods", "et"])
def test_roster_is_read_in_every_format(tmp_path, roster, suffix):
    [saved] = saved_as({"et": "xls"}.get(suffix, suffix), tmp_path, [roster])
    saved = saved.rename(tmp_path / f"名册.{suffix}")
    assert set_up(tmp_path / "青湖镇", saved) == 0
    assert len(load_inputs(tmp_path / "青湖镇" / "inputs").units) == 5


def test_csv_as_excel_saves_it_in_chinese_windows_is_read(tmp_path):
    roster = tmp_path / "名册.csv"
    roster.write_bytes("村名,区划代码\r\n东湖村,880202303208\r\n窎沟村,880202303209\r\n".encode("gb18030"))
    assert set_up(tmp_path / "青湖镇", roster) == 0
    units = load_inputs(tmp_path / "青湖镇" / "inputs").units
    assert [(unit.code, unit.name) for unit in units] == [("880202303208", "东湖村"), ("880202303209", "窎沟村")]


def test_own_catalogue_says_which_offices_and_terrains_there_are(tmp_path, capsys):
    own, book, roster = tmp_path / "own", tmp_path / "目录.xlsx", tmp_path / "名册.csv"
    (own / "indicators").mkdir(parents=True)
    (own / "indicators" / "a.toml").write_text(
        "[area]\nnumber = 1\nname = '水利'\ntitle = '水利'\n[indicators.1]\nname = '水井'\ndefinition = '口径'\n"
        "unit = '个'\n[indicators.2]\nname = '水费'\ndefinition = '口径'\nunit = '元'\nreporter = 'office'\n"
        "office = '水利'\n",
        encoding="utf-8",
    )
    (own / "others.toml").write_text("[offices.'水利']\nname = '水利站'\n", encoding="utf-8")
    draw_catalogue(book, written_in([own]), "目录")
    roster.write_text("名称,职能\n东湖村,\n水务中心,水利\n民政办,民政\n", encoding="utf-8")
    place = tmp_path / "青湖镇"
    assert set_up(place, roster, "--catalogue", str(book)) == 0
    said = capsys.readouterr().out
    assert "所给目录 2 项" in said and "没有写进名册：民政办" in said and "无人填报" not in said
    kept = load_inputs(place / "inputs")
    assert list(kept.catalogue.indicators) == ["1", "2"] and [unit.office for unit in kept.units] == [None, "水利"]
    assert not (place / "inputs" / "catalogue" / "report_order.csv").exists()
    catalogue_of(tmp_path)


def test_county_begins_with_the_roster_of_its_packages_and_with_no_other(tmp_path, roster, capsys):
    listed = tmp_path / "名册.csv"
    head, named = "code,name,kind,terrain,role,valid_from,valid_to,merged_into,township", ["--name", "东平县"]
    listed.write_text(
        f"{head}\n880202303201,东湖村,村,,,,,,青湖镇\n880202304201,东湖村,村,,,2020-01-01,,,白塔乡\n"
        "880202304909,民政办,站所,,902、909,,,,白塔乡\n",
        encoding="utf-8",
    )
    county = ["setup", str(tmp_path / "东平县"), *named, "--code", "880202", "--year", "2024", "--units"]
    assert main([*county, str(roster)]) == 2
    said = refused(capsys)
    assert f"{roster} 第 " in said[0] and "cunhui package roster" in said[-1] and not (tmp_path / "东平县").exists()
    assert main([*county, str(listed)]) == 0
    said = capsys.readouterr().out
    assert "村 2 个、站所 1 个" in said and "下一步：各乡镇的报送包放进" in said
    kept = load_inputs(tmp_path / "东平县" / "inputs")
    assert kept.settings.township.code == "880202"
    assert [(unit.name, unit.role) for unit in kept.units] == [
        ("青湖镇东湖村", ""), ("白塔乡东湖村", ""), ("民政办", "902、909")
    ]  # fmt: skip
    assert str(kept.units[1].valid_from) == "2020-01-01"


@pytest.mark.parametrize(("code", "below"), [("8802", "各县"), ("88", "各市")], ids=["city", "province"])
def test_city_and_province_begin_with_the_roster_of_their_packages(tmp_path, capsys, code, below):
    roster = tmp_path / "名册.csv"
    roster.write_text(
        "code,name,kind,terrain,role,valid_from,valid_to,merged_into,township,county,city\n"
        "880202303201,东湖村,村,,,,,,青湖镇,东平县,某市\n880204304201,东湖村,村,,,,,,白塔乡,西平县,某市\n",
        encoding="utf-8",
    )
    call = ["setup", str(tmp_path / "上级"), "--name", "上级", "--code", code, "--year", "2024", "--units", str(roster)]
    assert main(call) == 0
    assert f"下一步：{below}的报送包放进" in capsys.readouterr().out
    kept = load_inputs(tmp_path / "上级" / "inputs")
    assert kept.settings.township.code == code
    assert [(unit.township, unit.county) for unit in kept.units] == [("青湖镇", "东平县"), ("白塔乡", "西平县")]


def test_what_is_missing_is_one_line_without_a_terminal(tmp_path, capsys):
    assert main(["setup", str(tmp_path / "青湖镇"), "--year", "2024"]) == 2
    assert refused(capsys) == ["缺少 --name（乡镇的名称）、--code（统计用区划代码的前 9 位）、--units（名册文件）"]
    assert not (tmp_path / "青湖镇").exists()


def test_all_faults_of_the_call_and_the_roster_are_said_at_once(tmp_path, capsys):
    roster = tmp_path / "名册.csv"
    roster.write_text("名称,代码\n东湖村,880202303201\n西湖村,880202303201\n甲,\n", encoding="utf-8")
    status = main(["setup", str(tmp_path / "青湖镇"), "--name", " ", "--code", "880202303", "--year", "24",
                   "--units", str(roster)])  # fmt: skip
    said = refused(capsys, status)
    assert len(said) == 4
    for words in ("--name 没有写", "--year 写的是", "第 3 行：代码 880202303201 重复", "甲看不出是村"):
        assert any(words in line for line in said)
    assert not (tmp_path / "青湖镇").exists()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [("名册.xlsx", LOCKED, "密码"), ("名册.pdf", b"%PDF-1.7", "不是电子表格"), ("名册.csv", b"", "是空的"),
     ("名册.xlsx", b"PK\x03\x04oops", "名册.xlsx")],
    ids=["passworded", "pdf", "empty", "damaged"],
)  # fmt: skip
def test_file_that_is_no_roster_is_one_line(tmp_path, capsys, name, data, said):
    (tmp_path / name).write_bytes(data)
    lines = refused(capsys, set_up(tmp_path / "青湖镇", tmp_path / name))
    assert len(lines) == 1 and said in lines[0]


@pytest.mark.parametrize("held", ["file", "folder"])
def test_folder_with_anything_in_it_is_refused_unchanged(tmp_path, roster, capsys, held):
    place = tmp_path / "青湖镇"
    place.mkdir()
    (place / "旧").write_text("旧") if held == "file" else (place / "旧").mkdir()
    assert "里已有 旧 等内容" in refused(capsys, set_up(place, roster))[0]
    assert [path.name for path in place.iterdir()] == ["旧"]


def test_folder_is_made_again_after_a_kill_half_way(tmp_path, roster):
    place = tmp_path / "青湖镇"
    script = f"""
import os
import re
from flows.commands.cli import main
from flows.exchange.draw import draw_catalogue
from flows.exchange.written import written_in
from flows.starting import folder
folder.load_inputs = lambda _: os._exit(9)
main(["setup", {str(place)!r}, *{NAMED!r}, "--units", {str(roster)!r}])
"""
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 9
    assert not (place / "inputs").exists()
    assert set_up(place, roster) == 0
    assert sorted(path.name for path in place.iterdir()) == ["inputs", "outputs"]


def test_terminal_is_asked_for_one_thing_at_a_time(tmp_path, roster):
    import pty

    answers = [" ", "青湖镇", "888", "880202303", "2024", str(tmp_path / "没有.xlsx"), str(roster), "905、消防", "905"]
    command = [sys.executable, "-m", "flows.commands.cli", "setup", str(tmp_path / "青湖镇")]
    leader, follower = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        os.write(leader, "".join(f"{answer}\n" for answer in answers).encode())
        shown = b""
        while process.poll() is None or not shown.endswith(b"\n"):
            try:
                shown += os.read(leader, 65536)
            except OSError:
                break
    os.close(leader)
    said = shown.decode()
    assert process.returncode == 0, said
    for words in ("没有写：应为乡镇名称", "应为统计用区划代码的前 9 位数字", "找不到文件", "没有“消防”这一项"):
        assert words in said
    units = load_inputs(tmp_path / "青湖镇" / "inputs").units
    assert {unit.name: unit.role for unit in units}["综治中心"] == "905"


def test_settings_of_a_new_township_say_of_each_key_what_the_sample_says(tmp_path, roster):
    assert set_up(tmp_path / "青湖镇", roster) == 0
    files = tmp_path / "青湖镇" / "inputs" / "township.toml", ROOT / "inputs" / "township.toml"
    own, sample = (re.sub(r"\d{4}", "年", path.read_text(encoding="utf-8")) for path in files)
    comments = [line for line in sample.splitlines()[1:] if line.startswith("#")]
    assert [line for line in comments if line not in own] == []


def test_setup_into_the_folder_one_stands_in(tmp_path, roster, monkeypatch, capsys):
    place = tmp_path / "青湖镇"
    place.mkdir()
    monkeypatch.chdir(place)
    assert set_up(".", roster) == 0
    assert "下一步：cunhui forms 生成" in capsys.readouterr().out
    assert main(["status"]) == 3
