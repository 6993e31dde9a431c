#!/bin/sh
# python-docx 1.2.0, LibreOffice 7.4.7 (Debian 12): of a figure mended with tracked changes one reads none, one reads both.
#
# A paragraph where 12 was struck out and 15 put in says 共15户. python-docx gives 共户: its text passes over whatever stands
# within w:ins, so the figure is gone. LibreOffice's text export gives 共1512户: what was put in and what was struck out
# run together to one figure, in the order in which they stand. Without tracking both say 共15户. Needs soffice on the
# PATH. Seen in November 2026:
#
#   plain: python-docx 共15户, LibreOffice 共15户
#   put in, struck out: python-docx 共户, LibreOffice 共1512户
#   struck out, put in: python-docx 共户, LibreOffice 共1215户
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "python-docx==1.2.0"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import os
import subprocess
from pathlib import Path

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

BY = f'{nsdecls("w")} w:id="1" w:author="x" w:date="2026-11-01T08:00:00Z"'
PUT_IN = f"<w:ins {BY}><w:r><w:t>15</w:t></w:r></w:ins>"
STRUCK = f"<w:del {BY}><w:r><w:delText>12</w:delText></w:r></w:del>"
PLAIN = f"<w:r {nsdecls('w')}><w:t>15</w:t></w:r>"


def document(*parts):
    made = Document()
    paragraph = made.add_paragraph("共")
    for part in parts:
        paragraph._p.append(parse_xml(part))
    paragraph.add_run("户")
    made.save("report.docx")


for name, parts in (("plain", [PLAIN]), ("put in, struck out", [PUT_IN, STRUCK]), ("struck out, put in", [STRUCK, PUT_IN])):
    document(*parts)
    profile = f"-env:UserInstallation=file://{os.getcwd()}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "report.docx"]
    subprocess.run(command, check=True, capture_output=True)
    text = Path("report.txt").read_text(encoding="utf-8-sig").strip()
    print(f"{name}: python-docx {Document('report.docx').paragraphs[0].text}, LibreOffice {text}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
plain: python-docx 共15户, LibreOffice 共15户
put in, struck out: python-docx 共户, LibreOffice 共1512户
struck out, put in: python-docx 共户, LibreOffice 共1215户
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
