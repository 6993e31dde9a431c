"""Keys and signatures of packages: what is no key, or not the right password, is one line that says what to do."""

from pathlib import Path

import pytest

from flows.packing.signing import PRIVATE, PUBLIC, Signer, new_keys, signed_by
from schemas.errors import InputError

DATA = b"manifest"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pair without a password, a locked pair, and files that are no keys."""
    folder = tmp_path_factory.mktemp("keys")
    new_keys(folder / "own")
    new_keys(folder / "locked", "夏至三候")
    (folder / "none").mkdir()
    for name in (PRIVATE, PUBLIC):
        (folder / "none" / name).write_bytes(b"untrusted comment: x\nAAAA\n")
    return folder


def test_signature_is_told_by_its_key_among_others_and_only_of_what_was_signed(keys: Path) -> None:
    own, other = keys / "own" / PUBLIC, keys / "locked" / PUBLIC
    signature = Signer(keys / "own" / PRIVATE).sign(DATA)
    assert signed_by(DATA, signature, [other, own]) == own
    assert signed_by(DATA, signature, [other]) is None
    assert signed_by(DATA + b" ", signature, [own]) is None
    assert signed_by(DATA, b"no signature", [own]) is None
    assert signed_by(DATA, signature[:60], [own]) is None


def test_locked_key_signs_with_its_password_alone(keys: Path) -> None:
    locked = keys / "locked" / PRIVATE
    assert signed_by(DATA, Signer(locked, "夏至三候").sign(DATA), [keys / "locked" / PUBLIC])
    with pytest.raises(InputError, match="有密码，请先设环境变量 CUNHUI_KEY_PASSWORD"):
        Signer(locked)
    with pytest.raises(InputError, match="或者密码不对"):
        Signer(locked, "夏至二候")


@pytest.mark.parametrize(
    ("where", "of_the_private", "of_the_public"),
    [
        ("nowhere", "读不到私钥 .*先做一对：cunhui package keys", "读不到公钥"),
        ("none", "不是 cunhui package keys 做的私钥", "不是公钥（应是对方 cunhui package keys 做的 cunhui.pub）"),
    ],
)
def test_what_is_no_key_is_named_in_one_line(keys: Path, where: str, of_the_private: str, of_the_public: str) -> None:
    with pytest.raises(InputError, match=of_the_private):
        Signer(keys / where / PRIVATE)
    with pytest.raises(InputError, match=of_the_public):
        signed_by(DATA, Signer(keys / "own" / PRIVATE).sign(DATA), [keys / where / PUBLIC])


@pytest.mark.parametrize("left", [PRIVATE, PUBLIC])
def test_earlier_key_is_never_written_over(left: str, tmp_path: Path) -> None:
    (tmp_path / left).write_bytes(b"earlier")
    with pytest.raises(InputError, match=f"{left} 已经有了，没有动"):
        new_keys(tmp_path)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(left, b"earlier")]


def test_secret_key_is_its_owners_alone(keys: Path) -> None:
    assert (keys / "own" / PRIVATE).stat().st_mode & 0o077 == 0
