#!/bin/sh
# croniter 7.0.0, cronsim 2.8: the same cron expressions are taken by both and name other days.
#
# A day of the month and a day of the week mean either of them, which both libraries hold to for '1 * 1'. For '*/2 * 1'
# cronsim asks for both (Mondays on odd days), croniter for either (Mondays and all odd days). For '1 * 1#1' (the first of the month, and the first Monday) cronsim gives either;
# croniter drops the day of the month without a word and runs on Mondays alone, though it keeps it in '1 * 1'. '1#1,3'
# is the first Monday and every Wednesday in cronsim and an error in croniter; the last Friday is '5L' in one and 'L5' in
# the other. Who checks an expression with one and runs it by the other runs on other days. The days after 28 November
# 2026, seen in November 2026:
#
#   1 * 1     cronsim  Mon-11-30 Tue-12-01 Mon-12-07 Mon-12-14
#   1 * 1     croniter Mon-11-30 Tue-12-01 Mon-12-07 Mon-12-14
#   */2 * 1   cronsim  Mon-12-07 Mon-12-21 Mon-01-11 Mon-01-25
#   */2 * 1   croniter Sun-11-29 Mon-11-30 Tue-12-01 Thu-12-03
#   1 * 1#1   cronsim  Tue-12-01 Mon-12-07 Fri-01-01 Mon-01-04
#   1 * 1#1   croniter Mon-12-07 Mon-01-04 Mon-02-01 Mon-03-01
#   * * 1#1,3 cronsim  Wed-12-02 Mon-12-07 Wed-12-09 Wed-12-16
#   * * 1#1,3 croniter an error
#   * * 5L    cronsim  Fri-12-25 Fri-01-29 Fri-02-26 Fri-03-26
#   * * 5L    croniter an error
#   * * L5    cronsim  an error
#   * * L5    croniter Fri-12-25 Fri-01-29 Fri-02-26 Fri-03-26
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "croniter==7.0.0" "cronsim==2.8"
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from datetime import datetime

from croniter import CroniterError, croniter
from cronsim import CronSim, CronSimError

START = datetime(2026, 11, 28, 12)


def by_cronsim(expression):
    days = CronSim(expression, START)
    return [next(days) for _ in range(4)]


def by_croniter(expression):
    days = croniter(expression, START, ret_type=datetime)
    return [days.get_next() for _ in range(4)]


for days in ("1 * 1", "*/2 * 1", "1 * 1#1", "* * 1#1,3", "* * 5L", "* * L5"):
    for name, library in (("cronsim", by_cronsim), ("croniter", by_croniter)):
        try:
            told = " ".join(f"{day:%a-%m-%d}" for day in library(f"0 0 {days}"))
        except (CronSimError, CroniterError):
            told = "an error"
        print(f"{days:<9} {name:<8} {told}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
1 * 1     cronsim  Mon-11-30 Tue-12-01 Mon-12-07 Mon-12-14
1 * 1     croniter Mon-11-30 Tue-12-01 Mon-12-07 Mon-12-14
*/2 * 1   cronsim  Mon-12-07 Mon-12-21 Mon-01-11 Mon-01-25
*/2 * 1   croniter Sun-11-29 Mon-11-30 Tue-12-01 Thu-12-03
1 * 1#1   cronsim  Tue-12-01 Mon-12-07 Fri-01-01 Mon-01-04
1 * 1#1   croniter Mon-12-07 Mon-01-04 Mon-02-01 Mon-03-01
* * 1#1,3 cronsim  Wed-12-02 Mon-12-07 Wed-12-09 Wed-12-16
* * 1#1,3 croniter an error
* * 5L    cronsim  Fri-12-25 Fri-01-29 Fri-02-26 Fri-03-26
* * 5L    croniter an error
* * L5    cronsim  an error
* * L5    croniter Fri-12-25 Fri-01-29 Fri-02-26 Fri-03-26
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
