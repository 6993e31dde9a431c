"""Old formats through LibreOffice, where there is one: the same document in a format that is read here."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

CONVERTING, EACH = 110, 10
"""Seconds that LibreOffice may take to start (the first time, on a slow PC, some thirty), and for each document."""
_AS = {".et": ".xls"}
"""Under what other name a document is handed over: an .et is an .xls that LibreOffice does not know by its name."""
_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)


def office() -> str | None:
    """Where LibreOffice is; None where it is not."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def converted(data: bytes, suffix: str, to: str) -> bytes | None:
    """A document of that suffix in the format `to` (xlsx, docx); None without LibreOffice, or where it fails."""
    return converted_all([(data, suffix)], to)[0]


def converted_all(documents: Sequence[tuple[bytes, str]], to: str) -> list[bytes | None]:
    """The same of several documents, each with its suffix, in one start of the program.

    It runs with a profile of its own, so that one that is open does not matter, and no macro of a document runs.
    """
    if not documents or (program := office()) is None:
        return [None] * len(documents)
    with tempfile.TemporaryDirectory(prefix="cunhui-") as name:
        folder, out = Path(name), Path(name) / "out"
        sources = [folder / f"{n}{_AS.get(suffix, suffix)}" for n, (_, suffix) in enumerate(documents)]
        for source, (data, _) in zip(sources, documents, strict=True):
            source.write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        call = [program, profile, "--headless", "--norestore", "--convert-to", to, "--outdir", str(out)]
        hidden = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
        seconds = CONVERTING + EACH * len(sources)
        with suppress(OSError, subprocess.TimeoutExpired):  # what was made until then is there, the rest is not
            subprocess.run([*call, *map(str, sources)], capture_output=True, timeout=seconds, check=False, **hidden)
        made = [out / f"{source.stem}.{to}" for source in sources]
        return [path.read_bytes() if path.exists() else None for path in made]
