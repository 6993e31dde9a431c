"""收报情况.html: who is in, who was sent back and why, who is missing, on one page that needs nothing else."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flows.emit.board.data import GROUPS, MOST, Links, links_of, unit_data
from flows.emit.board.pictures import NONE, Pictures, pictures
from flows.emit.board.rows import FINDINGS, ROWS, listed
from flows.emit.lists.problems import state_words
from flows.emit.lists.reminders import reminder
from flows.emit.moments import in_words, passed
from flows.emit.page.markup import markup_beside
from flows.emit.page.offline import Numbered, offline_page
from flows.emit.pictures.svg import STYLE
from flows.emit.returns.returns import SentBack
from flows.emit.writing import write_changed
from flows.store.figures import Book
from flows.store.findings import OPEN
from flows.store.owed import owed_words
from flows.store.pending import Pending
from flows.store.townships import subtotals
from flows.template.plans import Plan, plans_of
from schemas.catalogue import Catalogue
from schemas.levels import parts_word
from schemas.outputs import BOARD, PROBLEMS
from schemas.states import KEPT, LATE, OF_UNIT, STATES, word_of
from schemas.township import Settings

_HEADS = (
    ("单位", ""), ("类别", "mid short"), ("地形", "wide two"), ("报送情况", ""), ("第几次", "wide num"),
    ("文件", "mid"), ("收到", "mid short"), ("已有几天", "mid num"), ("须改正", "num"), ("须核对或说明", "num"),
    ("已说明", "wide num"), ("填表人", "wide who"), ("联系电话", "wide call"), ("催报", "mid ask"),
)  # fmt: skip
"""Each column with its look: `mid` and `wide` are left out on screens narrower than that."""
_PICTURES = STYLE + Path(__file__).with_name("pictures.css").read_text(encoding="utf-8")


def write_board(
    pending: Sequence[Pending],
    back: Sequence[SentBack],
    settings: Settings,
    year: int,
    now: datetime,
    folder: Path,
    book: Book,
    catalogue: Catalogue,
) -> Path:
    """Bring the page in `folder` (outputs/<year>) up to date; not touched where it would stay the same that day.

    `now` is local. Raises InputError when another program holds the file open.
    """
    drawn = pictures([one for one in pending if one.expected], book, catalogue, settings.deadline)
    plans = plans_of(book, catalogue)
    page = board_page(pending, links_of(back, folder), settings, year, now, book.unheard, plans, drawn)
    return write_changed(folder / BOARD, page.encode())


def board_page(
    pending: Sequence[Pending],
    links: Links,
    settings: Settings,
    year: int,
    now: datetime,
    unheard: Sequence[str] = (),
    plans: Sequence[Plan] = (),
    drawn: Pictures = NONE,
) -> str:
    """The whole page: a row per expected unit (see `listed`), the other files in the inbox, the year's plan, pictures.

    `unheard` says what nobody on the roster reports, `plans` how far the year's targets are reached; `drawn` are the
    pictures, whose links lead to the rows.
    """
    units, mends = [one for one in pending if one.expected], Numbered()
    rows, loose = listed(units), [one for one in pending if not one.expected]
    says = [reminder(one, settings.deadline, now, year) if one.state in LATE else "" for one in rows]
    title = f"{settings.township.name}{year}年度年报收报情况"
    body = markup_beside(
        __file__,
        title=title,
        deadline=in_words(settings.deadline),
        due=passed(settings.deadline, now),
        today=f"{now.year}年{now.month}月{now.day}日",
        **_progress(units),
        townships=[(one.name, one.accepted, one.expected) for one, _ in subtotals(units)],
        townships_are=parts_word("township"),
        unheard=unheard,
        plans=[_planned(one) for one in plans],
        pictures=drawn.markup,
        jumps=drawn.headings,
        states=_counted(units),
        kinds=list(dict.fromkeys(one.kind for one in rows)),
        heads=_HEADS,
        expected=len(units),
        rows=[_row(one, now, say) for one, say in zip(rows, says, strict=True)],
        loose=[_loose(one, links) for one in loose[:ROWS]],
        files=len(loose),
        problems=quote(PROBLEMS),
    )
    most = min(MOST, FINDINGS // max(1, sum(bool(one.findings) for one in rows)))
    told = [unit_data(one, say, links, mends, most) for one, say in zip(rows, says, strict=True)]
    meanings = {key: STATES[key].meaning for key in _possible(units)}
    data = {"units": told, "mends": mends.strings, "groups": GROUPS, "meanings": meanings}
    return offline_page(title, body, data, Path(__file__), _state_colours(units) + _PICTURES)


def _progress(units: Sequence[Pending]) -> dict[str, str | int]:
    """How many count, of how many in a hundred, and how many of them by what they sent before."""
    done = [one for one in units if one.accepted]
    before = sum(one.state in LATE for one in done)
    percent = len(done) * 100 // max(len(units), 1)
    return {"accepted": word_of("accepted"), "done": len(done), "percent": percent, "before": before, "kept": KEPT}


def _counted(units: Sequence[Pending]) -> list[tuple[str, str, int]]:
    """Each state with its word and how many stand so; first all of them."""
    count = Counter(one.state for one in units)
    return [("", "全部", len(units)), *((state, word_of(state), count[state]) for state in _possible(units))]


def _possible(units: Sequence[Pending]) -> list[str]:
    """The states that units may be in: lacking a form is one only where somebody owes several."""
    several = any(one.owed for one in units)
    return [state for state in OF_UNIT if several or state != "partial"]


def _state_colours(units: Sequence[Pending]) -> str:
    states = _possible(units)
    return "".join(f'.state[data-state="{key}"] {{ color: #{STATES[key].colour}; }}\n' for key in states)


def _row(one: Pending, now: datetime, say: str) -> dict[str, Any]:
    """A unit's row, beyond what it holds itself."""
    sent = one.state != "missing"
    must, confirm, explained = (one.count(standing) if sent else "" for standing in (*OPEN, "已说明"))
    return {
        "one": one, "say": say, "word": word_of(one.state), "kept": one.accepted and one.state in LATE,
        "order": OF_UNIT.index(one.state), "owed": owed_words(one.owed), "days": one.days_open(now),
        "must": must, "confirm": confirm, "explained": explained,
    }  # fmt: skip


def _planned(one: Plan) -> dict[str, str]:
    """A target of the year as its row shows it."""
    return {
        "area": one.target.area, "name": one.target.name, "unit": one.target.unit, "planned": f"{one.planned:f}",
        "done": "" if one.done is None else f"{one.done:f}",
        "per_cent": "" if one.per_cent is None else f"{one.per_cent:f}",
        "note": "未收齐" if one.provisional and one.done is not None else "",
    }  # fmt: skip


def _loose(one: Pending, links: Links) -> dict[str, Any]:
    """A file that belongs to no expected unit, or is no submission."""
    return {
        "one": one, "words": state_words(one),
        "problems": list(dict.fromkeys(told.problem for told in one.findings)),
        "mends": list(dict.fromkeys(told.mend for told in one.findings)),
        "links": links.get(one.code or one.file, ()),
    }  # fmt: skip
