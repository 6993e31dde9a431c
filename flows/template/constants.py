"""A template's own constants, words with numerals that are no figures, added to the file beside it."""

from collections.abc import Iterable
from pathlib import Path

from flows.files import write_atomically
from flows.template.audit import CONSTANTS

_HEAD = (
    "# 报告模板里可以直接写的带数字的词语：是固定的说法，不是每年要填的数。不对的删去，再运行 cunhui report check。\n"
)


def declare(folder: Path, words: Iterable[str]) -> Path:
    """Add words to the folder's constants; what stands there, comments too, stays. Returns the file."""
    import tomlkit  # heavy: only who writes settings needs it

    path = folder / CONSTANTS
    document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else _HEAD)
    listed = document.setdefault("words", tomlkit.array().multiline(True))
    for word in words:
        if word not in listed:
            listed.append(word)
    write_atomically(path, tomlkit.dumps(document).encode("utf-8"))
    return path
