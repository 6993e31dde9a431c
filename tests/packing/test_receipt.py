"""A receipt by itself: its words follow from what it says, and what was changed, is newer or is none is told apart."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flows.packing import receipt as receipts
from flows.packing.receipt import FORMAT, KIND, RECEIPT, WORDS, Answer, Receipt, opened, said, sealed
from flows.packing.receipts import write_receipts
from flows.packing.signing import PRIVATE, PUBLIC, Signer, new_keys
from schemas.errors import InputError

UNITS = (
    Answer("990101101201", "南川村", "accepted"),
    Answer("990101101207", "大湾村", "returned", ("低保户数没有填。请补填。", "附表一第 3 行没有名称。")),
)
ANSWER = Receipt(
    KIND, FORMAT, "0.1.0", 2023, "990101101", "示例镇", "ab" * 32, "示例镇.zip", "990101", "示例县",
    "Asia/Shanghai", datetime(2024, 1, 9, 16, 30, tzinfo=UTC), "returned", UNITS,
)  # fmt: skip


def put(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_receipt_says_when_on_the_receivers_clock_and_what_is_wrong_unit_by_unit(tmp_path: Path) -> None:
    path = tmp_path / "回执.zip"
    path.write_bytes(sealed(ANSWER))
    assert opened(path) == ANSWER and sealed(ANSWER) == path.read_bytes()
    lines = list(said(ANSWER))
    assert lines[1] == f"报送包：示例镇.zip（指纹 {'ab' * 6}），2024年1月10日0时30分收到。"
    assert lines[3:] == [
        "大湾村（990101101207）：已退回",
        "  1. 低保户数没有填。请补填。",
        "  2. 附表一第 3 行没有名称。",
    ]
    assert parts_of(path.read_bytes())[WORDS].decode().splitlines() == lines


def rewritten(**changes: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """A receipt that says something else, its words with it."""
    return lambda parts: parts_of(sealed(msgspec.structs.replace(ANSWER, **changes)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (rewritten(format=FORMAT + 1, cunhui="9.0"), "是更新的村汇（9.0）做的，请先升级再收"),
        (rewritten(kind="cunhui-package"), "不是回执，或者已损坏"),
        (lambda parts: {RECEIPT: parts[RECEIPT].replace(b'"accepted"', b'"lost"'), WORDS: parts[WORDS]}, "不是回执"),
        (lambda parts: {RECEIPT: parts[RECEIPT].replace(b"Asia/Shanghai", b"Asia/Nowhere"), WORDS: b""}, "不是回执"),
        (lambda parts: {RECEIPT: b"{", WORDS: b""}, "不是回执，或者已损坏"),
        (lambda parts: {WORDS: parts[WORDS]}, "不是回执，或者已损坏"),
        (lambda parts: {**parts, WORDS: b"accepted"}, "做好以后被改过，请县里重新发来"),
        (lambda parts: {**parts, "more.txt": b""}, "做好以后被改过，请县里重新发来"),
        (lambda parts: {**parts, RECEIPT: parts[RECEIPT].replace(b'"returned"', b'"accepted"')}, "被改过"),
        (lambda parts: {**parts, WORDS: b" " * 3000}, "不是回执，或者已损坏"),
    ],
    ids=["newer", "a package", "no such state", "no such clock", "no JSON", "no receipt", "other words", "another part",
         "other states", "enormous"],
)  # fmt: skip
def test_what_is_no_receipt_of_ours_or_not_as_it_was_made_is_one_line(
    change: Callable[[dict[str, bytes]], dict[str, bytes]], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "LARGEST", 3000)
    path = put(tmp_path / "回执.zip", **change(parts_of(sealed(ANSWER))))
    with pytest.raises(InputError, match=words) as refused:
        opened(path)
    assert len(refused.value.lines) == 1 and str(path) in refused.value.lines[0]


def test_receipt_that_is_not_there_or_no_zip_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="找不到回执"):
        opened(tmp_path / "回执.zip")
    (tmp_path / "回执.zip").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match="不是回执，或者已损坏"):
        opened(tmp_path / "回执.zip")


def test_where_keys_are_known_only_a_receipt_signed_by_one_of_them_is_taken(tmp_path: Path) -> None:
    for name in ("county", "other"):
        new_keys(tmp_path / name)
    county, other = tmp_path / "county" / PUBLIC, tmp_path / "other" / PUBLIC
    signed, bare = tmp_path / "signed.zip", tmp_path / "bare.zip"
    signed.write_bytes(sealed(ANSWER, Signer(tmp_path / "county" / PRIVATE)))
    bare.write_bytes(sealed(ANSWER))
    assert opened(signed, [other, county]) == opened(signed) == ANSWER
    for path, keys in ((signed, [other]), (bare, [county])):
        with pytest.raises(InputError, match="没有已知公钥的签名，或者签名以后被改过"):
            opened(path, keys)


def test_receipts_are_written_unsigned_and_that_is_said_where_the_key_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUNHUI_KEY_PASSWORD", raising=False)
    monkeypatch.setattr("flows.packing.receipts.receipts_of", lambda *_: iter([ANSWER]))
    new_keys(tmp_path, "夏至三候")
    [path], [note] = write_receipts(None, None, 2023, tmp_path / "回执", tmp_path)
    assert path.name == "示例镇-2023-回执-abababab.zip" and opened(path) == ANSWER
    assert note.startswith("回执没有签名：") and "CUNHUI_KEY_PASSWORD" in note
    monkeypatch.setenv("CUNHUI_KEY_PASSWORD", "夏至三候")
    [path], notes = write_receipts(None, None, 2023, tmp_path / "回执", tmp_path)
    assert notes == [] and opened(path, [tmp_path / PUBLIC]) == ANSWER
