"""The version of the rules: what it changes with, so that what was read under another is read again."""

import hashlib
from pathlib import Path

RULES = ("indicators/*.toml", "lists/*.toml", "others.toml", "measures.toml")


def version_of(root: Path) -> str:
    """The version of the catalogue in that folder."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in RULES for path in root.glob(pattern)):
        digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]
