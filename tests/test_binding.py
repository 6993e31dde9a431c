"""A report with blanks is bound: 237 blanks and some foreign ones in four reports of different wording."""

import re
from pathlib import Path

import pytest

from flows.binding import bind
from flows.cli import main
from tests.office import CATALOGUE

REPORTS = Path(__file__).parent / "data" / "reports"
SLOT = re.compile(r"\{([^}]*)\}")


def slot_of(truth: str) -> str:
    """The slot that stands for `A31[2]`, `T01`, `township_name`; '' for a blank that is no figure of ours (`-`)."""
    feed, rank = re.fullmatch(r"([\w-]+)(?:\[(\d)\])?", truth).groups()
    known = {**CATALOGUE.indicators, **CATALOGUE.targets, **CATALOGUE.texts}
    return "" if feed == "-" else "{{" + known[feed].name + (f"|第{rank}" if rank else "")


@pytest.mark.parametrize("mark", ["XX", "××", "____"])
@pytest.mark.parametrize("name", ["dev_1", "dev_2", "held_1", "held_2"])
def test_blanks_are_bound_and_no_wrong_one_is_sure(tmp_path, name, mark):
    text = (REPORTS / f"{name}.txt").read_text(encoding="utf-8")
    truth = SLOT.findall(text)
    path = tmp_path / "report.txt"
    path.write_text(SLOT.sub(mark, text), encoding="utf-8")
    bound = bind(path, CATALOGUE)
    assert len(bound.blanks) == len(truth)
    pairs = [(slot_of(one), blank) for one, blank in zip(truth, bound.blanks, strict=True)]
    ours = [(slot, blank) for slot, blank in pairs if slot]
    right = [blank for slot, blank in ours if blank.slot.replace("？", "").startswith(slot)]
    assert len(right) >= 0.95 * len(ours)
    wrong = [(slot, blank.slot) for slot, blank in pairs if blank.sure and not (slot and blank.slot.startswith(slot))]
    assert wrong == []


def test_commands_write_a_template_and_say_what_is_unsure(tmp_path, capsys):
    path = tmp_path / "report.txt"
    path.write_text("（九）民生保障\n\n全镇现有低保户XX户XX人。\n", encoding="utf-8")
    assert main(["report", "bind", str(path), "--out", str(tmp_path / "template.txt")]) in (0, 3)
    assert "低保户数" in (tmp_path / "template.txt").read_text(encoding="utf-8")
    assert main(["report", "check", str(tmp_path / "template.txt")]) in (0, 3)
    capsys.readouterr()
    assert main(["report", "bind", str(tmp_path / "没有.txt")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_slot_is_named_with_the_nearest(tmp_path, capsys):
    path = tmp_path / "template.txt"
    path.write_text("全镇现有低保户{{低保户}}户。\n", encoding="utf-8")
    assert main(["report", "check", str(path)]) != 0
    said = capsys.readouterr()
    assert "低保户数" in said.out + said.err
