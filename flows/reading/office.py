"""Old formats through LibreOffice, where there is one: the same document in a format that is read here."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CONVERTING = 120
"""Seconds that LibreOffice may take: its first start on a slow PC takes some thirty."""
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
    """The bytes of a document of that suffix in the format `to` (xlsx, docx); None without LibreOffice or if it fails.

    It runs with a profile of its own, so that one that is open does not matter, and no macro of a document runs.
    """
    if (program := office()) is None:
        return None
    with tempfile.TemporaryDirectory(prefix="cunhui-") as folder:
        source = Path(folder) / f"document{suffix}"
        source.write_bytes(data)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        call = [program, profile, "--headless", "--norestore", "--convert-to", to, "--outdir", folder, str(source)]
        hidden = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
        try:
            subprocess.run(call, capture_output=True, timeout=CONVERTING, check=True, **hidden)
            return (Path(folder) / f"document.{to}").read_bytes()
        except (OSError, subprocess.SubprocessError):
            return None
