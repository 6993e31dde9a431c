"""The file of a blank form to its pages: in a guarded process, old formats through LibreOffice where there is one."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from flows.adopt import opened
from flows.adopt.pages import Page
from flows.reading.apart import Apart, Died
from flows.reading.guard import OLE, Refused, open_package, sniff
from flows.reading.office import converted as as_saved_anew
from schemas.errors import InputError

WITHOUT = (
    "没有找到 LibreOffice，看不到这个文件里的缩进、边框、底色、下拉选项、数据有效性和隐藏的行列；"
    "另存为 .xlsx 再收编会更准"
)


class Blank(NamedTuple):
    """A form's file: its bytes, its pages, the suffix that its content asks for, and what could not be seen."""

    path: Path
    data: bytes
    pages: list[Page]
    suffix: str
    missing: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of the bytes as they came."""
        return hashlib.sha256(self.data).hexdigest()


def read_blank(path: Path) -> Blank:
    """Read one form. Raises InputError with one line that says what to do when it cannot be."""
    if not path.is_file():
        raise InputError(f"找不到文件：{path}")
    data = path.read_bytes()
    try:
        suffix, missing, pages = _pages(path, data)
    except Refused as refused:
        raise InputError(f"{path.name}：{_why(refused)}") from None
    return Blank(path, data, pages, suffix, missing)


def _pages(path: Path, data: bytes) -> tuple[str, tuple[str, ...], list[Page]]:
    """The suffix that the content asks for, what is not seen, the pages. Raises Refused and InputError."""
    kind = sniff(data)
    if kind == "text":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="文本")
    suffix = ".xls" if kind == "xls" else f".{_package_format(path, data)}"
    if suffix == ".xls" and path.suffix.lower() in (".et", ".xls", ".xlt", ".ett"):
        suffix = path.suffix.lower()
    if kind == "xls" and "_VBA_PROJECT_CUR".encode("utf-16-le") in data:
        raise InputError(f"{path.name}：{_MACROS}")
    missing: tuple[str, ...] = ()
    seen, looks = data, suffix == ".xlsx"
    if not looks:
        converted = as_saved_anew(data, ".xls" if data.startswith(OLE) else suffix, "xlsx")
        seen, looks = (converted, True) if converted else (data, False)
        missing = () if converted else (WITHOUT,)
    return suffix, missing, _opened(seen, looks)


_MACROS = "含有宏，不收编；请另存为“Excel 工作簿（.xlsx）”（不带宏）再收编"


def _package_format(path: Path, data: bytes) -> str:
    package = open_package(data)
    if any(name.endswith("vbaproject.bin") for name in package.entries):
        raise InputError(f"{path.name}：{_MACROS}")
    if package.format == "zip":
        raise Refused("FILE_NOT_WORKBOOK", looks_like="压缩包，请解压后再收编")
    return package.format


def _why(refused: Refused) -> str:
    """Why a file is no blank form, and what to do; the findings' own words speak to villages."""
    looks_like = refused.details.get("looks_like", "")
    if "图片" in looks_like:
        return "这是图片，不是表格文件；请向发表的单位要 Excel 或 WPS 原文件"
    if "Word" in looks_like:
        return "这是 Word 文档，读不了其中的表格；请在 Word 里把表格复制到 Excel，另存为 .xlsx 再收编"
    told = {
        "FILE_EMPTY": "文件是空的",
        "FILE_PASSWORD": "文件有密码；请打开后去掉密码，另存再收编",
        "FILE_NOT_WORKBOOK": f"不是表格文件（{looks_like}）；请用 Excel 或 WPS 打开，另存为 .xlsx 再收编",
        "FILE_DAMAGED": f"文件损坏（{refused.details.get('why', '')}）；请重新索取，或打开后另存为 .xlsx",
        "FILE_TOO_BIG": f"{refused.details.get('why', '文件太大')}；请删去表外的空行空列再收编",
    }
    return told.get(refused.code, f"不能读（{refused.details.get('why', refused.code)}）；请另存为 .xlsx 再收编")


def _opened(data: bytes, looks: bool) -> list[Page]:
    """The pages, read in a process of its own. Raises Refused."""
    try:
        with Apart(opened.SECONDS) as apart:
            pages, code, details = apart(opened.open_alone, data, looks)
    except Died:
        raise Refused("FILE_TOO_BIG", why="读这个文件用的时间或内存太多") from None
    if code:
        raise Refused(code, **details)
    return pages
