"""The guard: what is no workbook, what is hostile, zips of workbooks, and reading processes that die or hang."""

import hashlib
import io
import os
import re
import struct
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

from flows.reading import child, read
from flows.reading.guard import LARGEST_FILE, MOST_FILES, MOST_PARTS, Refused, unpack
from flows.reading.locate.lists import MOST_ROWS
from flows.reading.read import Readers, read_files
from flows.reading.records import Reading, Received
from tests import deadly
from tests.binary_tables import binary, cell, record
from tests.reading.test_read import FORM, GOOD, WANTED, WORDS, answers, findings
from tests.text_tables import drawn, saved, workbook

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BOOK = workbook(FORM)
PARTY_PART = "xl/worksheets/sheet2.xml"
LIST_PART = "xl/worksheets/sheet4.xml"


def rezipped(changes: dict[str, bytes | None], data: bytes = BOOK) -> bytes:
    """The workbook with parts replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()} | changes
    return zipped({name: part for name, part in parts.items() if part is not None})


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def part(name: str, data: bytes = BOOK) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def sheet(rows: str) -> bytes:
    return f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()


def lying(data: bytes, name: str) -> bytes:
    """The central directory declares the part at half its size."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(name).file_size
    at = data.rindex(name.encode()) - 46 + 24
    assert struct.unpack_from("<I", data, at)[0] == size
    return data[:at] + struct.pack("<I", size // 2) + data[at + 4 :]


def flipped(data: bytes, name: str) -> bytes:
    """One byte of the part's packed content is wrong."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo(name).header_offset + 30 + len(name) + 40
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def twice(name: str) -> bytes:
    buffer = io.BytesIO(BOOK)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, b"<worksheet/>")
    return buffer.getvalue()


FAR = '<row r="{0}"><c r="{1}{0}"><v>1</v></c></row>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504

REFUSED = {
    "empty": (b"", "FILE_EMPTY"),
    "only zeros, as after a power cut": (b"\0" * 4096, "FILE_EMPTY"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "FILE_NOT_WORKBOOK"),
    "photo of a phone": (b"\0\0\0\x18ftypheic" + bytes(100), "FILE_NOT_WORKBOOK"),
    "pdf": (b"%PDF-1.7\n...", "FILE_NOT_WORKBOOK"),
    "rar": (b"Rar!\x1a\x07\0", "FILE_NOT_WORKBOOK"),
    "web page": (b"<html><body><table><tr><td>A01</td></tr></table>", "FILE_NOT_WORKBOOK"),
    "XML spreadsheet of 2003": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "FILE_NOT_WORKBOOK",
    ),
    "saved web archive": (b"MIME-Version: 1.0\r\n", "FILE_NOT_WORKBOOK"),
    "letter": ("各村：\n请于月底前报送。".encode(), "FILE_NOT_A_FORM"),
    "bytes of no kind": (bytes(range(1, 256)) + b"\0" * 9, "FILE_NOT_WORKBOOK"),
    "Word document": (zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "FILE_NOT_WORKBOOK"),
    "OpenDocument text": (
        zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
        "FILE_NOT_WORKBOOK",
    ),
    "zip of something": (zipped({"a.txt": b"1"}), "FILE_NOT_WORKBOOK"),
    "passworded": (OLE + "EncryptedPackage".encode("utf-16-le"), "FILE_PASSWORD"),
    "old Word document": (OLE + "WordDocument".encode("utf-16-le"), "FILE_NOT_WORKBOOK"),
    "broken old workbook": (OLE + "Workbook\0".encode("utf-16-le"), "FILE_DAMAGED"),
    "cut": (BOOK[:3000], "FILE_DAMAGED"),
    "content damaged": (flipped(BOOK, PARTY_PART), "FILE_DAMAGED"),
    "declared size lies": (lying(BOOK, PARTY_PART), "FILE_SUSPICIOUS"),
    "part twice": (lambda: twice(PARTY_PART), "FILE_SUSPICIOUS"),
    "part twice in another case": (rezipped({PARTY_PART.upper(): b"<x/>"}), "FILE_SUSPICIOUS"),
    "too many parts": (rezipped({f"xl/media/{n}.txt": b"" for n in range(MOST_PARTS)}), "FILE_SUSPICIOUS"),
    "too large": (b"PK\x03\x04" + b"x" * LARGEST_FILE, "FILE_TOO_BIG"),
    "bomb": (rezipped({"xl/bomb.xml": b" " * (61 << 20)}), "FILE_TOO_BIG"),
    "bomb in one sheet": (rezipped({PARTY_PART: b" " * (41 << 20)}), "FILE_TOO_BIG"),
    "two formats in one": (rezipped({"content.xml": b"<x/>"}), "FILE_SUSPICIOUS"),
    "workbook part missing": (rezipped({"xl/workbook.xml": None}), "FILE_DAMAGED"),
    "sheet part missing": (rezipped({PARTY_PART: None}), "FILE_DAMAGED"),
    "entities": (
        rezipped({PARTY_PART: b'<!DOCTYPE a [<!ENTITY b "c">]>' + part(PARTY_PART)}),
        "FILE_SUSPICIOUS",
    ),
    "sheet in UTF-16": (rezipped({PARTY_PART: part(PARTY_PART).decode().encode("utf-16")}), "FILE_DAMAGED"),
    "workbook part in GBK": (
        rezipped({"xl/workbook.xml": b'<?xml version="1.0" encoding="GBK"?>' + part("xl/workbook.xml")}),
        "FILE_DAMAGED",
    ),
    "sheet with CDATA": (
        rezipped({PARTY_PART: part(PARTY_PART).replace(b"<v>12</v>", b"<v><![CDATA[12]]></v>")}),
        "FILE_DAMAGED",
    ),
    "sheet cut": (rezipped({PARTY_PART: part(PARTY_PART)[:-60]}), "FILE_DAMAGED"),
    "far cell": (rezipped({PARTY_PART: sheet(FAR.format(1_048_576, "XFD"))}), "FILE_TOO_BIG"),
    "far cell, reference last": (
        rezipped({PARTY_PART: sheet('<row><c t="n" r="XFD1048576"><v>1</v></c></row>')}),
        "FILE_TOO_BIG",
    ),
    "row beyond every program": (rezipped({PARTY_PART: sheet(FAR.format(4_000_000_000, "A"))}), "FILE_SUSPICIOUS"),
    "column beyond every program": (rezipped({PARTY_PART: sheet(FAR.format(1, "ZZZ"))}), "FILE_SUSPICIOUS"),
    "thousands of sheets of one part": (
        rezipped({"xl/workbook.xml": re.sub(rb"(<sheet [^>]*/>)", rb"\1" * 300, part("xl/workbook.xml"), count=1)}),
        "FILE_SUSPICIOUS",
    ),
    "same cell twice": (
        rezipped({PARTY_PART: sheet('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>')}),
        "FILE_SUSPICIOUS",
    ),
    "two values in one cell": (
        rezipped({PARTY_PART: part(PARTY_PART).replace(b"<v>12</v>", b"<v>12</v><v>13</v>")}),
        "FILE_SUSPICIOUS",
    ),
    "another namespace's cell over one of ours": (
        rezipped({PARTY_PART: part(PARTY_PART).replace(b"</row>", b'<q:c xmlns:q="q" r="E4"><q:v/></q:c></row>')}),
        "FILE_SUSPICIOUS",
    ),
    "choice between two values": (
        rezipped({PARTY_PART: part(PARTY_PART).replace(b"<v>12</v>", b"<m:A><m:v>13</m:v><v>12</v></m:A>")}),
        "FILE_SUSPICIOUS",
    ),
    "more filled cells than any form": (
        rezipped({PARTY_PART: sheet(("<row>" + "<c><v>1</v></c>" * 1000 + "</row>") * 101)}),
        "FILE_TOO_BIG",
    ),
    "merged areas over hundreds of thousands of rows": (
        rezipped(
            {
                PARTY_PART: sheet(FAR.format(1, "A") + FAR.format(300_000, "A")).replace(
                    b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:A300000"/></mergeCells>'
                )
            }
        ),
        "FILE_SUSPICIOUS",
    ),
    "some cells without reference": (
        rezipped({PARTY_PART: sheet('<row><c r="C7"><v>1</v></c><c><v>2</v></c></row>')}),
        "FILE_DAMAGED",
    ),
    "two tables in a sheet": (
        rezipped({PARTY_PART: sheet(FAR.format(1, "A") + "</sheetData><sheetData>" + FAR.format(2, "A"))}),
        "FILE_DAMAGED",
    ),
    "far cell of a binary workbook": (
        rezipped(
            {"xl/worksheets/sheet2.bin": record(0x91) + record(0, struct.pack("<I", 1_048_575)) + cell(16_384, 1, "n")},
            binary(drawn(FORM)),
        ),
        "FILE_TOO_BIG",
    ),
    "error value of a newer program": (
        rezipped({PARTY_PART: part(PARTY_PART).replace(b't="n"><v>12</v>', b't="e"><v>#SPILL!</v>')}),
        "FILE_DAMAGED",
    ),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_file_that_cannot_be_read_gives_one_clear_finding(data, code):
    data = data() if callable(data) else data
    reading = child.read_inside(data, WORDS, "三湾村.xlsx")
    assert findings(reading) == [code]
    assert reading.findings[0].details["file"] == "三湾村.xlsx"
    assert reading.findings[0].level == "强制"
    assert not reading.answers and not reading.list_cells


HARMLESS = {
    "huge picture that nobody opens": {"xl/media/image1.png": b"\0" * (30 << 20)},
    "comment in the sheet": {PARTY_PART: part(PARTY_PART).replace(b"<sheetData>", b"<sheetData><!-- WPS -->")},
    "single quotes": {PARTY_PART: part(PARTY_PART).replace(b'r="E4" t="n"', b"r='E4' t='n'")},
    "attributes in another order": {PARTY_PART: part(PARTY_PART).replace(b'r="E4" t="n"', b't="n" r="E4"')},
    "references left out where they follow": {PARTY_PART: re.sub(rb'<c r="[B-G]4"', b"<c", part(PARTY_PART))},
    "namespace prefix": {
        PARTY_PART: part(PARTY_PART)
        .replace(b"<", b"<x:")
        .replace(b"<x:/", b"</x:")
        .replace(b"xmlns=", b"xmlns:x=")
        .replace(b"<x:?", b"<?")
    },
    "formatted cells far below": {
        PARTY_PART: part(PARTY_PART).replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>')
    },
    "rows out of order": {
        PARTY_PART: part(PARTY_PART).replace(b"<sheetData>", b'<sheetData><row r="90"><c r="J90" t="n"/></row>')
    },
}


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS)
def test_odd_but_honest_file_is_read(changes):
    assert answers(child.read_inside(rezipped(changes), WORDS)) == GOOD


def test_reading_too_long_for_the_parent_is_refused_instead():
    """One shared text may fill any number of cells."""
    reading = child.read_inside(BOOK, WORDS, "三湾村.xlsx", "0" * 64)
    reading.answers[0].raw = "长" * child.LARGEST_READING
    [finding] = msgspec.msgpack.decode(child._encoded(reading), type=Reading).findings
    assert (finding.code, finding.details["file"]) == ("FILE_TOO_BIG", "三湾村.xlsx")


def test_list_of_thousands_of_rows_is_a_finding_and_gives_no_rows():
    rows = "\n".join(f"| {number} | 养牛场 | 1 |" for number in range(3, MOST_ROWS + 3))
    reading = child.read_inside(workbook(FORM.replace("| 3 | | | |", rows)), WORDS)
    assert findings(reading) == ["LIST_TOO_LONG 村集体经济项目 A5"]
    assert answers(reading) == GOOD
    assert not reading.list_cells


def test_stray_cell_far_below_does_not_slow_the_reading():
    """Empty rows are passed over, not asked cell by cell."""
    stray = part(LIST_PART).replace(b"</sheetData>", FAR.format(400_000, "B").encode() + b"</sheetData>")
    data = rezipped({LIST_PART: stray})
    began = time.process_time()
    assert answers(child.read_inside(data, WORDS)) == GOOD
    assert time.process_time() - began < 2


def test_chart_sheet_is_no_hindrance():
    book = drawn(FORM)
    book.create_chartsheet("图")
    reading = child.read_inside(saved(book), WORDS)
    assert answers(reading) == GOOD
    assert findings(reading) == []


# ---- zips of several workbooks


def gbk_zip(names: dict[str, bytes]) -> bytes:
    """As Chinese Windows packs it: names in GBK, not marked as UTF-8."""
    marks = {f"{'x' * (len(name.encode('gbk')) - 2)}{number:02}": name for number, name in enumerate(names)}
    data = zipped({mark: names[name] for mark, name in marks.items()})
    for mark, name in marks.items():
        data = data.replace(mark.encode(), name.encode("gbk"))
    return data


def test_workbooks_of_a_zip_are_taken_with_their_names():
    files = {"三湾村.xlsx": BOOK, "上报/大湾村.xls": b"2"}
    assert unpack(zipped(files)) == list(files.items())
    assert unpack(gbk_zip(files)) == list(files.items())


def test_what_a_packer_adds_is_left_out():
    junk = {"__MACOSX/._三湾村.xlsx": b"1", "~$三湾村.xlsx": b"1", "Thumbs.db": b"1", "夹/": b"", ".DS_Store": b"1"}
    assert unpack(zipped({**junk, "三湾村.xlsx": BOOK})) == [("三湾村.xlsx", BOOK)]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/三湾村.xlsx", "etc/三湾村.xlsx"),
        ("/abs/三湾村.xlsx", "abs/三湾村.xlsx"),
        ("C:\\temp\\三湾村.xlsx", "C_/temp/三湾村.xlsx"),
        ("三湾\x01村?.xlsx", "三湾_村_.xlsx"),
        (" .三湾村.xlsx. ", "三湾村.xlsx"),
    ],
)
def test_names_in_a_zip_cannot_lead_elsewhere(name, safe):
    assert [found for found, _ in unpack(zipped({name: b"1"}))] == [safe]


def test_same_name_twice_in_a_zip_keeps_both():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for content in (b"1", b"2"):
            archive.writestr("三湾村.xlsx", content)
    assert unpack(buffer.getvalue()) == [("三湾村.xlsx", b"1"), ("三湾村 (2).xlsx", b"2")]


def test_thousands_of_files_in_a_zip_are_taken_even_where_all_have_one_name():
    each = zipped({f"{n}.xlsx": str(n).encode() for n in range(MOST_FILES)})
    assert [data for _, data in unpack(each)] == [str(n).encode() for n in range(MOST_FILES)]
    same = io.BytesIO()
    with zipfile.ZipFile(same, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for _ in range(MOST_FILES):
            archive.writestr("村.xlsx", b"1")
    assert unpack(same.getvalue())[-1] == (f"村 ({MOST_FILES}).xlsx", b"1")


def test_zip_within_a_zip_is_not_opened():
    inner = zipped({"三湾村.xlsx": BOOK})
    assert unpack(zipped({"内.zip": inner})) == [("内.zip", inner)]
    assert findings(child.read_inside(inner, WORDS)) == ["FILE_NOT_WORKBOOK"]


@pytest.mark.parametrize("data", [BOOK, b"", b"text", OLE])
def test_what_is_no_plain_zip_is_not_unpacked(data):
    assert unpack(data) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"三湾村.xlsx": BOOK})[:-40], "FILE_DAMAGED"),
        (zipped({"三湾村.xlsx": b"\0" * (LARGEST_FILE + 1)}), "FILE_TOO_BIG"),
        (zipped({f"{n}.xlsx": b"1" for n in range(MOST_FILES + 1)}), "FILE_TOO_MANY"),
        (zipped({**{f"{n}.xml": b"1" for n in range(MOST_PARTS)}, "xl/workbook.xml": b"1"}), "FILE_SUSPICIOUS"),
    ],
    ids=["cut", "one too large", "too many", "a workbook of too many parts"],
)
def test_zip_beyond_the_limits_is_refused(data, code):
    with pytest.raises(Refused) as refused:
        unpack(data)
    assert refused.value.finding("包.zip").code == code


# ---- reading processes


@pytest.fixture
def received(tmp_path: Path):
    def keep(name: str, data: bytes) -> Received:
        path = tmp_path / name
        path.write_bytes(data)
        return Received(str(path), name, hashlib.sha256(data).hexdigest(), len(data))

    return keep


def test_every_file_gives_one_reading_and_is_told(received):
    files = [received(f"{n}.xlsx", BOOK) for n in range(20)] + [received("坏.xlsx", BOOK[:500])]
    told = []
    readings = {reading.file: reading for reading in read_files(files, WANTED, 2, told.append)}
    assert readings.keys() == {file.file for file in files}
    assert len(told) == len(files)
    bad = readings.pop("坏.xlsx")
    assert findings(bad) == ["FILE_DAMAGED"]
    assert all(answers(reading) == GOOD for reading in readings.values())
    assert bad.sha256 == files[-1].sha256


def test_no_files_start_no_process():
    assert list(read_files([], WANTED, 2)) == []


def test_file_name_of_bytes_that_are_no_text_is_kept(received):
    file = received("三湾村.xlsx", BOOK[:500])
    odd = Received(file.path, os.fsdecode(b"\xc8\xfd\xcd\xe5.xlsx"), file.sha256, file.size)
    [reading] = read_files([odd], WANTED, 1)
    assert reading.file == odd.file
    assert findings(reading) == ["FILE_DAMAGED"]


def test_file_that_is_gone_is_a_finding(received):
    file = received("三湾村.xlsx", BOOK)
    Path(file.path).unlink()
    assert [findings(reading) for reading in read_files([file], WANTED, 1)] == [["FILE_READER_DIED"]]


@pytest.mark.parametrize("deed", ["abort", "hang", "sleep", "memory"])
def test_file_that_ends_its_process_is_the_only_one_to_suffer(received, monkeypatch, deed):
    monkeypatch.setattr(child, "read_batch", deadly.read_batch)
    monkeypatch.setattr(read, "SECONDS_TOGETHER", 1)
    monkeypatch.setattr(read, "PATIENCE", 2 if deed == "sleep" else 60)
    files = [received(f"{n}.xlsx", BOOK) for n in range(30)]
    files.insert(7, received("坏.xlsx", deed.encode()))
    with Readers(WANTED, 2, seconds=2) as readers:
        found = {reading.file: findings(reading) for reading in readers.read(files)}
        assert len(found) == 31
        assert found.pop("坏.xlsx") == ["FILE_READER_DIED"]
        assert not any(found.values())
        assert [len(reading.answers) for reading in readers.read(files[:3])] == [5, 5, 5]


@pytest.mark.parametrize("others", [0, 30])
def test_sound_file_on_a_busy_computer_is_tried_again_and_read(received, monkeypatch, others):
    monkeypatch.setattr(child, "read_batch", deadly.read_batch)
    monkeypatch.setattr(read, "SECONDS_TOGETHER", 1)
    monkeypatch.setattr(read, "PATIENCE", 2)
    files = [received(f"{n}.xlsx", BOOK) for n in range(others)]
    files.append(received("三湾村.xlsx", b"busy"))
    with Readers(WANTED, 2, seconds=1) as readers:
        found = {reading.file: findings(reading) for reading in readers.read(files)}
    assert found.pop("三湾村.xlsx") == ["FILE_NOT_A_FORM"]  # what its bytes are, not that there was no time
    assert len(found) == others
    assert not any(found.values())


def test_waiting_costs_no_processor_time(received, monkeypatch):
    """A limit of one second of work outlives three seconds of waiting."""
    monkeypatch.setattr(child, "read_batch", deadly.read_batch)
    with Readers(WANTED, 1, seconds=1) as readers:
        [reading] = readers.read([received("三湾村.xlsx", b"slow")])
    assert findings(reading) == ["FILE_NOT_A_FORM"]


def test_processes_that_cannot_start_are_our_own_failure(received, monkeypatch):
    monkeypatch.setattr(child, "start", deadly.cannot_start)
    with pytest.raises(RuntimeError, match="启动失败"):
        list(read_files([received("三湾村.xlsx", BOOK)], WANTED, 1))


def test_processes_that_are_kept_read_the_next_files_too(received):
    files, waiting = [received(f"{n}.xlsx", BOOK) for n in range(2)], read._kept._idle

    def names() -> set[str]:
        return {reading.file for reading in read_files(files, WANTED, 1) if answers(reading) == GOOD}

    with read.keeping():
        assert names() == {"0.xlsx", "1.xlsx"}
        [kept] = waiting
        pool = kept._pool
        assert names() == {"0.xlsx", "1.xlsx"}
        assert waiting == [kept]
        assert kept._pool is pool is not None
        begun = read_files(files, WANTED, 1)
        next(begun)
        assert waiting == []
        begun.close()
        assert waiting == []
        assert kept._pool is None
        assert names() == {"0.xlsx", "1.xlsx"}
        [kept] = waiting
    assert waiting == []
    assert kept._pool is None


def test_leaving_early_ends_the_processes(received):
    with Readers(WANTED, 2) as readers:
        reading = next(readers.read([received(f"{n}.xlsx", BOOK) for n in range(40)]))
        assert answers(reading) == GOOD
    readers.close()


def test_error_values_are_not_lost_among_inline_texts():
    """The quick count of values must not take an inline text for an error value."""
    book = drawn(FORM)
    for place in ("E4", "E5"):
        book["党的建设"][place].value, book["党的建设"][place].data_type = "#N/A", "e"
    reading = child.read_inside(saved(book), WORDS)
    assert answers(reading)["A01"] == "#N/A error 党的建设!E4"
    assert answers(reading)["A02"] == "#N/A error 党的建设!E5"
