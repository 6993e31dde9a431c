"""Where a township's report templates lie."""

from pathlib import Path

from schemas.outputs import REPORTS, TEMPLATE

SUFFIXES = (".docx", ".txt")


def named_templates(inputs: Path) -> list[Path]:
    """Those of inputs/报告, by name; what an editor leaves beside them is none."""
    folder = inputs / REPORTS
    found = (path for suffix in SUFFIXES for path in folder.glob(f"*{suffix}"))
    return sorted(path for path in found if not path.name.startswith(("~", ".")))


def templates_of(inputs: Path) -> list[Path]:
    """The annual report's template, if it is there, and the named ones."""
    annual = inputs / TEMPLATE
    return [*([annual] if annual.exists() else []), *named_templates(inputs)]
