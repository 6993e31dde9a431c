"""What several test files share."""

import pytest

from flows.steps.figures import Book
from schemas.catalogue import Catalogue
from tests.books import make_book
from tests.browsing import chromium


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory) -> str:
    """One home for Prefect, so that its database is made once."""
    return str(tmp_path_factory.mktemp("prefect"))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The real catalogue."""
    return Catalogue()


@pytest.fixture(scope="session")
def book(catalogue: Catalogue) -> Book:
    """A complete year of the sample township's fifteen villages."""
    return make_book(catalogue)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for all pages."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
