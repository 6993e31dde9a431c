"""Slots of a template under another name; everything else of the file stays."""

from collections.abc import Mapping
from pathlib import Path

from flows.binding.report_file import Change, read_report
from flows.template.slots import parse


def rename_slots(template: Path, names: Mapping[str, str]) -> int:
    """Write the template with the slots and conditions of these names renamed; how many there were.

    Raises InputError for a file that is no template.
    """
    report = read_report(template)
    changes: dict[int, list[Change]] = {}
    for number, passage in enumerate(report.passages):
        for part in parse(passage.text):
            if part.name in names:
                new = part.raw.replace(part.name, names[part.name], 1)
                changes.setdefault(number, []).append((part.start, part.end, new))
    if changes:
        report.write(changes, template)
    return sum(map(len, changes.values()))
