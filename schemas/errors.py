"""The two ways to stop with Chinese lines: the clerk must mend something, or a machine failed."""

from __future__ import annotations


class ServerError(RuntimeError):
    """What a run needs beside itself, a server or a cluster, has failed; the message is one line in Chinese."""


class InputError(Exception):
    """Files or a call by the clerk that cannot be used: one line of Chinese for each fault. Exit status 2."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        return "；".join(self.lines)
