"""Filled copies of a form: which answers are figures, which relations they bear out."""

from flows.adopt.found import UNSURE
from flows.adopt.samples import compare
from tests.adopt.pages import blank, found
from tests.text_tables import workbook

FORM = """
== 收支
| 指标名称 | 代码 | 计量单位 | 本年 |
| 总收入 | "01" | 元 | {} |
| 总支出 | "02" | 元 | {} |
| 结余 | "03" | 元 | {} |
| 经手的 | "04" | | {} |
| 有多少 | "05" | | {} |
| 审核关系：03=01-02 |
"""
UNFILLED = FORM.replace("{}", "")


def _compared(*copies: tuple[str, ...]):
    form = found(UNFILLED)
    compare([form], [blank(workbook(FORM.format(*copy))) for copy in copies])
    return form


def test_relation_that_holds_in_some_copies_only_is_counted() -> None:
    [relation] = _compared(("100", "60", "40", "", ""), ("90", "60", "40", "", "")).relations

    assert (relation.held, relation.tried) == (1, 2)


def test_relation_over_a_figure_that_a_copy_leaves_out_is_not_tried_there() -> None:
    [relation] = _compared(("100", "", "40", "", "")).relations

    assert (relation.held, relation.tried) == (0, 0)


def test_answers_without_a_unit_are_figures_or_words_as_the_copies_have_them() -> None:
    before, after = found(UNFILLED), _compared(("1", "1", "0", "王", "3"), ("2", "1", "1", "李", "4"))

    assert [answer.level == UNSURE for answer in before.answers] == [False, False, False, True, True]
    assert [(answer.type, answer.level == UNSURE) for answer in after.answers[3:]] == [
        ("text", False),
        ("number", False),
    ]


def test_cell_that_the_copies_fill_in_differently_and_that_is_no_answer_is_shown() -> None:
    form = found(UNFILLED)
    copies = [FORM.format("1", "1", "0", "", "") + f"| | | | | {n} |" for n in (3, 4)]
    compare([form], [blank(workbook(copy)) for copy in copies])

    assert form.sheets[0].unread == (("E8", "各村填得不同"),)


def test_copy_of_another_form_says_nothing() -> None:
    form = found(UNFILLED)
    compare([form], [blank(workbook("== 收支\n| 项目 | 数 |\n| 别的 | 5 |"))])

    assert form.relations[0].tried == 0
