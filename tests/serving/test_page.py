"""The server that a serve keeps: a given one is joined and left alone."""

import pytest

from flows.serving import launch
from flows.serving.serve import page_of, start_page


@pytest.mark.parametrize("url", ["http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api/", "http://127.0.0.1:4200"])
def test_page_is_found_from_the_api(url):
    assert page_of(url) == "http://127.0.0.1:4200"


def test_given_server_is_joined_and_no_address_is_left_for_others(tmp_path, monkeypatch):
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "NO_PROXY", "no_proxy", *launch.SETTINGS):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)  # what is set below is taken back
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.county.example/api")
    monkeypatch.setattr(launch, "spawn", lambda *_: pytest.fail("a server was started"))
    with start_page(tmp_path) as server:
        assert (server.url, server.joined) == ("http://prefect.county.example/api", True)
        assert not launch.url_file(tmp_path).exists()
    assert launch.served_url(tmp_path) is None
