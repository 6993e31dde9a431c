"""Readings as the store keeps them, so that judging a file anew needs no file: packed, one to a submission."""

from collections.abc import Iterator, Sequence

import msgspec
import pandas as pd

from flows.inbox.submission import Submission
from flows.reading.folded import deflated, folded, inflated
from flows.reading.records import Reading, Received
from flows.store.statements import sql_beside
from flows.store.store import Store

_SQL = sql_beside(__file__)


def packed(chunk: Sequence[Submission]) -> pd.DataFrame:
    """One row per submission: sub_id, and its reading deflated."""
    rows = [(item.sub_id, deflated(item.reading)) for item in chunk]
    return pd.DataFrame(rows, columns=["sub_id", "data"])


def recalled(store: Store, year: int, files: Sequence[Received]) -> Iterator[Reading]:
    """The newest reading that the store keeps of each file, or of its parts that are due; under its name of now.

    Those of parts, of which a file may have thousands, stay folded.
    """
    asked = {file.sha256: file for file in files}
    for sha256, part, data in store.rows(_SQL["readings"], {"year": year, "files": list(asked)}):
        if asked[sha256].is_due(part):
            reading = msgspec.structs.replace(inflated(data), file=asked[sha256].file)
            yield folded(reading, data) if part else reading
