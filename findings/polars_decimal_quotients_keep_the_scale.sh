#!/bin/sh
# polars 2.1.0: a quotient of Decimals keeps the operands' places, so shares of whole numbers are 0 or 1.
#
# 45 of 120 persons is 0.375 as Int64, in DuckDB and in Python's decimal. In polars two Decimal columns without places
# give a Decimal without places: 0 (and 80 of 120 is 1); times 100 it stays 0 and 100. Figures with one place give a share
# with one place, products are rounded to the wider scale as well (1.1 times 1.5 is 1.6). mean() of the same column is a
# float and not rounded. A table of percentages is thus filled with 0 and 100. Seen in November 2026:
#
#   Int64: [0.375, 0.6666666666666666]
#   Decimal(18,0): ['0', '1']
#   in percent: ['0', '100']
#   Decimal(18,1): ['0.4', '0.7']
#   1.1 times 1.5: 1.6
#   mean of 1 and 2: 1.5
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "polars==2.1.0"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from decimal import Decimal

import polars as pl


def column(scale, *figures):
    return pl.Series([Decimal(figure) for figure in figures], dtype=pl.Decimal(18, scale))


parts, totals = column(0, "45", "80"), column(0, "120", "120")
print("Int64:", (parts.cast(pl.Int64) / totals.cast(pl.Int64)).to_list())
print("Decimal(18,0):", [str(share) for share in parts / totals])
print("in percent:", [str(share) for share in parts / totals * 100])
print("Decimal(18,1):", [str(share) for share in column(1, "45", "80") / totals])
print("1.1 times 1.5:", (column(1, "1.1") * column(1, "1.5"))[0])
print("mean of 1 and 2:", column(0, "1", "2").mean())
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
Int64: [0.375, 0.6666666666666666]
Decimal(18,0): ['0', '1']
in percent: ['0', '100']
Decimal(18,1): ['0.4', '0.7']
1.1 times 1.5: 1.6
mean of 1 and 2: 1.5
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
