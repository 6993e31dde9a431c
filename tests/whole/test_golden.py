"""The golden comparison: figures, findings and every emitted text are what they were when somebody last read them."""

import pytest

from tests.golden import KEPT, MESSY, golden, kept

NAMES = sorted({p.relative_to(KEPT).as_posix().removesuffix(".txt") for p in KEPT.rglob("*.txt")} - {MESSY})


@pytest.fixture(scope="module")
def came(tmp_path_factory) -> dict[str, list[str]]:
    return dict(golden(tmp_path_factory.mktemp("golden")))


@pytest.mark.parametrize("name", NAMES)
def test_output_is_what_it_was(name: str, came):
    assert came[name] == kept(name).read_text(encoding="utf-8").splitlines()


def test_every_output_is_compared(came):
    assert sorted(came) == NAMES
