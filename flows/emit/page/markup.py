"""HTML from templates: the .html file beside a module, in which whatever anybody typed is escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flows.emit.moments import minute


def markup_beside(module: str, **values: Any) -> Markup:
    """The template beside a module (its `__file__`), filled. Markup goes in as it is, every other text escaped.

    Raises jinja2.UndefinedError for a name that the template asks and nobody gave.
    """
    path = Path(module).with_suffix(".html")
    return Markup(_ENVIRONMENT.get_template(path.relative_to(_EMIT).as_posix()).render(values))


_EMIT = Path(__file__).parents[1]
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_EMIT), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_ENVIRONMENT.filters["minute"] = minute
