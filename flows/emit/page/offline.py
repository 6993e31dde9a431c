"""A page that needs nothing but itself: style, script and data stand inside it, and a policy forbids all others."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from flows.emit.page.markup import markup_beside

HERE = Path(__file__).parent
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
_UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass
class Numbered:
    """Strings that recur, each written once; `of` gives a string's number."""

    strings: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def of(self, text: str) -> int:
        """The number of a string, given when it is first seen."""
        number = self._numbers.setdefault(text, len(self.strings))
        if number == len(self.strings):
            self.strings.append(text)
        return number


def offline_page(title: str, body: Markup, data: object, beside: Path, style: str = "") -> str:
    """The whole page: `body` is markup, `data` what its script reads, `style` rules made from data.

    base.css, base.js and the .css and .js beside that file go in.
    """
    sheet, script = (_assets((HERE / f"base.{kind}", beside.with_suffix(f".{kind}"))) for kind in ("css", "js"))
    style += sheet
    page = markup_beside(
        __file__,
        title=title,
        policy=Markup(f"{_POLICY}; style-src '{_digest(style)}'; script-src '{_digest(script)}'"),
        style=Markup(style),
        script=Markup(script),
        body=body,
        data=Markup(safe_json(data)),
    )
    return f"{page}\n"


def safe_json(data: object) -> str:
    """JSON that cannot end the script element it stands in, nor break a line of script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda match: _UNSAFE_IN_SCRIPT[match[0]], text)


def _assets(paths: Sequence[Path]) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
