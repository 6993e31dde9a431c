#!/bin/sh
# polars 2.1.0: concat of Decimal columns of other scales cuts the figures of all but the first frame, or loses them.
#
# pl.concat refuses frames whose types differ (SchemaError for Int64 and Float64), and how="vertical_relaxed" is there to
# widen them. Decimals of another scale or precision are let through as if they were one type and take the first frame's:
# 1.25 under a column of one place becomes 1.2 (half to even, 1.35 becomes 1.4), and 99999 under a column of three digits
# becomes null, which a sum then passes over. The other order of the same frames is right. append() and vstack() do the
# same. Whoever stacks the tables of several townships loses money in silence. Seen in November 2026:
#
#   one place, then two: ['1.5', '1.2', '1.4'], total 4.1
#   two places, then one: ['1.25', '1.35', '1.50'], total 4.10
#   three digits, then five: ['1', None], total 1
#   relaxed: ['1.00', '99999.00', '1.50', '1.25', '1.35'], total 100004.10
#   vstack: ['1.5', '1.2', '1.4'], total 4.1
#   whole numbers, then floats: SchemaError
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


def frame(precision, scale, *figures):
    return pl.DataFrame({"x": pl.Series([Decimal(figure) for figure in figures], dtype=pl.Decimal(precision, scale))})


def shown(name, table):
    print(f"{name}: {[value and str(value) for value in table['x']]}, total {table['x'].sum()}")


whole, tenths, cents = frame(3, 0, "1"), frame(18, 1, "1.5"), frame(18, 2, "1.25", "1.35")
shown("one place, then two", pl.concat([tenths, cents]))
shown("two places, then one", pl.concat([cents, tenths]))
shown("three digits, then five", pl.concat([whole, frame(5, 0, "99999")]))
shown("relaxed", pl.concat([whole, frame(5, 0, "99999"), tenths, cents], how="vertical_relaxed"))
shown("vstack", tenths.vstack(cents))
try:
    pl.concat([pl.DataFrame({"x": [1]}), pl.DataFrame({"x": [1.5]})])
except pl.exceptions.SchemaError:
    print("whole numbers, then floats: SchemaError")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
one place, then two: ['1.5', '1.2', '1.4'], total 4.1
two places, then one: ['1.25', '1.35', '1.50'], total 4.10
three digits, then five: ['1', None], total 1
relaxed: ['1.00', '99999.00', '1.50', '1.25', '1.35'], total 100004.10
vstack: ['1.5', '1.2', '1.4'], total 4.1
whole numbers, then floats: SchemaError
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
