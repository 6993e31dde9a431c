"""The generated parts of the documents are what the code says today."""

import re

import pytest

from tests.docs import PARTS, ROOT, with_part


@pytest.mark.parametrize(("document", "name"), PARTS)
def test_generated_part_of_a_document_is_up_to_date(document: str, name: str) -> None:
    fresh = with_part(document, name, PARTS[document, name]())

    assert (ROOT / document).read_text(encoding="utf-8") == fresh, "run python -m tests.docs"


def test_every_view_and_every_column_says_what_it_holds() -> None:
    told = PARTS[".github/VIEWS.md", "views"]()

    assert re.findall(r"\|  \|$|\nNone\n", told, re.MULTILINE) == []


def test_every_file_that_the_contributors_page_names_is_there() -> None:
    page = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:flows|schemas|tests|inbox|reading|judging|store|totals|emit)/[\w./]+)`", page)

    assert named
    assert [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "flows"))] == []
