"""Signing a package's manifest, minisign's way: a key pair of the township's own, the public half known to the county.

The signature covers the manifest's bytes, which name every other file by its SHA-256.
"""

import os
from pathlib import Path

from minisign import Error, KeyPair, PublicKey, SecretKey, Signature

from schemas.errors import InputError

PRIVATE, PUBLIC = "cunhui.key", "cunhui.pub"
PASSWORD = "CUNHUI_KEY_PASSWORD"
"""Where a key's password is looked for: never on the command line, which others of the computer can see."""


class Signer:
    """A township's secret key, unlocked."""

    def __init__(self, path: Path, password: str | None = None) -> None:
        """Read the key. Raises InputError for what is none, and for a wrong or missing password."""
        self._key = _secret(path, password)

    def sign(self, data: bytes) -> bytes:
        """The text of the signature's file."""
        return bytes(self._key.sign(data, trusted_comment="cunhui package"))


def new_keys(folder: Path, password: str | None = None) -> tuple[Path, Path]:
    """Make a key pair in the folder. Never writes over an earlier one: what it has signed would be nobody's."""
    private, public = folder / PRIVATE, folder / PUBLIC
    for path in (private, public):
        if path.exists():
            raise InputError(f"{path} 已经有了，没有动；要另做一对，请换一个文件夹")
    folder.mkdir(parents=True, exist_ok=True)
    pair = KeyPair.generate()
    if password:
        pair.secret_key.encrypt(password)
    with os.fdopen(os.open(private, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(bytes(pair.secret_key) + b"\n")
    public.write_bytes(bytes(pair.public_key) + b"\n")
    return private, public


def signed_by(data: bytes, signature: bytes, keys: list[Path]) -> Path | None:
    """Which of the public keys made the signature; None when none of them did. Raises InputError for what is no key."""
    try:
        made = Signature.from_bytes(signature)
    except (Error, ValueError):
        return None
    for path in keys:
        try:
            _public(path).verify(data, made)
        except Error:
            continue
        return path
    return None


def _secret(path: Path, password: str | None) -> SecretKey:
    try:
        key = SecretKey.from_file(path)
        if key.is_encrypted():
            if not password:
                raise InputError(f"私钥 {path} 有密码，请先设环境变量 CUNHUI_KEY_PASSWORD")
            key.decrypt(password)
    except OSError:
        raise InputError(f"读不到私钥 {path}；没有的话先做一对：cunhui package keys 文件夹") from None
    except (Error, ValueError):
        raise InputError(f"{path} 不是 cunhui package keys 做的私钥，或者密码不对") from None
    return key


def _public(path: Path) -> PublicKey:
    try:
        return PublicKey.from_file(path)
    except OSError:
        raise InputError(f"读不到公钥 {path}") from None
    except (Error, ValueError):
        raise InputError(f"{path} 不是公钥（应是对方 cunhui package keys 做的 {PUBLIC}）") from None
