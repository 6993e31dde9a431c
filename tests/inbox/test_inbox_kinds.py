"""What lies in the inbox: every kind of file under every kind of name, and whose each is judged to be.

Each line says what is put where, and what is collected from it: name, format, owner and findings.
"""

import io
import zipfile
from pathlib import Path

import pytest

from flows.inbox.collect import collect
from flows.inbox.owner import owner_of
from flows.reading.child import read_inside
from tests.binary_tables import binary
from tests.messy import FORM
from tests.reading.test_messy_corpus import UNITS, WORDS, YEAR
from tests.text_tables import drawn, saved

BOOK = drawn(FORM)
XLSX, XLSB = saved(BOOK), binary(BOOK)
OTHER = saved(drawn(FORM.replace("三湾村", "大湾村").replace("990101101208", "990101101207")))
PAGE = "<html><body><table><tr><td>J01</td><td>362</td></tr></table></body></html>".encode("gb18030")
TEXT = "\r\n".join(
    line.strip("| ").replace(" | ", ",") for line in FORM.split("== 产业收入\n")[1].split("==")[0].splitlines()
).encode("gb18030")
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


KINDS = {
    "a workbook": ({"三湾村.xlsx": XLSX}, ["三湾村.xlsx xlsx 三湾村"]),
    "named as an old one": ({"三湾村.xls": XLSX}, ["三湾村.xls xlsx 三湾村"]),
    "named as one of WPS": ({"三湾村.et": XLSX}, ["三湾村.et xlsx 三湾村"]),
    "binary named .xlsx": ({"三湾村.xlsx": XLSB}, ["三湾村.xlsx xlsb 三湾村"]),
    "no suffix at all": ({"三湾村": XLSX}, ["三湾村 xlsx 三湾村"]),
    "text named .xlsx": ({"三湾村.xlsx": TEXT}, ["三湾村.xlsx csv 三湾村 SHEET_MISSING SHEET_MISSING"]),
    "web page named .xlsx": ({"三湾村.xlsx": PAGE}, ["三湾村.xlsx - 三湾村 FILE_NOT_WORKBOOK"]),
    "passworded": ({"三湾村.xlsx": LOCKED}, ["三湾村.xlsx - 三湾村 FILE_PASSWORD"]),
    "not sent whole": ({"三湾村.xlsx": XLSX[:3000]}, ["三湾村.xlsx - 三湾村 FILE_DAMAGED"]),
    "nothing in it": ({"三湾村.xlsx": b""}, ["三湾村.xlsx - 三湾村 FILE_EMPTY"]),
    "passworded, unnamed": ({"报表.xlsx": LOCKED}, ["报表.xlsx - - FILE_PASSWORD"]),
    "in folders": ({"第一批/南片/三湾村.xlsx": XLSX}, ["第一批/南片/三湾村.xlsx xlsx 三湾村"]),
    "lock file beside it": (
        {"三湾村.xlsx": XLSX, "~$三湾村.xlsx": b"\5clerk"},
        ["三湾村.xlsx xlsx 三湾村", "~$三湾村.xlsx FILE_OPEN_ELSEWHERE"],
    ),
    "zip of two": (
        {"年报.zip": zipped({"三湾村.xlsx": XLSX, "南片/大湾村.xlsx": OTHER, "南片/~$大湾村.xlsx": b"\5"})},
        ["年报.zip/三湾村.xlsx xlsx 三湾村", "年报.zip/南片/大湾村.xlsx xlsx 大湾村"],
    ),
    "zip of two named .xlsx": (
        {"年报.xlsx": zipped({"a.xlsx": XLSX, "b.xlsx": OTHER})},
        ["年报.xlsx/a.xlsx xlsx 三湾村", "年报.xlsx/b.xlsx xlsx 大湾村"],
    ),
    "another's name": ({"大湾村.xlsx": XLSX}, ["大湾村.xlsx xlsx - UNIT_CONTRADICTION"]),
    "what file managers leave": (
        {"三湾村.xlsx": XLSX, "Thumbs.db": b"x", ".DS_Store": b"x"},
        ["三湾村.xlsx xlsx 三湾村"],
    ),
}


@pytest.mark.parametrize(("put", "expected"), KINDS.values(), ids=KINDS)
def test_every_kind_of_file_is_collected_by_its_content_and_told_whose(put, expected, tmp_path: Path):
    inbox = tmp_path / "inputs" / str(YEAR) / "submissions"
    for name, data in put.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(data)
    found = collect(tmp_path / "inputs", tmp_path / "outputs", YEAR)
    told = []
    for file in found.files:
        reading = read_inside(Path(file.path).read_bytes(), WORDS, file.file, file.sha256)
        owner = owner_of(reading, UNITS, YEAR)
        codes = [finding.code for finding in (*reading.findings, *owner.findings)]
        told.append(" ".join([file.file, reading.format or "-", owner.unit.name if owner.unit else "-", *codes]))
    assert told + [f"{name} {finding.code}" for name, finding in found.notices] == expected
    kept = {path.read_bytes() for path in (tmp_path / "outputs" / "archive").rglob("*") if path.is_file()}
    assert len(kept) == len({file.sha256 for file in found.files}), "the bytes are kept before anything is read"
