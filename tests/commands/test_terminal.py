"""What a terminal shows: help within 80 columns, wide answers in strips, every wrong call in one Chinese line."""

import importlib
import re
import sys
import unicodedata

import click
import pytest

import flows
from flows.commands.chinese import columns_of, folded
from flows.commands.cli import cli, main
from flows.commands.sql import in_strips


def every_command(group=cli, path=()):
    yield path
    for name, command in group.commands.items():
        yield from every_command(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]


def display(line):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("path", list(every_command()), ids=lambda path: " ".join(path) or "cunhui")
def test_help_stands_within_80_columns_in_chinese(path, capsys):
    assert main([*path, "--help"]) == 0
    said = capsys.readouterr().out
    assert max(map(display, said.splitlines())) <= 80
    assert said.startswith(f"用法：{' '.join(('cunhui', *path))}")
    assert not re.search(r"Usage|Options|Commands|Show this|COMMAND|OPTIONS", said)


def test_what_is_said_of_options_begins_in_one_column(capsys):
    main(["run", "--help"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  --")]
    said = [re.match(r"\s*--\S+(?: \S+)?\s{2,}", line)[0] for line in lines]
    assert len(lines) > 5
    assert len(set(map(display, said))) == 1


def test_folding_cuts_no_word_and_begins_no_line_with_a_closing_mark():
    lines = list(folded("由这个调度器下的各台电脑读表，如 tcp://192.168.1.10:8786。" * 3, 30))
    assert all(columns_of(line) <= 30 for line in lines)
    assert sum("tcp://192.168.1.10:8786。" in line for line in lines) == 3
    assert not any(line[0] in "，。）" for line in lines)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["run", "--onli", "三湾村"], "没有选项 --onli，是不是 --only？"),
        (["run", "--only"], "选项 --only 后面要写一个值"),
        (["run", "--retry=1"], "选项 --retry 后面不要写值"),
        (["run", "--year", "去年"], "选项 --year 的值不对，应为整数"),
        (["restore", "三湾村", "一"], "参数 版次 的值不对，应为整数"),
        (["restore", "三湾村"], "缺少参数 版次"),
        (["restore"], "缺少参数 单位"),
        (["run", "三湾村"], "多余的参数：三湾村"),
        (["runn"], "没有命令 runn，是不是 run？"),
        (["汇总"], "没有命令 汇总，可用 --help 查看"),
        (["report", "bnid"], "没有命令 bnid，是不是 bind？"),
        (["report"], "后面要写一个命令，可用 --help 查看"),
        ([], "后面要写一个命令，可用 --help 查看"),
        (["sql", "--format", "excel", "SELECT 1"], "选项 --format 的值不对，可选：table、csv、json、xlsx、parquet"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_call_is_one_chinese_line_and_exit_2(call, said, capsys):
    assert main(call) == 2
    assert capsys.readouterr().err == f"错误：{said}\n"


CLICKS = [kind for kind in vars(click.exceptions).values() if isinstance(kind, type)]


@pytest.mark.parametrize("kind", [kind for kind in CLICKS if issubclass(kind, click.ClickException)])
def test_no_sentence_of_clicks_own_is_passed_on(kind):
    from flows.commands.chinese import complaint

    error = kind.__new__(kind)
    error.message, error.param, error.option_name, error.possibilities = (
        "Some new english words here",
        None,
        "--x",
        None,
    )
    assert not re.search("english|words", complaint(error, []))


def test_python_that_is_too_old_is_said_in_chinese(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"要用 Python 3\.11 以上版本，现在用的是 3\.9"):
        importlib.reload(flows)


def test_answer_that_fits_is_one_strip():
    assert in_strips(["单位", "数"], [["三湾村", "1"], ["南川村", "2"]], 80) == [[0, 1]]


def test_wide_answer_is_cut_into_strips_that_fit_each_led_by_what_tells_the_rows_apart():
    columns = ["年度", "单位", *(f"第{number}项指标的名称" for number in range(20))]
    rows = [["2023", name, *["1234.5"] * 20] for name in ("三湾村", "南川村")]
    strips = in_strips(columns, rows, 80)
    assert all(strip[0] == 1 for strip in strips)
    assert [column for strip in strips for column in strip[1:]] == [0, *range(2, 22)]
    assert all(sum(display(columns[column]) + 3 for column in strip) <= 80 for strip in strips)


def test_rows_that_nothing_tells_apart_are_cut_all_the_same():
    assert in_strips(["长" * 10] * 5, [["1"] * 5] * 2, 80) == [[0, 1, 2], [3, 4]]


def test_no_line_of_an_areas_answer_is_wider_than_the_terminal(tmp_path, capsys, monkeypatch):
    from flows.commands import sql
    from flows.store.published import Answer

    columns = ["单位", *(f"指标{number}" for number in range(40)), "说明"]
    rows = [[name, *range(40), "很长的说明" * 20] for name in ("三湾村", "南川村")]
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sql, "query", lambda *_, **__: Answer(columns, rows, False))
    sql.answer(tmp_path, "SELECT 1", "table", None)
    said = capsys.readouterr().out
    assert max(map(display, said.splitlines())) <= 80
    assert all(f"指标{number}" in said for number in range(40))
    assert re.sub(r"\s", "", said).count("很长的说明") >= 2
    assert "共 42 栏，屏幕放不下，分成上面" in said


def test_version_names_the_program_and_what_it_stands_on(capsys):
    assert main(["--version"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("村汇 ") and all(name in said for name in ("Python 3.", "prefect ", "duckdb "))
