#!/bin/sh
# Prefect 3.8.8: a flow that returns a failed task's future is Failed, but Completed when it stands in a dict.
#
# A flow's final state is worked out of what it returns: a future, or a list or tuple of futures and states, and one
# that failed makes it Failed. A dict is not looked into, nor is a list within a list: a flow that gives its results by
# name, {"read": ..., "sum": ...}, ends as Completed, and what waits for its failure is never told. One plain value beside
# a list of futures has the same effect. Run with a server of its own (ephemeral). Seen in November 2026:
#
#   the future: Failed
#   list: Failed
#   tuple: Failed
#   dict: Completed
#   list of lists: Completed
#   list and a number: Completed
#   nothing: Completed
#
# Exits 0 while it is so, 1 when the behaviour has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "prefect==3.8.8" "fastapi<0.151"
cd "$folder"
export PREFECT_HOME="$folder/prefect" PREFECT_LOGGING_LEVEL=CRITICAL DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=300
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from prefect import flow, task


@task
def read(year):
    if year == 2026:
        raise ValueError(year)
    return year


RETURNED = {
    "the future": lambda failed, good: failed,
    "list": lambda failed, good: [failed, good],
    "tuple": lambda failed, good: (failed, good),
    "dict": lambda failed, good: {"read": failed, "sum": good},
    "list of lists": lambda failed, good: [[failed], [good]],
    "list and a number": lambda failed, good: ([failed, good], 5),
    "nothing": lambda failed, good: None,
}


@flow
def year(how):
    futures = read.submit(2026), read.submit(2025)
    for future in futures:
        future.wait()
    return RETURNED[how](*futures)


for how in RETURNED:
    print(f"{how}: {year(how, return_state=True).name}")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'SEEN'
the future: Failed
list: Failed
tuple: Failed
dict: Completed
list of lists: Completed
list and a number: Completed
nothing: Completed
SEEN
cmp -s "$folder/seen" "$folder/expected" || { echo "the behaviour has changed" >&2; exit 1; }
