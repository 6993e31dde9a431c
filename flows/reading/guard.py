"""Guard: what a file is, judged by its content, and whether it is safe to parse. Pure; runs in the reading process.

The limits were measured against public collections of broken and hostile workbooks: within them the readers that
follow neither abort nor hang, and no honest form comes near them.
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Container, Iterator

from flows.files import ZIP_FAULTS
from schemas.findings import Finding

MB = 1 << 20
LARGEST_FILE = 20 * MB
"""A filled form of the sample has at most 62 KB (2026-11); photographs may stand in one."""
LARGEST_PART = 40 * MB
LARGEST_TOTAL = 60 * MB
"""Unpacked, its largest part has 42 KB and all 24 together 283 KB."""
LARGEST_UNPACKED = 300 * MB
"""Of a zip of several workbooks, before any is opened: five thousand such forms."""
MOST_PARTS = 400
MOST_FILES = 5_000
"""Of a zip of several workbooks, whose size bounds what it takes: so many forms of the sample, 287 MB packed and
unpacked, took 10 s of the processor to unpack and archive, and 720 MB of memory (2026-11)."""
MOST_CELLS = 5_000_000
"""Cells that a sheet spans; a form's largest spans 786."""
MOST_FILLED = 100_000
"""Cells with something in them; a form's largest sheet, the glossary, has 780."""
MOST_SHEETS = 200
MOST_MERGES = 20_000
"""A form has 14 sheets, and at most 18 merged areas on one."""
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Of a sheet (Excel specifications and limits)."""

_HEADER = 30
"""Bytes before the name of a part within a zip."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_MAGIC = (
    (b"%PDF", "PDF 文档"),
    (b"{\\rtf", "Word 文档"),
    (b"Rar!", "压缩包，请解压后再报"),
    (b"7z\xbc\xaf", "压缩包，请解压后再报"),
    (b"\x1f\x8b", "压缩包，请解压后再报"),
    (b"MZ", "程序"),
    *((magic, "图片") for magic in _PICTURES),
)
_MARKUP = re.compile(rb"<(html|!doctype|table|head|body|meta|style|script|\?xml|\w+:workbook|svg)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<[^?!\s]")
_DEFINITION = re.compile(rb"<!(?!--)")
_JUNK = (".ds_store", "thumbs.db", "desktop.ini")
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


class Refused(Exception):
    """The file cannot be read; says which finding tells the village so."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code, details)
        self.code, self.details = code, details

    def finding(self, file: str) -> Finding:
        """The blocking finding for that file."""
        return Finding(self.code, details={"file": file, **self.details})


def sniff(data: bytes) -> str:
    """Say what the bytes are: xls, package (a zip, see `open_package`) or text. Raises Refused for anything else."""
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("FILE_EMPTY")
    if len(data) > LARGEST_FILE:
        raise Refused("FILE_TOO_BIG", why=f"文件 {len(data) // MB} MB，最多 {LARGEST_FILE // MB} MB")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "package"
    if data.startswith(OLE):
        return _ole(data)
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise Refused("FILE_NOT_WORKBOOK", looks_like=kind)
    if data[8:12] == b"WEBP" or data[4:8] == b"ftyp":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="图片或视频")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    if data.startswith(b"\x09\x08") or data[:4] in (b"\x09\0\x04\0", b"\x09\2\x06\0", b"\x09\4\x06\0"):
        raise Refused("FILE_NOT_WORKBOOK", looks_like="很旧的表格格式，请另存为 .xlsx")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in data[:4096]:
        raise Refused("FILE_NOT_WORKBOOK", looks_like="XML 表格，请另存为 .xlsx")
    if _MARKUP.search(data[:4096]) or data[:13].lower() == b"mime-version:":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="网页，多半是从系统里导出的“假 Excel”")
    if b"\0" in data[:4096]:
        raise Refused("FILE_NOT_WORKBOOK", looks_like="不认识的格式，也可能已损坏")
    return "text"


def _ole(data: bytes) -> str:
    """Old Microsoft container: a workbook, a passworded file, or a document of another program."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("DRMEncrypted"):
        raise Refused("FILE_PASSWORD")
    if any(map(holds, ("Workbook\0", "WORKBOOK\0", "Book\0", "BOOK\0", "workbook\0", "book\0"))):
        return "xls"
    if holds("WordDocument"):
        raise Refused("FILE_NOT_WORKBOOK", looks_like="Word 文档")
    if holds("PowerPoint"):
        raise Refused("FILE_NOT_WORKBOOK", looks_like="演示文稿")
    raise Refused("FILE_DAMAGED", why="旧格式文件里没有工作簿")


class Package:
    """A workbook that is a zip of parts. A part is inflated and verified when asked for, and only then handed on.

    `shown` are parts that the fast reader gets to see otherwise than they are.
    """

    def __init__(self, data: bytes, entries: dict[str, zipfile.ZipInfo]) -> None:
        self.data, self.entries, self.format = data, entries, _format(entries)
        self.shown: dict[str, bytes] = {}
        self._parts: dict[str, bytes | None] = {}

    def part(self, name: str) -> bytes | None:
        """A part by its path, in any case; None when there is none. Raises Refused when it is not safe to parse."""
        name = name.lower()
        if name not in self._parts:
            entry = self.entries.get(name)
            part = None if entry is None else _inflate(self.data, entry)
            if part and not name.endswith(".bin"):
                _refuse_prolog(part)
            self._parts[name] = part
        return self._parts[name]

    def verified(self) -> bytes:
        """A zip of the parts asked for so far and no others, uncompressed: what the fast reader gets to see."""
        body, directory = list[bytes](), list[bytes]()
        offset = 0
        for name, part in self._parts.items():
            if part is None:
                continue
            entry = self.entries[name]
            path, crc = entry.filename.replace("\\", "/").encode(), entry.CRC
            if name in self.shown:
                part = self.shown[name]
                crc = zlib.crc32(part)
            about = struct.pack("<4HLLL2H", 0x800, 0, 0, 0x21, crc, len(part), len(part), len(path), 0)
            directory += b"PK\x01\x02\x14\0\x14\0", about, struct.pack("<3HLL", 0, 0, 0, 0, offset), path
            body += b"PK\x03\x04\x14\0", about, path, part
            offset += _HEADER + len(path) + len(part)
        count, size = len(directory) // 4, sum(map(len, directory))
        end = struct.pack("<4H2LH", 0, 0, count, count, size, offset, 0)
        return b"".join((*body, *directory, b"PK\x05\x06", end))


def open_package(data: bytes) -> Package:
    """Look into a zipped workbook: format xlsx, xlsb, ods, or zip for a plain one. Raises Refused beyond the limits."""
    entries = {}
    for entry in _directory(data):
        name = entry.filename.replace("\\", "/").lower()
        if name in entries:
            raise Refused("FILE_SUSPICIOUS", why="压缩结构里有重名的部分")
        entries[name] = entry
    package = Package(data, entries)
    if package.format != "zip" and any(entry.flag_bits & 1 for entry in entries.values()):
        raise Refused("FILE_PASSWORD")
    if package.format == "ods":
        if b"encryption-data" in (package.part("meta-inf/manifest.xml") or b""):
            raise Refused("FILE_PASSWORD")
        if b".spreadsheet" not in (package.part("mimetype") or b""):
            raise Refused("FILE_NOT_WORKBOOK", looks_like="文字文档")
    return package


def _format_of(entries: list[zipfile.ZipInfo]) -> str:
    return _format({entry.filename.replace("\\", "/").lower(): entry for entry in entries})


def _format(entries: dict[str, zipfile.ZipInfo]) -> str:
    found = [
        format
        for format, names in (
            ("xlsx", ("xl/workbook.xml", "workbook.xml")),
            ("xlsb", ("xl/workbook.bin",)),
            ("ods", ("content.xml",)),
        )
        if any(name in entries for name in names)
    ]
    if len(found) > 1:
        raise Refused("FILE_SUSPICIOUS", why="同时含有几种表格格式")
    if not found and any(name.startswith("word/") for name in entries):
        raise Refused("FILE_NOT_WORKBOOK", looks_like="Word 文档")
    if not found and any(name.startswith("ppt/") for name in entries):
        raise Refused("FILE_NOT_WORKBOOK", looks_like="演示文稿")
    if not found and "[content_types].xml" in entries:
        raise Refused("FILE_DAMAGED", why="缺少工作簿部分")
    return found[0] if found else "zip"


def _directory(data: bytes, largest: int = LARGEST_TOTAL) -> list[zipfile.ZipInfo]:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (OSError, *ZIP_FAULTS):  # OSError: of bytes in memory, a directory that points before their beginning
        raise Refused("FILE_DAMAGED", why="文件不完整，可能没有传完") from None
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_PARTS:
        if _format_of(entries[:MOST_FILES]) != "zip":
            raise Refused("FILE_SUSPICIOUS", why=f"含有 {len(entries)} 个部分，最多 {MOST_PARTS} 个")
        if len(entries) > MOST_FILES:
            raise Refused("FILE_TOO_MANY", count=str(len(entries)), allowed=str(MOST_FILES))
    if total > largest:
        raise Refused("FILE_TOO_BIG", why=f"展开后 {total // MB} MB，最多 {largest // MB} MB")
    return entries


def _inflate(data: bytes, entry: zipfile.ZipInfo, largest: int = LARGEST_PART) -> bytes:
    """One part, in full even where its declared size lies, for the reader will do the same; then nothing may differ."""
    head = entry.header_offset
    start = head + 30 + int.from_bytes(data[head + 26 : head + 28], "little")
    start += int.from_bytes(data[head + 28 : head + 30], "little")
    packed = data[start : start + entry.compress_size]
    if entry.file_size > largest:
        raise Refused("FILE_TOO_BIG", why=f"有一部分展开后 {entry.file_size // MB} MB，最多 {largest // MB} MB")
    if entry.compress_type == zipfile.ZIP_STORED:
        part, whole = packed, True
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        inflating = zlib.decompressobj(-15)
        try:
            part = inflating.decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise Refused("FILE_DAMAGED", why="压缩内容有错") from None
        whole = inflating.eof
    else:
        raise Refused("FILE_SUSPICIOUS", why="用了少见的压缩方法")
    if not data.startswith(b"PK\x03\x04", head) or len(part) > entry.file_size:
        raise Refused("FILE_SUSPICIOUS", why="压缩结构与目录不符")
    if not whole or len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
        raise Refused("FILE_DAMAGED", why="校验和不符")
    return part


def _refuse_prolog(part: bytes) -> None:
    """Refuse XML that expands when parsed, or whose encoding the fast reader takes for an empty part."""
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in part[:4]:
        raise Refused("FILE_DAMAGED", why="内部文字编码不是 UTF-8")
    root = _ROOT.search(part)
    if root and b"<!" in part[: root.start()] and _DEFINITION.search(part, 0, root.start()):
        raise Refused("FILE_SUSPICIOUS", why="含有外部定义")


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    """The files within a zip of several workbooks, safely named; empty when the bytes are not such a zip.

    A zip within the zip is handed out as it is, never opened. Raises Refused when the zip is damaged, passworded,
    or larger than the limits allow.
    """
    if not data.startswith(b"PK\x03\x04"):
        return []
    entries = _directory(data, largest=LARGEST_UNPACKED)
    if _format_of(entries) != "zip":
        return []
    taken: dict[str, bytes] = {}
    again = Counter[str]()
    for name, entry in _named(entries):
        if entry.flag_bits & 1:
            raise Refused("FILE_PASSWORD")
        taken[_unused(name, taken, again)] = _inflate(data, entry, LARGEST_FILE)
    return list(taken.items())


def _named(entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Entries that somebody meant to send; not what packers and file managers add, nor lock files."""
    for entry in entries:
        name = _decoded(entry).replace("\\", "/")
        base = posixpath.basename(name)
        junk = base.lower() in _JUNK or base.startswith(("~$", ".~", "._")) or "__MACOSX" in name
        if base and not junk and _safe(name):
            yield _safe(name), entry


def _decoded(entry: zipfile.ZipInfo) -> str:
    """The name as its packer wrote it: UTF-8 when marked so, else UTF-8 or the GBK of Chinese Windows."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _safe(name: str) -> str:
    """A relative path that stays where it is put, on every system."""
    pieces = (_UNSAFE.sub("_", piece).strip(" .") for piece in name.split("/"))
    return "/".join(piece for piece in pieces if piece)[-200:].lstrip("/")


def _unused(name: str, taken: Container[str], again: Counter[str]) -> str:
    """The name, numbered where it is taken; `again` is how often each has been."""
    stem, suffix = posixpath.splitext(name)
    free = name
    while free in taken:
        again[name] += 1
        free = f"{stem} ({again[name] + 1}){suffix}"
    return free
