"""The two ways to stop with one Chinese line: the clerk must mend something, or a machine failed."""

from __future__ import annotations


class ServerError(RuntimeError):
    """What a run needs beside itself, a server or a cluster, has failed; the message is one line in Chinese."""


class InputError(Exception):
    """A file or call by the clerk that cannot be used; its text is one line of Chinese. Exit status 2."""
