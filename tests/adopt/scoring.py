"""How much of a key a reader found, and how much of what it found is right."""

from dataclasses import dataclass, field

from flows.adopt.found import UNSURE, FoundForm, address
from tests.adopt.forms import Key


@dataclass
class Score:
    """Shares from 0 to 1; `wrong` says each miss in words."""

    answers_found: float
    answers_right: float
    names: float
    units: float
    parents_right: float
    parents_found: float
    choices: float
    relations: float
    unsure: float
    error_of_sure: float
    wrong: list[str] = field(default_factory=list)


def score(form: FoundForm, key: Key) -> Score:
    """Compare what was found with the key."""
    wanted = key.cells()
    sheets = {sheet.number: sheet.name for sheet in form.sheets}
    found = {(sheets[int(a.id.split(".")[0])], address(a.place)): a for a in form.answers}
    by_id = {a.id: a for a in form.answers}
    both = [(found[place], wanted[place]) for place in wanted if place in found]
    wrong = [f"missing {place} {wanted[place].name}" for place in wanted if place not in found]
    wrong += [f"too much {place} {found[place].name}" for place in found if place not in wanted]
    names = units = choices = 0
    parents, right_parents = 0, 0
    faulty = []
    for answer, want in both:
        over = by_id.get(answer.parent)
        parent = (over.code or over.name) if over else ""
        miss = [
            f"{what} {got!r} for {should!r}"
            for what, got, should in (
                ("name", answer.name, want.name), ("unit", answer.unit, want.unit), ("parent", parent, want.parent),
                ("choices", answer.choices, want.choices),
            )
            if got != should
        ]  # fmt: skip
        names += answer.name == want.name
        units += answer.unit == want.unit
        choices += answer.choices == want.choices
        parents += bool(parent)
        right_parents += bool(parent) and parent == want.parent
        wrong += [f"{want.sheet} {want.cell} {want.name}: {one} [{answer.level}]" for one in miss]
        if miss and answer.level != UNSURE:
            faulty.append(want.cell)
    expected = sum(bool(want.parent) for want in key.answers)
    sure = [a for a in form.answers if a.level != UNSURE]
    extra = [place for place in found if place not in wanted and found[place].level != UNSURE]
    read = {_relation(one, sheets) for one in form.relations}
    relations = sum(one in read for one in key.relations)
    wrong += [f"relation missing {one}" for one in key.relations if one not in read]
    wrong += [f"relation too much {one}" for one in read if one not in key.relations]
    return Score(
        answers_found=len(both) / len(wanted), answers_right=len(both) / max(1, len(found)),
        names=names / max(1, len(both)), units=units / max(1, len(both)), choices=choices / max(1, len(both)),
        parents_right=right_parents / max(1, parents), parents_found=right_parents / max(1, expected),
        relations=relations / max(1, len(key.relations), len(read)),
        unsure=1 - len(sure) / max(1, len(form.answers)),
        error_of_sure=(len(faulty) + len(extra)) / max(1, len(sure)), wrong=wrong,
    )  # fmt: skip


def _relation(one, sheets: dict[int, str]) -> tuple[str, str, str, str]:
    number = int(one.ids[0].split(".")[0]) if one.ids else 0
    return (
        sheets.get(number, ""),
        one.left.replace(f"[{number}.", "["),
        one.relation,
        one.right.replace(f"[{number}.", "["),
    )
