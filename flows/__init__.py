"""The data's path: inbox, reading, values, judging, store, totals, emit; `annual` runs it, `job` holds it."""

import sys

if sys.version_info < (3, 11):  # said here, before anything is imported that an older Python cannot even read
    sys.exit(
        "错误：村汇要用 Python 3.11 以上版本，现在用的是 %d.%d；请装新版 Python 后重新建立 .venv。"
        % sys.version_info[:2]
    )
