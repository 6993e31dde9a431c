"""Files refused because another one of their unit lay beside them: remembered, for they stay so when it is gone."""

from datetime import UTC, datetime

import pandas as pd

from flows.store.journal import Contested
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.findings import KINDS

CODE = "TWO_FILES"
_SQL = sql_beside(__file__)


def write_down(store: Store, year: int, findings: pd.DataFrame) -> None:
    """Tell the journal of files that are refused for this for the first time; `findings` are what comparing found."""
    found = findings.loc[findings["code"] == CODE, ["sub_id", "raw"]] if len(findings) else findings
    known = dict(store.rows(_SQL["refused"], [year, CODE]))
    files = {sub: file for sub, *file in store.rows(_SQL["files"], [year])} if len(found) else {}
    new = [(sub, raw) for sub, raw in found.itertuples(index=False) if known.get(sub) != raw]
    now = datetime.now(UTC)
    store.journal.write(Contested(now, year, files[sub][0], raw, part=files[sub][1]) for sub, raw in new)


def remember(store: Store, line: Contested) -> None:
    """Refuse a file again as the journal says it was; comparing repeats it from then on."""
    store.db.execute(_SQL["remember"], [CODE, KINDS[CODE].grade, line.files, line.year, line.sha256, line.part])
