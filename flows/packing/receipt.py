"""回执: what a county says of a township's package, as a small zip: receipt.json, the same in words, a signature.

The words follow from the JSON, and a signature covers it: whoever changes either is found out.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from flows.emit.moments import in_words
from flows.files import ZIP_FAULTS
from schemas.errors import InputError
from schemas.states import counted_words, word_of

if TYPE_CHECKING:
    from flows.packing.signing import Signer

RECEIPT, SIGNATURE, WORDS = "receipt.json", "receipt.json.minisig", "回执.txt"
KIND, FORMAT = "cunhui-receipt", 1
LARGEST = 16 << 20
"""Bytes of all its parts: a county's package of 3,000 villages with all their findings takes five million."""


class Answer(msgspec.Struct, frozen=True):
    """How one unit of the package stands, and what is wrong with it."""

    code: str
    name: str
    state: str
    findings: tuple[str, ...] = ()


class Receipt(msgspec.Struct, frozen=True):
    """The head of a receipt: which package (its SHA-256) of whose year, by whom it was received and when."""

    kind: str
    format: int
    cunhui: str
    year: int
    code: str
    name: str
    package: str
    file: str
    by_code: str
    by: str
    timezone: str
    received_at: datetime
    state: str
    units: tuple[Answer, ...]

    @property
    def received(self) -> str:
        """When it was received, on the receiver's clock."""
        return in_words(self.received_at.astimezone(ZoneInfo(self.timezone)))


def said(receipt: Receipt) -> Iterator[str]:
    """The receipt in words, line by line: first what it answers, then each unit that did not simply go through."""
    counts = counted_words(word_of(unit.state) for unit in receipt.units)
    yield f"{receipt.by}收到{receipt.name}{receipt.year}年报送包的回执"
    yield f"报送包：{receipt.file}（指纹 {receipt.package[:12]}），{receipt.received}收到。"
    yield f"结果：{word_of(receipt.state)}。" + (f"各单位：{counts}。" if counts else "")
    for unit in receipt.units:
        if unit.findings:
            yield f"{unit.name}（{unit.code}）：{word_of(unit.state)}"
            yield from (f"  {number}. {finding}" for number, finding in enumerate(unit.findings, start=1))


def _text(receipt: Receipt) -> bytes:
    return "".join(f"{line}\n" for line in said(receipt)).encode()


def sealed(receipt: Receipt, signer: "Signer | None" = None) -> bytes:
    """The file of a receipt; the same receipt and key give the same bytes."""
    data = msgspec.json.format(msgspec.json.encode(receipt))
    parts = {RECEIPT: data, **({SIGNATURE: signer.sign(data)} if signer else {}), WORDS: _text(receipt)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, receipt.received_at.timetuple()[:6]), part)
    return file.getvalue()


def opened(path: Path, keys: Sequence[Path] = ()) -> Receipt:
    """The receipt of a file. Raises InputError, in one line, for what is none, was changed, or is not signed by one of
    the keys, where there are any.
    """
    try:
        parts = _parts(path)
        receipt = msgspec.json.decode(parts[RECEIPT], type=Receipt)
        words = [word_of(state) for state in (receipt.state, *(unit.state for unit in receipt.units))]
        ours = receipt.kind == KIND and bool(words) and bool(receipt.received)
    except FileNotFoundError:
        raise InputError(f"找不到回执：{path}") from None
    except (OSError, *ZIP_FAULTS):
        ours, parts, receipt = False, {}, None
    if receipt is not None and receipt.format > FORMAT:
        raise InputError(f"{path} 是更新的村汇（{receipt.cunhui}）做的，请先升级再收")
    if receipt is None or not ours:
        raise InputError(f"{path} 不是回执，或者已损坏")
    if parts.keys() - {SIGNATURE} != {RECEIPT, WORDS} or parts[WORDS] != _text(receipt):
        raise InputError(f"{path} 做好以后被改过，请县里重新发来")
    if keys and not _signed(parts, list(keys)):
        raise InputError(f"{path} 没有已知公钥的签名，或者签名以后被改过，请县里重新发来")
    return receipt


def _signed(parts: Mapping[str, bytes], keys: list[Path]) -> bool:
    from flows.packing.signing import signed_by  # heavy: cryptography

    return SIGNATURE in parts and signed_by(parts[RECEIPT], parts[SIGNATURE], keys) is not None


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError(path)
        return {name: archive.read(name) for name in archive.namelist()}
