"""What the year's reports name and the clerk has still to give by hand."""

from collections.abc import Iterator
from pathlib import Path

from flows.template.slots import named
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.outputs import TEMPLATE
from schemas.supplements import lacking, load_own
from schemas.township import Settings


def awaited(inputs: Path, year: int, settings: Settings, catalogue: Catalogue) -> list[str]:
    """What reports name and the clerk has still to give, in words; nothing of a template that cannot be read."""
    own = load_own(inputs, year, settings, catalogue)
    used = set(_named(inputs)) if own.figures else set()
    return lacking((each for name, each in own.figures.items() if name in used), inputs, year)


def _named(inputs: Path) -> Iterator[str]:
    """The names in the annual report's template, if it is there, and in the named ones."""
    from flows.template.templates import named_templates, read_template  # heavy: lxml

    annual = [inputs / TEMPLATE] if (inputs / TEMPLATE).exists() else []
    for template in (*annual, *named_templates(inputs)):
        try:
            stories = read_template(template).stories
        except InputError:
            continue
        yield from (name for story in stories for paragraph in story.paragraphs for name in named(paragraph.text))
