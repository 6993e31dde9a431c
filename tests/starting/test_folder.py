"""A township's own folder: whole or not there, loadable as it is written, and never over what somebody has."""

import tomllib
from datetime import datetime

import pytest

from flows.starting import folder as making
from flows.starting.papers import settings_toml, targets_toml
from schemas.catalogue import declared
from schemas.errors import InputError
from schemas.inputs import load_inputs
from tests.starting.test_roster import CODE, NAME, settled

ROSTER = "== 名册\n| 村名 |\n| 东湖村 |\n| 西湖村 |"


def made(place):
    making.make_folder(place, CODE, NAME, 2024, settled(ROSTER).units, declared())
    return load_inputs(place / "inputs")


def test_folder_is_made_with_all_that_a_run_asks_for(tmp_path):
    inputs = made(tmp_path / "青湖镇")
    assert (inputs.year, inputs.settings.township.name) == (2024, NAME)
    assert [unit.name for unit in inputs.units] == ["东湖村", "西湖村"]
    assert (tmp_path / "青湖镇" / "inputs" / "2024" / "submissions").is_dir()
    assert (tmp_path / "青湖镇" / "outputs").is_dir()


def test_folder_that_holds_something_is_left_as_it_is(tmp_path):
    (tmp_path / "台账.xlsx").write_bytes(b"x")
    with pytest.raises(InputError, match="台账"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["台账.xlsx"]


def test_making_that_fails_on_the_way_leaves_nothing_and_one_that_was_killed_is_begun_again(tmp_path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(making, "load_inputs", lambda _: (_ for _ in ()).throw(OSError("disk")))
        with pytest.raises(OSError, match="disk"):
            made(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".inputs.new" / "half").mkdir(parents=True)
    assert len(made(tmp_path).units) == 2
    assert not (tmp_path / ".inputs.new").exists()


def test_papers_are_toml_with_what_is_said_as_values_and_the_rest_as_comments():
    catalogue = declared()
    said = {next(iter(catalogue.texts)): "青“湖\\镇"}
    settings = tomllib.loads(settings_toml(CODE, NAME, 2024, datetime(2025, 1, 10), catalogue.texts.values(), said))
    assert settings["report"] == said
    target = next(iter(catalogue.targets.values()))
    planned = targets_toml(2024, catalogue.targets.values(), {target.code: "12.5"})
    assert tomllib.loads(planned) == {target.name: 12.5}
    assert f"# {target.definition}单位：{target.unit}" in planned
