"""Sentences with blanks on filled copies: told by their printed words, whatever was written in between."""

import pytest

from flows.reading.locate.sentences import pattern_of

HOLDS = "全村共____户，其中：低保____户。"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("全村共412户,其中:低保18户。", ("412", "18")),
        ("全村共__412__户,其中:低保____户。", ("__412__", "____")),
        ("全村共户,其中:低保18户。", ("", "18")),
    ],
)
def test_what_stands_between_the_printed_words_is_the_answer(text: str, said: tuple[str, ...]) -> None:
    match = pattern_of(HOLDS).fullmatch(text)
    assert match and match.groups() == said


def test_other_words_are_another_sentence() -> None:
    assert pattern_of(HOLDS).fullmatch("全村共412户,其中:五保18户。") is None
