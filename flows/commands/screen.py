"""What others typed, on a terminal: never as markup, never as a command to the terminal."""

from rich.text import Text

from flows.values.characters import printable


def words(text: str, style: str = "") -> Text:
    """A text as it stands, in one style."""
    return Text(printable(text), style)
