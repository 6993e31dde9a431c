"""The clerk's lists: 问题清单.xlsx, every finding unit by unit, and 催报名单.xlsx, whom to remind and of what."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flows.emit.lists.problems import problem_list
from flows.emit.lists.reminders import reminder_list
from flows.emit.writing import write_changed
from flows.store.pending import Pending
from schemas.outputs import PROBLEMS, REMINDERS
from schemas.township import Settings


def write_lists(pending: Sequence[Pending], settings: Settings, year: int, now: datetime, folder: Path) -> list[Path]:
    """Bring both lists in `folder` (outputs/<year>) up to date, touching neither that would stay the same.

    `now` has a time zone. Raises InputError for a file that another program holds open.
    """
    return [
        write_changed(folder / PROBLEMS, problem_list(pending, settings, year)),
        write_changed(folder / REMINDERS, reminder_list(pending, settings, year, now)),
    ]
