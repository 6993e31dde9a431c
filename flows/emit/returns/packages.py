"""What goes back of packages: one notice to whoever sent the package, with the findings of all its units."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flows.store.findings import Told
from flows.store.returned import Returned

_OF_THE_WHOLE = "PACKAGE_"
"""How the codes of findings begin that every unit of a package has alike."""
_MOST = 10
"""Units that are named in a sentence."""


def by_package(cases: Sequence[Returned]) -> list[list[Returned]]:
    """The cases of each package together."""
    packages: dict[str, list[Returned]] = {}
    for case in cases:
        packages.setdefault(case.sha256, []).append(case)
    return list(packages.values())


def whole_package(cases: Sequence[Returned]) -> Returned:
    """A package as one case: each finding with the name of its unit where it stands, what is wrong with all once."""
    before = all(case.accepted_before for case in cases)
    return Returned(
        None, 0, cases[0].file, cases[0].sha256, {}, before, list(_findings(cases)), part=units_of(cases),
        sender=cases[0].sender,
    )  # fmt: skip


def units_of(cases: Sequence[Returned]) -> str:
    """Which units of it go back, by name with 、 between; "" where it could not be opened."""
    names = [case.unit.name if case.unit else case.part.rstrip("!") for case in cases]
    more = f"等 {len(names)} 个单位" if len(names) > _MOST else ""
    return "、".join(filter(None, names[:_MOST])) + more


def guide(case: Returned, wrong: str, here: str, due: str) -> Iterator[str]:
    """What is to be done, sentence by sentence; `wrong` counts what is, `here` is the office that asks."""
    whose = f"里{case.part}的报表" if case.part else ""
    yield f"收到的报送包“{case.file}”{whose}有{wrong}，没有采用，原因见下表。{due}"
    yield (
        f"请{case.sender or '打包的单位'}照下表改好，或在该单位报表的“说明”栏写明原因，再重新汇总、打包，"
        f"把新的报送包报{here}。要问各村的，由打包的单位去问。"
    )
    yield "本文件只作说明，不能当报表报送；报送包没有退回，打包的单位留有原件。"


def _findings(cases: Sequence[Returned]) -> Iterator[Told]:
    said = set[tuple[str, str]]()
    for case in cases:
        name = case.unit.name if case.unit else case.part.rstrip("!")
        for told in case.findings:
            if not told.code.startswith(_OF_THE_WHOLE):
                yield replace(told, sheet=" ".join(filter(None, (name, told.sheet))))
            elif (told.code, told.problem) not in said:
                said.add((told.code, told.problem))
                yield told
