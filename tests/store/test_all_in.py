"""All in means all in: what no unit of the roster reports is listed with its reason, however many units are in."""

import re

from flows.commands.tell import as_dict, tell
from tests.office import run_steps, small_inputs


def test_offices_that_are_not_on_the_roster_keep_a_year_from_being_all_in(tmp_path, capsys):
    inputs, outputs = small_inputs(tmp_path, ["三湾村", "南川村"]), tmp_path / "outputs"

    standing = run_steps(inputs, outputs)
    tell(standing)

    said = capsys.readouterr().out
    page = (outputs / "2023" / "收报情况.html").read_text(encoding="utf-8")
    assert standing.complete, "the exit status goes by the units alone"
    assert "全部收齐" not in said and "还缺：" in said
    assert any("无人填报：" in lack for lack in as_dict(standing)["lacking"])
    assert re.search("还缺：[^<]*没有单位报", page)
