#!/bin/sh
# pyarrow 26.0.1, pandas 3.1.1: the mean of decimal128 figures is rounded to the column's places, their median is not.
#
# 1 and 2 as decimal128(18,0) have the mean 2; -1, -2, -2 the mean -2; the result has the column's own type. As int64 the
# mean is 1.5. A pandas column of pd.ArrowDtype does the same in mean(), in groupby and in agg, while median() and std()
# of the very same column are floats: 0.1 and 0.2 have the mean 0.2 and the median 0.15. Whoever turns to exact types for
# the sake of the sums gets coarser averages. Seen in November 2026:
#
#   decimal128(18, 0) ['1', '2']: mean 2
#   decimal128(18, 0) ['-1', '-2', '-2']: mean -2
#   decimal128(18, 2) ['0.01', '0.02']: mean 0.02
#   int64 1 and 2: mean 1.5
#   grouped in a table: 0.2
#   pandas, column: mean 0.2 median 0.15
#   pandas, grouped: mean 0.2 median 0.15
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyarrow==26.0.1" "pandas==3.1.1"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def exact(scale, *figures):
    return pa.array([Decimal(figure) for figure in figures], pa.decimal128(18, scale))


for figures in (exact(0, "1", "2"), exact(0, "-1", "-2", "-2"), exact(2, "0.01", "0.02")):
    print(f"{figures.type} {[str(figure) for figure in figures]}: mean {pc.mean(figures)}")
print("int64 1 and 2: mean", pc.mean(pa.array([1, 2])))
table = pa.table({"town": ["a", "a"], "x": exact(1, "0.1", "0.2")})
print("grouped in a table:", table.group_by("town").aggregate([("x", "mean")])["x_mean"][0])
frame = table.to_pandas(types_mapper=pd.ArrowDtype)
towns = frame.groupby("town")["x"]
print("pandas, column: mean", frame["x"].mean(), "median", round(frame["x"].median(), 4))
print("pandas, grouped: mean", towns.mean().iloc[0], "median", round(towns.median().iloc[0], 4))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
decimal128(18, 0) ['1', '2']: mean 2
decimal128(18, 0) ['-1', '-2', '-2']: mean -2
decimal128(18, 2) ['0.01', '0.02']: mean 0.02
int64 1 and 2: mean 1.5
grouped in a table: 0.2
pandas, column: mean 0.2 median 0.15
pandas, grouped: mean 0.2 median 0.15
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
