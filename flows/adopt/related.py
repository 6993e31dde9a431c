"""The relations that a page prints between its answers: in its foot, names, formulas and rules for entering."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from flows.adopt import words
from flows.adopt.found import PRINTED, UNSURE, Answer, Evidence, FoundRelation, FoundSheet, address
from flows.adopt.pages import Page, Place
from flows.adopt.relations import COLUMNS, Statement, read, statements
from flows.adopt.tables import FOOT
from flows.reading.losses.lost import column_number
from schemas.records import Grade

_OPERATORS = {
    "lessThanOrEqual": "<=", "lessThan": "<", "greaterThanOrEqual": ">=", "greaterThan": ">", "equal": "=",
    "notEqual": "<>",
}  # fmt: skip


def relations_of(
    sheet: FoundSheet, page: Page, texts: list[tuple[Place, str]], others: list[Answer]
) -> Iterator[FoundRelation]:
    """Every relation that a page prints, in its foot, its names, its formulas and its rules for entering."""
    known = Known(sheet, others)
    grade: Grade = "强制"
    by_columns, listed = False, False
    for place, text in texts:
        said = words.plain(text)
        if heading := re.match(r"^(?:[\u4e00-\u9fff]{1,6}[:：])?[^:：]{0,16}(关系|公式)(式|如下)?[:：]?", said):
            by_columns, listed = bool(COLUMNS.match(said)) or "列关系" in heading[0] or "栏关系" in heading[0], True
        elif FOOT.match(said) and not re.match(r"〔", said):
            by_columns, listed = False, False
        if re.search(r"核实|提示性|核对|确实如此", said[:30]) and listed:
            grade = "核实"
        elif listed and re.search(r"强制|须符合|必须", said[:12]):
            grade = "强制"
        for statement in statements(text):
            yield from known.read(statement, page, place, by_columns, grade, listed)
    for block in sheet.blocks:
        for text, cell, _ in block.statements:
            yield from known.read(
                Statement(words.plain(text), ""), page, cell, block.orientation != "vertical", "强制", True
            )
    yield from _formulas(sheet, known)
    yield from _rules(sheet, page, known)


class Known:
    """The answers of a sheet by what relations call them."""

    def __init__(self, sheet: FoundSheet, others: list[Answer]) -> None:
        self.sheet = sheet
        self.crossed = any(block.orientation == "cross" for block in sheet.blocks)
        self.main = [answer for answer in sheet.answers if not answer.period_of]
        self.by_code: dict[str, str] = {}
        self.by_name: dict[str, list[str]] = {}
        self.order: list[str] = []
        self.by_address = {address(answer.place): answer.id for answer in sheet.answers}
        for answer in self.main:
            row, column = answer.grid
            codes = [words.plain(one.text) for one in answer.row_labels if one.kind == "code"] if row else [answer.code]
            codes += [
                words.plain(one.text) for one in answer.column_labels if one.kind == "number" and not answer.row_labels
            ]
            for code in filter(None, codes):
                self.by_code.setdefault(re.split(r"[=＝≥≤]", code)[0].strip("()"), f"R:{row}" if row else answer.id)
            self.by_name.setdefault(words.plain(answer.name), []).append(answer.id)
            if row:
                self.by_code.setdefault(row, f"R:{row}")
                label = next((one.text for one in answer.row_labels if one.kind == "name"), "")
                name = words.plain(words.of_which(words.numbered(label)[1])[1])
                self.by_name.setdefault(name, []).append(f"R:{row}")
                self.by_name.setdefault(words.plain(column), []).append(f"C:{column}")
        self.columns = {
            words.plain(label.text).split("=")[0].strip("()"): f"C:{answer.grid[1]}"
            for answer in self.main
            for label in answer.column_labels
            if label.kind == "number" and answer.grid[0]
        }
        self.elsewhere = {answer.code: answer.id for answer in others if re.match("[A-Z]", answer.code)}
        self.periods = {words.plain(a.period): f"P:{a.period}" for a in sheet.answers if a.period_of}
        for answer in self.main if self.periods else ():
            label = next((one.text for one in reversed(answer.column_labels) if one.kind == "head"), "")
            self.periods.setdefault(words.plain(label), "P:")
        self.padded = all(len(code) > 1 for code in self.by_code if code.isdigit())

    def finder(self, by_columns: bool) -> Callable[[str], str | None]:
        """By code, then by name; a name that several answers have stands for none."""

        def find(word: str) -> str | None:
            word = word.strip("()（）")
            if by_columns and word in self.columns:
                return self.columns[word]
            if word in self.by_code:
                return self.by_code[word]
            if word in self.elsewhere:
                return self.elsewhere[word]
            if word.isdigit() and not self.padded and word.lstrip("0") in self.by_code:
                return self.by_code[word.lstrip("0")]
            if self.crossed and word in self.columns:
                return self.columns[word]
            if word in self.periods:
                return self.periods[word]
            named = list(dict.fromkeys(self.by_name.get(word, ())))
            return named[0] if len(named) == 1 else None

        return find

    def spread(self, by_columns: bool) -> Callable[[str, str], list[str]]:
        """The answers from one code to another, in the order of the form."""
        find = self.finder(by_columns)
        order = list(dict.fromkeys(self.columns.values() if by_columns and self.crossed else self.by_code.values()))

        def between(first: str, last: str) -> list[str]:
            one, other = find(first), find(last)
            if one not in order or other not in order:
                return []
            return order[order.index(one) : order.index(other) + 1]

        return between

    def read(
        self, statement: Statement, page: Page, place: Place | str, by_columns: bool, grade: Grade, listed: bool
    ) -> Iterator[FoundRelation]:
        """The relations of one statement, over the answers that it is meant for."""
        columns = by_columns or bool(re.search(r"\d\)?\s*[列栏]", statement.formula))
        found = read(statement.formula, self.finder(columns), self.spread(columns))
        if "反之亦然" in statement.words:
            found += [one._replace(left=one.right, right=one.left) for one in found if one.relation == "requires"]
        cell = place if isinstance(place, str) else address(place)
        where = f"{self.sheet.name}!{cell}"
        told: dict[str, Any] = {
            "words": statement.words or statement.formula,
            "printed": statement.formula,
            "place": where,
        }
        compares = re.search(r"[≥≤=＝<>≠]|大于|小于|等于", statement.formula) and len(statement.formula) < 80
        if not found and listed and compares:
            yield FoundRelation(
                left="", relation="", right="", evidence=Evidence(UNSURE, "看不懂，请照原文写"), grade=grade, **told
            )
        for one in found:
            if one.why:
                yield FoundRelation(
                    left="", relation="", right="", evidence=Evidence(UNSURE, one.why), grade=grade, **told
                )
                continue
            evidence = Evidence(PRINTED)
            for left, right in self._meant(one.left, one.right):
                quotient = "/" in left + right and one.relation in ("==",)
                yield FoundRelation(
                    left=left, relation=one.relation, right=right, evidence=evidence, grade=grade,
                    tolerance=self._tolerance(left, right) if quotient else "", **told,
                )  # fmt: skip

    def _tolerance(self, left: str, right: str) -> str:
        """Half of the last place of the side that is no quotient."""
        whole = right if "/" in left else left
        places = max((a.decimals for a in self.sheet.answers if f"[{a.id}]" in whole), default=2)
        return f"0.{'0' * places}5"

    def _meant(self, left: str, right: str) -> Iterator[tuple[str, str]]:
        """Relations between rows hold in every column, those between columns in every row; periods hold alike."""
        names = re.findall(r"\[([^\]]+)\]", left + right)
        if any(name.startswith(("R:", "C:")) for name in names):
            rows = any(name.startswith("R:") for name in names)
            kind, at = ("R:", 1) if rows else ("C:", 0)
            for other in dict.fromkeys(answer.grid[at] for answer in self.main if answer.grid[0]):
                cells = {answer.grid[1 - at]: answer.id for answer in self.main if answer.grid[at] == other}
                if all(name.removeprefix(kind) in cells for name in names):
                    ids = {name: cells[name.removeprefix(kind)] for name in names}
                    yield tuple(re.sub(r"\[([^\]]+)\]", lambda m, ids=ids: f"[{ids[m[1]]}]", s) for s in (left, right))  # type: ignore[misc]
            return
        if any(name.startswith("P:") for name in names):
            yield from self._between_periods(left, right, names)
            return
        yield left, right
        periods = dict.fromkeys(
            a.period for a in self.sheet.answers if a.period_of and words.role_of(a.period) != "change"
        )
        for period in periods:
            there = {a.period_of: a.id for a in self.sheet.answers if a.period == period}
            if all(name in there for name in names):
                yield tuple(re.sub(r"\[([^\]]+)\]", lambda m, t=there: f"[{t[m[1]]}]", s) for s in (left, right))  # type: ignore[misc]

    def _between_periods(self, left: str, right: str, names: list[str]) -> Iterator[tuple[str, str]]:
        """A relation between the columns of periods holds for the figure of every row."""
        for main in self.main:
            there = {a.period: a.id for a in self.sheet.answers if a.period_of == main.id} | {"": main.id}
            ids = {name: there.get(name.removeprefix("P:"), "") for name in names}
            if all(ids.values()):
                yield tuple(re.sub(r"\[([^\]]+)\]", lambda m, ids=ids: f"[{ids[m[1]]}]", s) for s in (left, right))  # type: ignore[misc]


def _formulas(sheet: FoundSheet, known: Known) -> Iterator[FoundRelation]:
    """Cells that work themselves out: what they say holds in the figures too."""
    for answer in sheet.answers:
        if not answer.holds.startswith("=") or answer.type != "number":
            continue
        text = _flat(answer.holds)
        found = read(f"{address(answer.place)}={text}", known.by_address.get, _rectangle(sheet)) if text else []
        for one in (one for one in found if not one.why):
            quotient = "/" in one.right
            yield FoundRelation(
                left=one.left, relation=one.relation, right=one.right, words=f"{answer.name}＝{answer.holds}",
                printed=f"{address(answer.place)}{answer.holds}", evidence=Evidence(PRINTED, "单元格公式"),
                tolerance=f"0.{'0' * answer.decimals}5" if quotient else "",
                place=f"{sheet.name}!{address(answer.place)}",
            )  # fmt: skip


def _flat(formula: str) -> str:
    """A formula as a sum or quotient of cells; "" where it is neither."""
    text = formula.lstrip("=").replace("$", "").replace(" ", "").upper()
    for _ in range(3):
        peeled = re.fullmatch(r"(?:ROUND|IFERROR)\((.+),[^,()]*\)", text) or re.fullmatch(
            r"IF\([^,]+,(?:0|\"\"),(.+)\)", text
        )
        if not peeled:
            break
        text = peeled[1]
    text = re.sub(r"SUM\(([^()]*)\)", lambda m: "(" + m[1].replace(",", "+") + ")", text)
    text = text.replace("*", "×").replace("/", "÷")
    return "" if re.search(r"[A-Z]{2,}\(|[!\"&,]", text) else text


def _rectangle(sheet: FoundSheet) -> Callable[[str, str], list[str]]:
    def between(first: str, last: str) -> list[str]:
        (top, left), (bottom, right) = _place(first), _place(last)
        return [a.id for a in sheet.answers if top <= a.place[0] <= bottom and left <= a.place[1] <= right]

    return between


def _place(cell: str) -> Place:
    letters, digits = re.match(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
    return int(digits), column_number(letters)


def _rules(sheet: FoundSheet, page: Page, known: Known) -> Iterator[FoundRelation]:
    """What the cells let people enter, where another cell is the bound."""
    for answer in sheet.answers:
        rule = page.validations.get(answer.place)
        if rule is None or rule.kind in ("list", ""):
            continue
        own, first, second = address(answer.place), _flat(rule.first), _flat(rule.second)
        texts = []
        if rule.kind == "custom":
            inner = re.fullmatch(r"=?AND\((.*)\)", rule.first.replace("$", "").replace(" ", ""), re.IGNORECASE)
            texts = re.split(r",(?![^(]*\))", inner[1]) if inner else [rule.first.replace("$", "").lstrip("=")]
            texts = [_flat_sides(one) for one in texts]
        elif rule.operator in _OPERATORS and re.search("[A-Z]", first):
            texts = [f"{own}{_OPERATORS[rule.operator]}{first}"]
        elif rule.operator in ("between", ""):
            texts = [f"{own}>={first}"] if re.search("[A-Z]", first) else []
            texts += [f"{own}<={second}"] if re.search("[A-Z]", second) else []
        for text in filter(None, texts):
            found = read(text, known.by_address.get, _rectangle(sheet))
            for one in (one for one in found if not one.why and "[" in one.right):
                yield FoundRelation(
                    left=one.left, relation=one.relation, right=one.right, words=f"{answer.name}的数据有效性：{text}",
                    printed=text, evidence=Evidence(PRINTED, "数据有效性"), place=f"{sheet.name}!{own}",
                )  # fmt: skip


def _flat_sides(text: str) -> str:
    sides = re.split(r"(>=|<=|<>|=|>|<)", text)
    if len(sides) != 3:
        return ""
    left, right = _flat(sides[0]), _flat(sides[2])
    return f"{left}{sides[1]}{right}" if left and right else ""
