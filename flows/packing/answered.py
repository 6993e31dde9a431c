"""What became of a township's own packages: each is kept as it was sent, and each receipt of one, by the journal."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.emit.moments import in_words
from flows.inbox.archive import archived_as, digest_of, keep
from flows.inbox.taken import Inbox
from flows.packing.manifest import begins_with
from flows.packing.receipt import RECEIPT, Receipt, opened, said
from flows.reading.records import Received
from flows.store.journal import Journal, Line, Packed, Receipted
from flows.store.lock import hold
from schemas.errors import InputError
from schemas.outputs import ARCHIVE
from schemas.township import Who


def remember(outputs: Path, year: int, package: Path) -> None:
    """Keep a package that has been made, so that what comes back can be told from what answers another's."""
    sha256 = _kept(outputs, package)
    with hold(outputs, wait=30):
        Journal(outputs).write([Packed(datetime.now(UTC), year, sha256, package.name)])


def take_receipt(outputs: Path, who: Who, year: int, path: Path, keys: Sequence[Path]) -> Receipt:
    """Keep a receipt of one of our packages of the year. Raises InputError, in one line, for any other."""
    receipt = _answer(outputs, who, year, path, keys)
    sha256 = _kept(outputs, path)
    with hold(outputs, wait=30):
        _note(Journal(outputs), year, sha256, receipt, path.name)
    return receipt


def is_receipt(file: Received) -> bool:
    """Whether its bytes begin as those of a receipt do."""
    return begins_with(file, RECEIPT)


def take_receipts(inbox: Inbox, outputs: Path, who: Who, year: int, keys: Sequence[Path], journal: Journal) -> None:
    """Take the receipts out of what was collected; one that answers no package of ours is told. Under `hold`."""
    for file in filter(is_receipt, tuple(inbox.files)):
        inbox.files.remove(file)
        try:
            _note(journal, year, file.sha256, _answer(outputs, who, year, Path(file.path), keys), file.file)
        except InputError as error:
            inbox.tell("RECEIPT_REFUSED", file.file, why=str(error).removeprefix(file.path).strip())


def _answer(outputs: Path, who: Who, year: int, path: Path, keys: Sequence[Path]) -> Receipt:
    receipt = opened(path, keys)
    if receipt.code not in ("", who.code):
        raise InputError(f"{path} 是给{receipt.name}（{receipt.code}）的回执，这里是{who.name}（{who.code}）")
    if receipt.year != year:
        raise InputError(f"{path} 是 {receipt.year} 年的回执，这里是 {year} 年；要收请加 --year {receipt.year}")
    lines = Journal(outputs).read()
    if not any(isinstance(line, Packed) and (line.sha256, line.year) == (receipt.package, year) for line in lines):
        raise InputError(f"{path} 回的报送包（{receipt.file}，指纹 {receipt.package[:12]}）不是这里打的")
    return receipt


def _note(journal: Journal, year: int, sha256: str, receipt: Receipt, name: str) -> None:
    """Write the receipt down, once."""
    if not any(isinstance(line, Receipted) and line.sha256 == sha256 for line in journal.read()):
        journal.write([Receipted(datetime.now(UTC), year, sha256, receipt.package, name)])


def _kept(outputs: Path, path: Path) -> str:
    with path.open("rb") as file:
        sha256 = digest_of(file)
        keep(file, sha256, path.name, outputs / ARCHIVE)
    return sha256


def answers(outputs: Path, year: int, zone: ZoneInfo) -> list[str]:
    """What is to be said of the year's packages, the newest first: which receipt each has, in its words.

    An earlier one is told only where it has a receipt: a later one has taken its place.
    """
    lines = [line for line in Journal(outputs).read() if line.year == year]
    packed = list({line.sha256: line for line in lines if isinstance(line, Packed)}.values())
    found: list[str] = []
    for package in reversed(packed):
        receipt = _receipt_of(outputs, lines, package.sha256)
        which = f"报送包 {package.file}（指纹 {package.sha256[:12]}，{in_words(package.at.astimezone(zone))}打包）"
        if package is packed[-1] and receipt is None:
            found.append(f"{which}：还没有收到回执")
        elif receipt is not None:
            replaced = "" if package is packed[-1] else "（后来又打了包）"
            _, _, *rest = said(receipt)
            found.append(f"{which}{replaced}：{receipt.by}{receipt.received}收到。" + "\n".join(rest))
    return found


def _receipt_of(outputs: Path, lines: Sequence[Line], package: str) -> Receipt | None:
    """The last receipt of a package; None where there is none, or the archive has lost it."""
    of = [line for line in lines if isinstance(line, Receipted) and line.package == package]
    try:
        return opened(archived_as(outputs / ARCHIVE, of[-1].sha256)) if of else None
    except InputError:
        return None
