"""A reading folded: little is held of it, and whole again it says what it said, under its present name."""

from msgspec.structs import replace

from flows.reading.folded import deflated, folded, inflated, unfolded
from flows.reading.records import Answer, ListCell, Reading
from schemas.findings import Finding

WHOLE = Reading(
    "", "", "package", identity={"报送包": ["990101101201", "甲村"]}, part="990101101201!",
    answers=[Answer("I01", "42", "number", "表", 5, 5)],
    list_cells=[ListCell("项目", 1, "名称", "路", "text", "表", 9, 2)],
)  # fmt: skip


def test_a_folded_reading_holds_no_cells_and_says_whose_it_is():
    small = folded(WHOLE, deflated(WHOLE))
    assert (small.answers, small.list_cells) == ([], [])
    assert (small.identity, small.part, small.form) == (WHOLE.identity, WHOLE.part, WHOLE.form)


def test_what_was_replaced_while_it_was_folded_holds_when_it_is_whole():
    found = [Finding("PACKAGE_TOTALS")]
    small = replace(folded(WHOLE, deflated(WHOLE)), sha256="ab", file="甲镇.zip", findings=found)
    assert unfolded(small) == replace(WHOLE, sha256="ab", file="甲镇.zip", findings=found)
    assert type(unfolded(small)) is Reading


def test_a_reading_that_is_whole_stays_itself_and_comes_back_from_its_bytes():
    assert unfolded(WHOLE) is WHOLE and inflated(deflated(WHOLE)) == WHOLE
