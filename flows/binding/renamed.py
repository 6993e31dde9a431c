"""Slots of a template under another name; everything else of the file stays."""

import re
from collections.abc import Mapping
from pathlib import Path

from flows.binding.report_file import Change, read_report
from flows.template.filling import ADD, SHARE_OF, TAKE, Wish
from flows.template.slots import parse


def rename_slots(template: Path, names: Mapping[str, str]) -> int:
    """Write the template with the slots and conditions of these names renamed; how many there were.

    Raises InputError for a file that is no template.
    """
    report = read_report(template)
    changes: dict[int, list[Change]] = {}
    for number, passage in enumerate(report.passages):
        for part in parse(passage.text):
            if names.keys() & {part.name, *Wish.of(part.modifiers).names}:
                new = _renamed(part.raw, names)
                changes.setdefault(number, []).append((part.start, part.end, new))
    if changes:
        report.write(changes, template)
    return sum(map(len, changes.values()))


def _renamed(raw: str, names: Mapping[str, str]) -> str:
    """A slot or condition as written, with the names of which it speaks renamed."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    piece = rf"(?<=[{{｛|｜])(\s*(?:(?:若|如果)[\s:：]*|[{ADD}{TAKE}{SHARE_OF}]\s*)?)({words})(?=\s*[}}｝|｜])"
    return re.sub(piece, lambda match: match[1] + names[match[2]], raw)
