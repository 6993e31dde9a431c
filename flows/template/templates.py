"""Where a township's report templates lie, and how each is read."""

from pathlib import Path

from flows.template.text import TextTemplate
from flows.template.word import Template
from schemas.outputs import REPORTS, TEMPLATE

SUFFIXES = (".docx", TEXT := ".txt")


def named_templates(inputs: Path) -> list[Path]:
    """Those of inputs/报告, by name; what an editor leaves beside them is none."""
    folder = inputs / REPORTS
    found = (path for suffix in SUFFIXES for path in folder.glob(f"*{suffix}"))
    return sorted(path for path in found if not path.name.startswith(("~", ".")))


def templates_of(inputs: Path) -> list[Path]:
    """The annual report's template, if it is there, and the named ones."""
    annual = inputs / TEMPLATE
    return [*([annual] if annual.exists() else []), *named_templates(inputs)]


def read_template(path: Path) -> Template | TextTemplate:
    """A template by its suffix, as Word's unless it is a text. Raises InputError for one that cannot be read."""
    return TextTemplate(path) if path.suffix.lower() == TEXT else Template(path)
