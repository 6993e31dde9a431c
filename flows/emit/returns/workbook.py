"""A returned workbook's bytes: the notice in front and, where there is one to send back, the form rebuilt behind it."""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from flows.emit.forms.drawing import Fill, draw_form
from flows.emit.forms.forms import kind_of
from flows.emit.forms.layout import MARKS, layout_of
from flows.emit.forms.places import Places
from flows.emit.moments import in_words
from flows.emit.returns import packages
from flows.emit.returns.clothes import Sent
from flows.emit.returns.files import PROPERTY
from flows.emit.returns.marks import entries_of, fill_of
from flows.emit.returns.notice import draw_notice
from flows.emit.returns.theirs import sent_of
from flows.emit.workbook.canvas import opened
from flows.store.returned import Returned
from schemas.adopted import REST
from schemas.catalogue import Catalogue
from schemas.states import KEPT
from schemas.township import Settings

NO_FORM = {"YEAR_MISMATCH", "WRONG_FORM", "UNIT_ENDED", "UNIT_NOT_YET"}
"""Findings with which the figures must not come back on this year's form of this unit."""


class ReturnPrinter:
    """Draws returned workbooks; each kind's layout is made once."""

    def __init__(self, catalogue: Catalogue, settings: Settings, year: int) -> None:
        self.settings, self.year = settings, year
        self.deadline = in_words(settings.collection.deadline)
        marks = settings.marks
        values = (marks.table_number, marks.authority, marks.document_number, marks.valid_until)
        self._printed = {"year": year, "township": settings.township.name, "deadline": self.deadline,
                         "marks": dict(zip(MARKS, values, strict=True))}  # fmt: skip
        self._version, self._adopted = catalogue.version, frozenset(catalogue.forms)
        self._places: Callable[[str, bool], Places] = cache(
            lambda kind, whole: Places(layout_of(catalogue, kind, **self._printed, whole=whole))
        )

    def key(self, case: Returned, original: str) -> str:
        """Changes when anything that the workbook says or how it is drawn changes."""
        said = msgspec.json.encode([asdict(case), original, self._printed, self._version])
        return hashlib.sha256(_drawing() + said).hexdigest()[:32]

    def key_of_all(self, cases: Sequence[Returned], original: str) -> str:
        """The same of the marked copy of a file."""
        said = msgspec.json.encode([[asdict(case) for case in cases], original, self._printed, self._version])
        return hashlib.sha256(_drawing() + said).hexdigest()[:32]

    def sent(self, cases: Sequence[Returned], path: Path, original: str, key: str) -> Sent:
        """What the marked copy of a file has to say."""
        return sent_of(cases, path, original, self.settings, self.year, self.deadline, PROPERTY, key)

    def __call__(self, case: Returned, original: str, key: str) -> bytes:
        """The workbook: the notice, and behind it the form where there is one to send back."""
        has_form = _has_form(case) and case.form not in self._adopted
        places = self._places(kind_of(case.unit), case.owes != REST) if case.unit and has_form else None
        entries = entries_of(case, places)
        buffer = io.BytesIO()
        with opened(buffer) as workbook:
            fill = fill_of(case, places.layout, places, entries) if places else None
            guide = self._guide(case, original, fill)
            draw_notice(workbook, self._title(case), guide, entries, with_form=places is not None)
            workbook.set_custom_property(PROPERTY, key, "text")
            if places and fill:
                draw_form(workbook, places.layout, fill)
            else:
                about = {"author": self.settings.township.name, "created": datetime(self.year, 12, 31)}
                workbook.set_properties(about)
        return buffer.getvalue()

    def _title(self, case: Returned) -> str:
        whose = case.unit.name if case.unit else case.sender or self.settings.township.name
        return f"{whose}{self.year}年度年报退回说明"

    def _guide(self, case: Returned, original: str, fill: Fill | None) -> list[str]:
        """What happened, what to do, where the original is."""
        count = Counter(one.standing for one in case.findings)
        wrong = "、".join(f"{count[what]} 处{what}" for what in ("须改正", "须核对或说明") if count[what])
        whose = f"您单位第 {case.revision} 次报来的“{case.file}”" if case.unit else f"收到的“{case.file}”"
        due = f"报送期限：{self.deadline}。"
        if case.sender is not None:
            told = [*packages.guide(case, wrong or "问题", self.settings.township.name, due)]
        elif fill is None:
            told = [f"{whose}没有采用，原因见下表。{due}",
                    "本文件只作说明，不能当报表报送：请按下表所说的办法处理，填好后重报"
                    f"{self.settings.township.name}。报来的原件未作改动，另存为“{original}”。"]  # fmt: skip
        else:
            told = [f"{whose}有{wrong}，请在本文件里直接改好，保存后把整个文件重报{self.settings.township.name}。{due}",
                    "红格必须改正；橙格请核对，数错了就改数，确实无误的在下表“情况说明”栏（或该行“说明”栏）写明具体原因。"
                    "同一指标写一处即可。点“点击前往”一列到那一格，鼠标停在格上可看到问题。",
                    "本表、颜色和批注不必删除，不影响再次审核。文件里是按报来的内容重新生成的报表；原件未作改动，"
                    f"另存为“{original}”。"]  # fmt: skip
            if fill.hidden:
                told.append(
                    f"没有问题的 {len(fill.hidden)} 张表已隐藏，不必打印；"
                    "要看或要改其中的数，右键点任一工作表标签，选“取消隐藏”。"
                )
        if case.accepted_before:
            told.append(f"{KEPT}；改好重报后以新报的为准。")
        return [f"{number}．{sentence}" for number, sentence in enumerate(told, start=1)]


def _has_form(case: Returned) -> bool:
    return bool(case.answers or case.cells) and not NO_FORM.intersection(one.code for one in case.findings)


@cache
def _drawing() -> bytes:
    """Changes when the code that draws changes."""
    here = Path(__file__).parents[1]
    sources = sorted(path for part in ("workbook", "forms", "returns") for path in (here / part).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).digest()
