"""Reminders sent: the letters in 催报 to units that are late, how all stand to the head of office, by apprise.

Where they go is a secret and stands in the environment alone, as addresses of apprise with spaces between them:
CUNHUI_NOTIFY gets how all stand, CUNHUI_NOTIFY_UNITS every letter, `{contact}` in it filled from [reminders.contacts].
"""

import logging
import multiprocessing
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from flows.emit.moments import in_words, passed
from flows.files import write_atomically
from flows.reading.orphan import deaf, end_with_parent
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.outputs import LETTERS, is_whole_letter
from schemas.roster import ROSTER
from schemas.township import Reminders, Settings

TOWNSHIP = "township.toml"
HEAD, UNITS = "CUNHUI_NOTIFY", "CUNHUI_NOTIFY_UNITS"
LONGEST = 1800
"""Bytes of one message: robots of 企业微信 take 2,048, and cut or refuse without a word what is longer."""
LOOK, AGAIN = 30.0, 600.0
"""Seconds between two looks at the clock, and until what failed is tried again."""
_MAIL = ("mailto", "mailtos")
Sent = dict[str, str]
"""By letter: the day on which it was sent last, as 2024-01-05."""


def is_day(reminders: Reminders, deadline: datetime, now: datetime) -> bool:
    """Whether letters are due: so many days before or after the deadline, from that hour on. Both moments are local."""
    left = (deadline.date() - now.date()).days
    return now.hour >= reminders.hour and (left in reminders.before or -left in reminders.after)


def send_letters(
    told: Connection, folder: str, kept: str, contacts: Mapping[str, str], deadline: datetime, now: datetime
) -> None:
    """The child's main function: send what has not been sent that day; tells (how many went, what did not and why)."""
    end_with_parent()
    went, failed = 0, []
    letters = Path(folder) / LETTERS
    for name, why in sent_on(now.date(), letters, Path(kept), contacts, partial(as_of, deadline=deadline, now=now)):
        went, failed = went + (not why), [*failed, *([f"{name}：{why}"] if why else [])]
    told.send((went, failed))


def as_of(text: str, deadline: datetime, now: datetime) -> str:
    """A letter as it reads now: it may be some days old, and says how far the deadline is."""
    until = re.escape(in_words(deadline))
    return re.sub(
        f"(?<=期限)(是?{until}，)[^。\\n]*", lambda found: f"{found[1]}{passed(deadline, now)}", text, count=1
    )


def sent_on(
    day: date, letters: Path, kept: Path, contacts: Mapping[str, str], reads: Callable[[str], str] = str
) -> Iterator[tuple[str, str]]:
    """(unit, why it was not sent, or "") for every letter that had to be sent; remembered one by one in `kept`.

    `reads` gives a letter's text as it is to be read that day.
    """
    sent = _remembered(kept)
    for path in sorted(letters.glob("*.txt")):
        urls = _addresses("" if is_whole_letter(path.name) else path.stem, contacts)
        if not urls or sent.get(path.stem) == day.isoformat():
            continue
        text = reads(path.read_text(encoding="utf-8"))
        why = next(filter(None, (send(url, title(path.name, text), text) for url in urls)), "")
        if not why:
            sent[path.stem] = day.isoformat()
            write_atomically(kept, msgspec.json.encode(sent))
        yield path.stem.lstrip("_"), why


def title(name: str, text: str) -> str:
    """What a letter is about, for a mail's subject: begun by whom it is to and ended by whom it is from."""
    lines = text.splitlines() or [""]
    first = lines[0].rstrip("：。")
    return first if is_whole_letter(name) else f"{lines[-1]}年报催报：{first}"


def _remembered(kept: Path) -> Sent:
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Sent)
    except (OSError, msgspec.DecodeError):
        return {}


def _addresses(unit: str, contacts: Mapping[str, str]) -> list[str]:
    """Where a letter goes; of a unit whose contact is asked for and not known, nowhere."""
    urls = os.environ.get(UNITS if unit else HEAD, "").split()
    contact = contacts.get(unit, "")
    return [url.replace("{contact}", quote(contact, safe="@")) for url in urls if contact or "{contact}" not in url]


def send(url: str, title: str, text: str) -> str:
    """Send one text to one address of apprise; why it did not arrive, "" where it did. The address is never told."""
    import apprise  # heavy: requests and yaml

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log keys
    scheme = url.partition(":")[0]
    service = apprise.Apprise()
    if not service.add(url):
        return f"环境变量里 {scheme} 的通知地址写法不对"
    pieces = [text] if scheme in _MAIL else list(in_pieces(text))
    with _answers() as answers:
        for piece in pieces:
            if not service.notify(body=piece, title=title if scheme in _MAIL else ""):
                return f"{scheme} 没有发出去：连不上，或对方不收"
    return next(filter(None, (_refusal(scheme, answer) for answer in answers)), "")


def in_pieces(text: str, most: int = LONGEST) -> Iterator[str]:
    """The text in messages of at most so many bytes, cut between lines, and within a line that is longer."""
    piece = ""
    for line in text.splitlines(keepends=True):
        while len((piece + line).encode()) > most:
            room = most - len(piece.encode()) if len(line.encode()) > most else 0
            head = line.encode()[:room].decode(errors="ignore")
            if piece + head:
                yield piece + head
            piece, line = "", line[len(head) :]
        piece += line
    if piece:
        yield piece


@contextmanager
def _answers() -> Iterator[Sequence[Any]]:
    """What the other side answers: apprise looks at the status alone, and robots refuse with a status of 200."""
    import requests  # heavy: urllib3

    answers: list[Any] = []
    send_as_ever = requests.Session.send

    def send_and_keep(session: Any, request: Any, **how: Any) -> Any:
        answer = send_as_ever(session, request, **how)
        answers.append(answer)
        return answer

    requests.Session.send = send_and_keep  # pyright: ignore[reportAttributeAccessIssue]  # passes all on as it comes
    try:
        yield answers
    finally:
        requests.Session.send = send_as_ever


def _refusal(scheme: str, answer: Any) -> str:
    """Why a robot did not take a message, by its answer; "" where it did."""
    try:
        said = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return ""
    codes = [said.get(key) for key in ("errcode", "code", "StatusCode")] if isinstance(said, dict) else []
    return next((f"{scheme} 对方不收（代码 {code}）" for code in codes if code), "")


class Post:
    """Sends what is due, in a child of its own, and what failed again after a pause; at most once a day to each."""

    def __init__(self, settings: Settings, folder: Path, kept: Path, inputs: Path | None = None) -> None:
        """`folder` is the year's; settings that change in `inputs` meanwhile count, once nothing in them is wrong."""
        self.settings, self.folder, self.kept, self.inputs = settings, folder, kept, inputs
        self._read = self._mark()
        self._child: Any = None
        self._told: Connection | None = None
        self._next = 0.0
        self._done: date | None = None

    def look(self) -> Iterator[str]:
        """Begin to send where it is time; says what came of what was sent before."""
        if self._told is not None:
            yield from self._heard()
            return
        now = datetime.now(self.settings.zone)
        if time.monotonic() < self._next or self._done == now.date():
            return
        self._next = time.monotonic() + LOOK
        self._read_again()
        due = is_day(self.settings.reminders, self.settings.deadline, now) and (os.environ.keys() & {HEAD, UNITS})
        if due and any((self.folder / LETTERS).glob("*.txt")):
            self._begin(now)

    def _mark(self) -> list[int]:
        files = [self.inputs / name for name in (TOWNSHIP, ROSTER)] if self.inputs else []
        return [path.stat().st_mtime_ns for path in files if path.exists()]

    def _read_again(self) -> None:
        if self.inputs and (mark := self._mark()) != self._read:
            with suppress(InputError):
                self.settings = load_inputs(self.inputs, int(self.folder.name)).settings
                self._read = mark

    def _begin(self, now: datetime) -> None:
        self._told, theirs = multiprocessing.Pipe(duplex=False)
        contacts, deadline = self.settings.reminders.contacts, self.settings.deadline
        arguments = theirs, str(self.folder), str(self.kept), contacts, deadline, now
        self._child = multiprocessing.get_context("spawn").Process(target=send_letters, args=arguments)
        self._done = now.date()
        with deaf():
            self._child.start()
        theirs.close()

    def _heard(self) -> Iterator[str]:
        assert self._told is not None
        if not self._told.poll():
            return
        try:
            went, failed = self._told.recv()
        except EOFError:
            went, failed = 0, ["发通知的进程停了"]
        self._child.join()
        self._told = None
        if went:
            yield f"催报已发出 {went} 份。"
        if failed:
            self._done, self._next = None, time.monotonic() + AGAIN
            yield f"催报有 {len(failed)} 份没有发出（{'；'.join(failed[:3])}），{AGAIN / 60:.0f} 分钟后再试。"
