"""Which of the forms that a unit owes lack, in words."""

from flows.store.owed import Owed, lacked_words, owed_words
from schemas.states import word_of


def _owed(name: str, state: str) -> Owed:
    return Owed(name, state, "", 0, 0, 0)


def test_forms_not_sent_are_named_only_beside_others_that_were() -> None:
    people, economy = _owed("人口表", "accepted"), _owed("经济表", "missing")
    assert lacked_words([people, economy]) == "缺《经济表》"
    assert lacked_words([economy, _owed("人口表", "missing")]) == lacked_words([people]) == lacked_words([]) == ""


def test_every_form_that_does_not_count_is_named_with_its_state() -> None:
    owed = [_owed("人口表", "accepted"), _owed("经济表", "missing"), _owed("党建表", "returned")]
    assert owed_words(owed) == f"《经济表》{word_of('missing')}，《党建表》{word_of('returned')}"
