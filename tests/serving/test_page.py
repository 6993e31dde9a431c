"""The server that a serve keeps: its own ends with it, a given one is joined and left alone."""

import os
from types import SimpleNamespace

import pytest

from flows.serving import launch
from flows.serving import serve as serving
from flows.serving.serve import page_of, start_page
from flows.serving.server import Server
from schemas.errors import InputError


@pytest.mark.parametrize("url", ["http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api/", "http://127.0.0.1:4200"])
def test_page_is_found_from_the_api(url):
    assert page_of(url) == "http://127.0.0.1:4200"


@pytest.fixture
def untouched(monkeypatch):
    """Takes back whatever is set in the environment for Prefect."""
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "PREFECT_API_URL", "NO_PROXY", "no_proxy", *launch.SETTINGS):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


def test_server_of_a_serve_that_goes_wrong_is_ended_and_its_address_taken_back(tmp_path, untouched):
    stopped = []
    own = SimpleNamespace(ended=False, stop=lambda: stopped.append(True))
    untouched.setattr(serving, "spawn", lambda *_: Server("http://127.0.0.1:9/api", own))
    with pytest.raises(InputError), start_page(tmp_path):
        assert launch.url_file(tmp_path).read_text() == "http://127.0.0.1:9/api"
        raise InputError("定时不对")
    assert stopped and not launch.url_file(tmp_path).exists() and "PREFECT_API_URL" not in os.environ


def test_given_server_is_joined_and_no_address_is_left_for_others(tmp_path, untouched):
    untouched.setenv("PREFECT_API_URL", "http://prefect.county.example/api")
    untouched.setattr(launch, "spawn", lambda *_: pytest.fail("a server was started"))
    with start_page(tmp_path) as server:
        assert (server.url, server.joined) == ("http://prefect.county.example/api", True)
        assert not launch.url_file(tmp_path).exists()
    assert launch.served_url(tmp_path) is None
