"""Forms for tests without a process of their own: bytes or a text table to what is found."""

from pathlib import Path

from flows.adopt.blank import Blank
from flows.adopt.find import find
from flows.adopt.found import FoundForm
from flows.adopt.opened import with_looks
from tests.text_tables import workbook


def blank(data: bytes, name: str = "表.xlsx") -> Blank:
    """The bytes of an .xlsx as a blank form."""
    return Blank(Path(name), data, with_looks(data), ".xlsx", ())


def found(data: bytes | str) -> FoundForm:
    """What is found in an .xlsx, or in a text table."""
    return find(blank(workbook(data) if isinstance(data, str) else data))
