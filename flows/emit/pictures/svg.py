"""Charts as SVG inside a page, 340 wide so that a phone shows them at their own size: pygal draws, svg.css dresses.

Whoever puts one into a page puts a table of the same figures beside it: the drawing is hidden from screen readers, its
links are for the mouse, and the table is what a keyboard reaches. Places are floats; what is printed is given in words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from flows.template.filling import clean

STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
WIDE = 340
_LETTER = 11.5
"""Pixels of a Chinese character at svg.css's size, with air: pygal itself counts six tenths of one."""
_NAME = 8
"""Characters of a name beside a bar; the whole of a longer one is in its tooltip and in the table."""
_ROW, _FOOT = 34, 8
_MANY = 100
"""Points beyond which they are drawn half as large: at 600 they still are a line and not a bar. By eye."""
_ROOM = 1.45
"""How much longer than the longest bar the axis is, so that the number at its end has room."""


class Dot(NamedTuple):
    """A point: what it says when the mouse rests on it, where a click leads, and its class in the page's style."""

    x: float
    y: float
    words: str = ""
    link: str = ""
    kind: str = ""


class Tick(NamedTuple):
    """A place of an axis and what it is called."""

    at: float
    words: str


class Pair(NamedTuple):
    """A figure beside last year's, each with its number in words; `last` is None where there is no last year's."""

    name: str
    now: float
    now_words: str
    last: float | None
    last_words: str
    link: str = ""


def pairs(rows: Sequence[Pair], one_scale: bool = False) -> Markup:
    """Bars lying beside each other in twos, the first of `rows` on top: this year dark, last year light.

    Figures of different units are told in shares of the larger of their two; with `one_scale` all by the largest.
    """
    import pygal  # heavy: a tenth of a second, only for whoever draws

    turned, largest = list(reversed(rows)), max((max(row.now, row.last or 0) for row in rows), default=0) or 1.0
    chart = pygal.HorizontalBar(
        **_plain(_ROW * len(rows) + 2 * _FOOT, _LETTER * _NAME), print_values=True, print_values_position="top",
        range=(0, _ROOM), show_y_guides=False, show_x_labels=False, show_x_guides=False,
    )  # fmt: skip
    chart.x_labels = [_short(row.name) for row in turned]
    for of_now in (True, False):
        if of_now or any(row.last is not None for row in rows):
            chart.add("", [_bar(row, of_now, largest if one_scale else None) for row in turned])
    return _cleaned(chart)


def dots(
    groups: Sequence[Sequence[Dot]], across: Sequence[Tick], up: Sequence[Tick], tall: int, lines: Sequence[float] = ()
) -> Markup:
    """Points by group, on axes from the first tick to the last; `lines` are places where an upright line is drawn."""
    import pygal  # heavy: as above

    margin = _LETTER * max((len(tick.words) * 0.65 for tick in up), default=0) + 4
    x_range, y_range = (across[0].at, across[-1].at), (up[0].at, up[-1].at)
    chart = pygal.XY(
        **_plain(tall, margin), stroke=False, xrange=x_range, range=y_range, show_y_guides=bool(margin > 4),
        show_x_guides=True, dots_size=3 if sum(map(len, groups)) <= _MANY else 1.5,
    )  # fmt: skip
    chart.x_labels = [{"value": tick.at, "label": clean(tick.words)} for tick in across]
    chart.y_labels = [{"value": tick.at, "label": clean(tick.words)} for tick in up]
    for at in lines:
        chart.add("", [(at, y_range[0]), (at, y_range[1])], stroke=True, show_dots=False)
    for group in groups:
        chart.add("", [{"value": (dot.x, dot.y), **_said(dot.words, dot.link, dot.kind)} for dot in group])
    return _cleaned(chart)


def _plain(tall: float, left: float) -> dict[str, Any]:
    """What all charts have in common: no script, no legend, and margins by the true width of Chinese letters."""
    return {
        "js": (), "css": (), "no_prefix": True, "disable_xml_declaration": True, "explicit_size": False,
        "show_legend": False, "truncate_label": -1, "width": WIDE, "height": tall, "spacing": 6,
        "margin": _FOOT, "margin_left": left, "margin_right": 2 * _FOOT,
    }  # fmt: skip


def _bar(row: Pair, of_now: bool, most: float | None) -> dict[str, Any] | None:
    most = most or max(row.now, row.last or 0) or 1.0
    value, words = (row.now, row.now_words) if of_now else (row.last, row.last_words)
    if value is None:
        return None
    said = f"{row.name}：本年 {row.now_words}" + ("" if row.last is None else f"，上年 {row.last_words}")
    return {"value": max(value, 0.0) / most, "formatter": lambda _: clean(words), **_said(said, row.link)}


def _said(words: str, link: str, kind: str = "") -> dict[str, Any]:
    said: dict[str, Any] = {}
    if words:
        said["tooltip"] = clean(words)
    if link:
        said["xlink"] = {"href": link, "tabindex": "-1"}
    if kind:
        said["node"] = {"class": kind}
    return said


def _short(name: str) -> str:
    name = clean(name)
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _cleaned(chart: Any) -> Markup:
    """The drawing alone: pygal's styles and scripts, which the page's policy forbids, and its remarks taken out."""
    from lxml import etree  # heavy: only for whoever draws

    root = etree.fromstring(chart.render())
    for node in list(root.iter()):
        parent = node.getparent()
        if parent is None:
            continue
        if not isinstance(node.tag, str) or _is_surplus(node, parent):
            parent.remove(node)
    del root.attrib["id"]
    for name, value in {"class": "pic", "aria-hidden": "true", "focusable": "false"}.items():
        root.set(name, value)
    return Markup(etree.tostring(root, encoding="unicode"))


def _is_surplus(node: Any, parent: Any) -> bool:
    name, kind = node.tag.rpartition("}")[2], node.get("class") or ""
    in_mark = (parent.get("class") or "").split()[:1] in (["bar"], ["dots"]) or parent.tag.endswith("}a")
    if name == "title":
        return not in_mark
    return name in ("defs", "desc") or "tooltip-overlay" in kind or (name == "rect" and kind == "background")
