"""Each unit's own link: unguessable, kept as a hash alone, made anew and taken back at once."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from flows.files import write_atomically
from schemas.errors import InputError

FILE = "links.json"
BYTES = 24
"""Of chance in a link: 192 bits, so that a hash without salt or stretching keeps it."""


class Link(msgspec.Struct, frozen=True):
    """One unit's link: the SHA-256 of its secret, and when it was made."""

    digest: str
    made: datetime


class Links:
    """The links of one outputs folder, by the units' codes. What is changed counts at the next request."""

    def __init__(self, outputs: Path) -> None:
        self.path = outputs / FILE
        self._read: tuple[int, dict[str, Link]] = 0, {}

    def known(self) -> dict[str, Link]:
        """Every link there is. Raises InputError where the file is damaged."""
        try:
            changed = self.path.stat().st_mtime_ns
            if changed != self._read[0]:
                self._read = changed, msgspec.json.decode(self.path.read_bytes(), type=dict[str, Link])
        except FileNotFoundError:
            self._read = 0, {}
        except (OSError, msgspec.DecodeError):
            raise InputError(f"{self.path} 坏了：删除它，再用 cunhui links --make 重做各单位的链接") from None
        return self._read[1]

    def make(self, codes: Iterable[str], renew: bool = False) -> dict[str, str]:
        """Secrets for the units that have none, or for all of these; the earlier ones no longer open anything."""
        with self._alone():
            links = dict(self.known())
            made = {code: secrets.token_urlsafe(BYTES) for code in codes if renew or code not in links}
            now = datetime.now(UTC)
            self._keep(links | {code: Link(digest_of(secret), now) for code, secret in made.items()})
        return made

    def revoke(self, codes: Collection[str]) -> int:
        """Take these units' links back. Returns how many there were."""
        with self._alone():
            links = self.known()
            self._keep({code: link for code, link in links.items() if code not in codes})
            return len(links.keys() & set(codes))

    def unit_of(self, secret: str) -> str | None:
        """Whose link that is, by its unit's code; None for one that opens nothing."""
        digest = digest_of(secret)
        return next((code for code, link in self.known().items() if secrets.compare_digest(link.digest, digest)), None)

    def _alone(self) -> FileLock:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path.with_name(".links.lock"))

    def _keep(self, links: dict[str, Link]) -> None:
        write_atomically(self.path, msgspec.json.encode(links))
        self.path.chmod(0o600)
        self._read = 0, {}  # two changes within one tick of the clock look alike


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
