"""What to look for in a year's files, from the catalogue: all that a reading process is told of it."""

from collections.abc import Iterable

from flows.reading.records import VILLAGE, Wanted, WantedForm, WantedIndicator, WantedList
from schemas.catalogue import Catalogue
from schemas.records import Indicator


def wanted_of(catalogue: Catalogue, year: int, kinds: Iterable[str] = ()) -> Wanted:
    """What to look for in that year's files: everything that villages and offices are asked.

    `kinds` are the forms of offices with several roles.
    """
    offices = [None, *dict.fromkeys((*catalogue.offices, *kinds))]
    reported = {office: catalogue.reported(year, office) for office in offices}
    lists = {office: catalogue.reported_lists(office) for office in offices}
    held = {office: codes for office in offices if (codes := catalogue.held(year, office))}
    return Wanted(
        indicators={i.code: _wanted(i, year) for items in reported.values() for i in items},
        lists={
            item.code: WantedList(
                item.name,
                {column.code: column.name for column in item.columns},
                {column.code: column.unit for column in item.columns if column.type == "number" and column.unit},
                tuple(column.code for column in item.naming),
                tuple(choice for column in item.columns for choice in column.choices),
            )
            for items in lists.values()
            for item in items
        },
        forms={
            office or VILLAGE: WantedForm(tuple(i.code for i in reported[office]), tuple(i.code for i in lists[office]))
            for office in offices
            if reported[office] or lists[office]
        },
        adopted=tuple(catalogue.forms_of(year)),
        rest={
            office or VILLAGE: WantedForm(
                tuple(i.code for i in reported[office] if i.code not in codes),
                tuple(i.code for i in lists[office] if not codes.intersection(i.by_code)),
            )
            for office, codes in held.items()
        },
        fields=tuple(field.name for field in catalogue.fields.values()),
        without_reasons=tuple(area.name for area in catalogue.areas.values() if not area.reason),
    )


def _wanted(item: Indicator, year: int) -> WantedIndicator:
    label, new = item.name if item.row_name else "", item.since == year
    printed = (item.form_code, label, item.section, new, item.row or "", item.period)
    return WantedIndicator(item.printed_name, item.area, item.unit, *printed)
