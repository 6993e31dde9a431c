"""Where the program begins: it listens for signals before anything that takes time is loaded."""

import signal
import subprocess
import sys

from flows.commands import start


def test_nothing_slow_is_loaded_before_signals_are_heard():
    code = (
        f"import sys, signal; import {start.__name__} as start\n"
        "print(sorted({'click', 'logging', 'json', 'msgspec', 'flows.commands.cli'} & set(sys.modules)))\n"
        "start.listen(); print(signal.getsignal(signal.SIGTERM).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "_stop"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_program_ends_with_the_commands_own_status():
    code = f"import sys; sys.argv[1:] = ['nix']; from {start.__name__} import program; program()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("错误：没有命令 nix")


def test_commands_that_only_look_load_nothing_that_collects_or_draws():
    heavy = "{'pandas', 'pandera', 'prefect', 'pebble', 'minisign', 'xlsxwriter', 'openpyxl'}"
    code = (
        "import sys\n"
        "import flows.commands.trace; print('rich' in sys.modules)\n"
        "import flows.commands.sql; print('duckdb' in sys.modules)\n"
        "import flows.commands.status; print('lxml' in sys.modules)\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False", "[]"]
