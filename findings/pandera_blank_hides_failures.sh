#!/bin/sh
# pandera 0.35.0, pandas 3.1.1: with ignore_na=False one blank hides every failure of a nullable column.
#
# A check with ignore_na=False over an Int64 column (-1, 2, blank, -3), validated lazily, is expected to report rows 0,
# 2 and 3. It reports one case without a row: ValueError("cannot convert float NaN to bool"). With the default
# ignore_na=True rows 0 and 3 are reported, and a float64 column gives rows 0, 2 and 3. Whoever shows failure cases
# to people by their row thus shows nothing at all. Seen in November 2026:
#
#   ignore_na=True [(0, '-1'), (3, '-3')]
#   ignore_na=False [(None, 'ValueError("cannot convert float NaN to bool")')]
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pandera[pandas]==0.35.0" "pandas==3.1.1"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import pandas as pd
import pandera.pandas as pa

frame = pd.DataFrame({"a": pd.array([-1, 2, None, -3], dtype="Int64")})
for ignore in (True, False):
    column = pa.Column("Int64", pa.Check(lambda values: values > 0, ignore_na=ignore), nullable=True)
    try:
        pa.DataFrameSchema({"a": column}).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        rows = [None if pd.isna(at) else int(at) for at in cases["index"]]
        print(f"ignore_na={ignore}", list(zip(rows, map(str, cases["failure_case"]))))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
ignore_na=True [(0, '-1'), (3, '-3')]
ignore_na=False [(None, 'ValueError("cannot convert float NaN to bool")')]
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
