"""What others typed, on a terminal: never as markup, never as a command to the terminal."""

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flows.values.characters import printable

if TYPE_CHECKING:
    from rich.text import Text


def words(text: str, style: str = "") -> "Text":
    """A text as it stands, in one style."""
    from rich.text import Text  # heavy: rich, which who prints plain lines does without

    return Text(printable(text), style)


def shown(value: Any) -> str:
    """A value as people read it: decimals without trailing zeros, nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def asks() -> bool:
    """Whether somebody sits at the terminal and can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
