#!/bin/sh
# DuckDB 2.0.1: whether a long query draws a progress bar on stdout hangs on how its Python program was started.
#
# A connection has its progress bar on where the module __main__ has no file, which is taken for somebody at a prompt.
# So it is off in a script, in `python -m` and in a program that comes by standard input, and on in `python -c` and in
# processes with a bare __main__ (a test runner's workers), with no terminal anywhere. A query of over two seconds then
# writes its bar between the lines of CSV or JSON that the program prints. Whoever prints answers sets
# enable_progress_bar = false.
# Seen in November 2026:
#
#   script False
#   module False
#   one-liner True
#   standard input False
#   bare main True
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1"
cd "$folder"
cat > asked.py <<'PYTHON'
import duckdb

print(duckdb.connect().execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])
PYTHON
cat > bare.py <<'PYTHON'
import sys

del sys.modules["__main__"].__file__
exec(open("asked.py").read())
PYTHON
{
    echo "script $(venv/bin/python asked.py)"
    echo "module $(venv/bin/python -m asked)"
    echo "one-liner $(venv/bin/python -c "$(cat asked.py)")"
    echo "standard input $(venv/bin/python - < asked.py)"
    echo "bare main $(venv/bin/python bare.py)"
} > seen
cat seen
cat > expected <<'TEXT'
script False
module False
one-liner True
standard input False
bare main True
TEXT
cmp -s seen expected
