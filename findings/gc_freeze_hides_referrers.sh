#!/bin/sh
# CPython 3.11, hypothesis 6.170.17 and trio 0.35.0: what gc.freeze() has put away is nobody's referrer any more.
#
# gc.freeze() is meant to spare the collector's work on what was imported. gc.get_referrers() then no longer sees a
# frozen dict or module either, though it goes on holding the object: a program that asks "does anybody hold this?" is
# told no. hypothesis asks that of every generator handed to it, and trio hands it one that its own module keeps. So a
# program that imports trio, freezes, and only then loads hypothesis (which some libraries do at their first call) is
# warned on its screen of a generator that may be collected at once, and none is. Unfrozen, the referrers are back.
# Seen in November 2026:
#
#   referrers: 2 before, 0 frozen, 2 unfrozen
#   warned when hypothesis comes after trio: -
#   warned when hypothesis comes after trio and a freeze: HypothesisWarning
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "hypothesis==6.170.17" "trio==0.35.0"
cd "$folder"
cat > referrers.py <<'PYTHON'
import gc
import random

held = random.Random()
holder = {"held": held}
seen = [len(gc.get_referrers(held))]
for change in (gc.freeze, gc.unfreeze):
    change()
    seen.append(len(gc.get_referrers(held)))
print("referrers: {} before, {} frozen, {} unfrozen".format(*seen))
PYTHON
cat > warned.py <<'PYTHON'
import gc
import sys
import warnings

import trio  # noqa: F401

if "frozen" in sys.argv:
    gc.freeze()
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    import hypothesis  # noqa: F401
when = " and a freeze" if "frozen" in sys.argv else ""
print(f"warned when hypothesis comes after trio{when}:", *([one.category.__name__ for one in seen] or ["-"]))
PYTHON
{
    "$folder/venv/bin/python" referrers.py
    "$folder/venv/bin/python" warned.py
    "$folder/venv/bin/python" warned.py frozen
} > seen
cat seen
cat > expected <<'TEXT'
referrers: 2 before, 0 frozen, 2 unfrozen
warned when hypothesis comes after trio: -
warned when hypothesis comes after trio and a freeze: HypothesisWarning
TEXT
cmp -s seen expected
