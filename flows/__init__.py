"""The data's path: inbox, reading, values, judging, store, totals, emit; `annual` runs it, `job` holds it."""

import sys

# Said here, before anything is imported that an older Python cannot even read.
if sys.version_info < (3, 11):  # noqa: UP036  an older pip installs it all the same
    sys.exit(  # an f-string would keep an older Python from reading this far
        "错误：村汇要用 Python 3.11 以上版本，现在用的是 %d.%d；请装新版 Python 后重新建立 .venv。"  # noqa: UP031  see above
        % sys.version_info[:2]
    )
