"""The program many times for the imports of one: each a fork of a process that has loaded what `cunhui run` loads.

A run of three units costs 7 CPU-seconds as a process of its own, of which 4.5 are its imports (2026-11). From the
fork on all is the program's own: how it hears signals, what it starts, how it ends.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Fork:
    """A `cunhui` that was begun so, as far as tests ask what they ask of a Popen."""

    def __init__(self, warm: "Warm", folder: Path, arguments: tuple[str, ...]) -> None:
        self._warm, self._said = warm, (folder / "out", folder / "err")
        self.pid = warm.ask(begin=arguments, out=str(self._said[0]), err=str(self._said[1]))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._warm.ask(poll=self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = 300) -> tuple[str, str]:
        """What it said, when it has ended. Raises TimeoutError."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.pid} has not ended")
            time.sleep(0.02)
        out, err = (path.read_text(encoding="utf-8") for path in self._said)
        return out, err


class Warm:
    """The process that has loaded it all, and does nothing but fork."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._begun = folder, 0
        command = [sys.executable, "-m", "tests.warm", str(folder)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def cunhui(self, *arguments: str) -> Fork:
        """Begin the program with these arguments, as the leader of a group of its own."""
        self._begun += 1
        folder = self._folder / str(self._begun)
        folder.mkdir()
        return Fork(self, folder, arguments)

    def ask(self, **order: object) -> int | None:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def warmed(folder: Path) -> Iterator[Warm]:
    """One of them, with its home for Prefect in this empty folder."""
    warm = Warm(folder)
    try:
        yield warm
    finally:
        warm.close()


def main(folder: Path) -> None:
    """Load everything, then obey: an order a line, its answer a line."""
    _load(folder)
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            pid, status = os.waitpid(order["poll"], os.WNOHANG)
            print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), flush=True)
        elif pid := os.fork():
            print(pid, flush=True)
        else:
            _become(**order)


def _load(folder: Path) -> None:
    """What a run of the command imports, under the settings that it would have made."""
    from flows.serving.launch import prepare_environment

    prepare_environment(folder)
    os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"

    from rich.progress import Progress  # noqa: F401

    import flows.annual
    import flows.commands.cli
    import flows.serving.recorder  # noqa: F401
    from tests.crashing import warm_up

    warm_up()
    gc.freeze()  # what is here stays: no fork looks through it, and so copies it, for what it may throw away


def _become(begin: list[str], out: str, err: str) -> None:
    """The program itself; never returns."""
    from flows.commands.cli import program

    os.setsid()
    for number, path, how in (0, os.devnull, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY):
        os.dup2(os.open(path, how | os.O_CREAT), number)
    sys.argv = ["cunhui", *begin]
    program()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
