#!/bin/sh
# pandera 0.35.0, hypothesis 6.170.17: the first check of a column loads hypothesis, and with it pytest and trio.
#
# Not the import of pandera, and nothing that makes data up: where they are installed, validating one column against
# >= 0 is enough, for the registered checks bring their strategies along. hypothesis looks for plugins by their entry
# points; trio's is one, and trio.testing imports pytest. Without hypothesis the same validation loads none of them. On a
# developer's PC, or where an application was installed with its test extra, each process that checks anything pays for
# all of it: 0.34 of 0.36 CPU-seconds on the PC where it was seen. A wheel's users and the author measure different
# programs. Seen in November 2026:
#
#   with hypothesis, imported: none
#   with hypothesis, validated: hypothesis pytest trio
#   without hypothesis, imported: none
#   without hypothesis, validated: none
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pandera[pandas]==0.35.0" "pandas==3.1.1" "pytest==9.2.0" "trio==0.35.0"
cd "$folder"
cat > look.py <<'PYTHON'
import sys

import pandas as pd
import pandera.pandas as pa


def loaded():
    return " ".join(name for name in ("hypothesis", "pytest", "trio") if name in sys.modules) or "none"


print(f"{sys.argv[1]} hypothesis, imported: {loaded()}")
pa.SeriesSchema(checks=pa.Check.ge(0)).validate(pd.Series([1]))
print(f"{sys.argv[1]} hypothesis, validated: {loaded()}")
PYTHON
"$folder/venv/bin/python" look.py without > without
"$folder/venv/bin/pip" install --quiet "hypothesis==6.170.17"
"$folder/venv/bin/python" look.py with > seen
cat without >> seen
cat seen
cat > expected <<'SEEN'
with hypothesis, imported: none
with hypothesis, validated: hypothesis pytest trio
without hypothesis, imported: none
without hypothesis, validated: none
SEEN
cmp -s seen expected || { echo "the behaviour has changed" >&2; exit 1; }
