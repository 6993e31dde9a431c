#!/usr/bin/env bash
# LibreOffice 7.4.7 (Debian 12) prints a hidden sheet after all, when the sheet has a print area.
#
# Two workbooks of XlsxWriter 3.2.9, each with one visible and one hidden sheet, converted to PDF. Good memory says that
# a hidden sheet is never printed, and so it is in the first (1 page). In the second both sheets have a print area, as a
# form made for printing has: the hidden sheet is a page of the PDF (2 pages). Excel leaves it out in both.
#
# Seen: without a print area: 1 page(s); with a print area: 2 page(s)
# Needs soffice and pdfinfo on the PATH.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv && venv/bin/pip install -q --disable-pip-version-check xlsxwriter==3.2.9
venv/bin/python - <<'PY'
from xlsxwriter import Workbook

for name, area in (("without", False), ("with", True)):
    with Workbook(f"{name}.xlsx") as book:
        for title in ("shown", "hidden"):
            sheet = book.add_worksheet(title)
            sheet.write_string(0, 0, title)
            if area:
                sheet.print_area(0, 0, 3, 3)
            if title == "hidden":
                sheet.hide()
PY
pages() {
    soffice "-env:UserInstallation=file://$folder/profile" --headless --convert-to pdf "$1.xlsx" >/dev/null 2>&1
    pdfinfo "$1.pdf" | awk '/^Pages/ {print $2}'
}
seen="without a print area: $(pages without) page(s); with a print area: $(pages with) page(s)"
echo "$seen"
[ "$seen" = "without a print area: 1 page(s); with a print area: 2 page(s)" ]
