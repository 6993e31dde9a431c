"""An adopted form is kept beside its own bytes, and refused in one line when it is not as it was written."""

from pathlib import Path

import pytest

from schemas.adopted import AdoptedAnswer, AdoptedBlock, AdoptedForm, AdoptedSheet, Label, form_text, load_form
from schemas.errors import InputError


def _form() -> AdoptedForm:
    label = Label(kind="name", text="　其中：水田", place=(7, 2))
    answer = AdoptedAnswer(code="A02", place=(7, 5), name="水田", row_labels=(label,), choices=(("1", "是"),))
    block = AdoptedBlock(
        orientation="vertical", head_rows=(5, 6), head_columns=(1, 4), first_row=7, last_row=7, answers=(answer,)
    )
    sheet = AdoptedSheet(name="表一", title="耕地情况", area="耕地", blocks=(block,), printed=((7, 2, "　其中：水田"),))
    return AdoptedForm(sha256="ab" * 32, kept="ab.xlsx", file="耕地.xlsx", name="耕地情况", sheets=(sheet,))


def test_adopted_form_is_kept_and_read_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "ab.xlsx").write_bytes(b"PK")
    (tmp_path / "ab.json").write_bytes(form_text(_form()))

    assert load_form(tmp_path / "ab.json") == _form()


def test_adopted_form_without_its_own_bytes_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ab.json").write_bytes(form_text(_form()))

    with pytest.raises(InputError, match=r"ab\.xlsx 不见了") as refused:
        load_form(tmp_path / "ab.json")
    assert len(refused.value.lines) == 1


def test_adopted_form_edited_by_hand_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ab.json").write_bytes(form_text(_form()).replace(b'"area"', b'"aera"'))

    with pytest.raises(InputError, match="读不懂"):
        load_form(tmp_path / "ab.json")
