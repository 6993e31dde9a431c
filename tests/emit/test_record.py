"""What was emitted, remembered: whether a file is still what was written, and from the figures of now."""

import pytest

from flows.emit.record import RECORD, Made, changed_since, made_from, write_record
from flows.totals.add_up import add_up
from tests.office import open_store, submit, units_of

YEAR = 2023


@pytest.fixture
def emitted(tmp_path):
    """A store with one village, and a workbook and a folder of returns that were emitted from it."""
    units, folder = units_of("南川村 川区"), tmp_path / str(YEAR)
    (folder / "退回").mkdir(parents=True)
    (folder / "汇总表.xlsx").write_bytes(b"table")
    (folder / "退回" / "南川村.xlsx").write_bytes(b"back")
    with open_store(tmp_path, units) as store:
        submit(store, units[0], {"I01": 30})
        add_up(store, YEAR, "none")
        write_record(store, folder, YEAR, Made(("汇总表.xlsx", "退回"), ("已说的",)), "basis")
        yield store, tmp_path, units[0]


def test_files_as_they_were_written_are_not_told(emitted):
    store, outputs, _ = emitted
    assert list(changed_since(store, outputs, YEAR)) == []


def test_file_that_was_edited_or_is_gone_is_told_also_within_a_folder(emitted):
    store, outputs, _ = emitted
    (outputs / str(YEAR) / "汇总表.xlsx").write_bytes(b"edited")
    (outputs / str(YEAR) / "退回" / "南川村.xlsx").unlink()
    assert dict(changed_since(store, outputs, YEAR)) == {"汇总表.xlsx": "被改动过", "退回/南川村.xlsx": "不见了"}


def test_tables_of_earlier_figures_are_told(emitted):
    store, outputs, unit = emitted
    submit(store, unit, {"I01": 31})
    add_up(store, YEAR, "none")
    assert list(changed_since(store, outputs, YEAR)) == [(RECORD, "各表是按以前的数生成的")]


def test_folder_without_a_readable_record_tells_nothing(emitted):
    store, outputs, _ = emitted
    (outputs / str(YEAR) / RECORD).write_text("{", encoding="utf-8")
    assert list(changed_since(store, outputs, YEAR)) == []
    assert list(changed_since(store, outputs, YEAR - 1)) == []


def test_what_was_made_from_the_same_is_not_made_again_unless_a_file_of_it_is_another(emitted):
    _, outputs, _ = emitted
    folder = outputs / str(YEAR)
    assert made_from(folder, "basis") == Made(("汇总表.xlsx", "退回"), ("已说的",))
    assert made_from(folder, "another") is None
    (folder / "汇总表.xlsx").write_bytes(b"edited")
    assert made_from(folder, "basis") is None


def test_what_was_made_in_part_only_is_made_again(emitted):
    store, outputs, _ = emitted
    write_record(store, outputs / str(YEAR), YEAR, Made(("汇总表.xlsx",), failed=True), "basis")
    assert made_from(outputs / str(YEAR), "basis") is None
