"""What several test files share."""

import pytest


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory) -> str:
    """One home for Prefect, so that its database is made once."""
    return str(tmp_path_factory.mktemp("prefect"))
