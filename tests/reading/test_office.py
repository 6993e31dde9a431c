"""Old formats saved anew by LibreOffice; without it nothing is guessed."""

import shutil

import pytest

from flows.reading import office


def test_without_libreoffice_nothing_is_converted(monkeypatch):
    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    monkeypatch.setattr(office, "_PLACES", ())
    assert office.office() is None
    assert office.converted(b"x", ".doc", "docx") is None


def test_text_becomes_a_document_and_what_is_none_becomes_nothing():
    assert shutil.which("soffice"), "these tests need LibreOffice"
    assert (office.converted("低保618户。".encode(), ".txt", "docx") or b"").startswith(b"PK")


@pytest.mark.parametrize("to", ["nonsense"])
def test_format_that_libreoffice_does_not_know_gives_nothing(to):
    assert office.converted("低保618户。".encode(), ".txt", to) is None
