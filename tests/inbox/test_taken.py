"""What was taken from the inbox, and what is told of it."""

from flows.inbox.archive import Kept
from flows.inbox.taken import Inbox
from flows.reading.records import Received


def kept(name: str, fate) -> Kept:
    return Kept(Received("", name, name, 1), fate)


def test_file_of_several_is_all_that_it_held_and_what_was_no_report_is_told():
    inbox = Inbox()
    inbox.take(
        "都在.zip", [kept("a.xlsx", "new"), kept("b.xlsx", "there"), kept("c.xlsx", "replaced")], ["说明.docx"] * 4
    )
    assert [file.file for file in inbox.files] == ["a.xlsx", "b.xlsx", "c.xlsx"]
    assert [file.file for file in inbox.new] == ["a.xlsx"]
    [(replaced, archived), (whole, foreign)] = inbox.notices
    assert (replaced, archived.code) == ("c.xlsx", "ARCHIVE_REPLACED")
    assert (whole, foreign.code, foreign.details["count"]) == ("都在.zip", "ZIP_FOREIGN", "4")
    assert foreign.details["names"].endswith(" 等")
