"""The report's pictures: in the document charts that Word and WPS draw themselves, on the page SVG beside its table."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from openpyxl.chart.data_source import AxDataSource, NumDataSource
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.xml.functions import tostring

from flows.emit.pictures.native import bars, names, numbers
from flows.emit.pictures.svg import Pair, pairs
from flows.template.compose import Line
from flows.template.filling import Chart, clean
from flows.template.numbers import written
from flows.template.word import Template

THIS, LAST = "本年", "上年"
_WIDE, _HEAD, _ROW, _TALLEST = 15.0, 2.4, 0.9, 22.0
"""Centimetres: within the text of an official page (15.6 wide, 22.5 high), with room for a title and a legend."""
_LETTERS = 9.0
"""Points."""


def chart_of(line: Line) -> Chart | None:
    """What stands over the words of a line."""
    return next((piece.filled.chart for piece in line.pieces if piece.filled and piece.filled.chart), None)


def spelt_out(lines: Sequence[Line]) -> list[Line]:
    """The lines for a document that shows no pictures: each picture is told in words."""
    return [
        replace(line, pieces=tuple(
            replace(piece, text=alt(piece.filled.chart)) if piece.filled and piece.filled.chart else piece
            for piece in line.pieces
        ))
        for line in lines
    ]  # fmt: skip


def put_charts(template: Template, lines: Sequence[Line]) -> None:
    """A native chart over each line of the body that has one; read out it says its figures."""
    template.draw(
        [
            (paragraph.element, _native(chart), alt(chart), min(_TALLEST, _HEAD + _ROW * len(chart.names)))
            for paragraph, line in zip(template.body.paragraphs, lines, strict=True)
            if line.kept and (chart := chart_of(line))
        ],
        _WIDE,
    )


def drawn(chart: Chart) -> Markup:
    """The same as SVG."""
    rows = [
        Pair(name, float(now or 0), _words(now, chart.unit), None if last is None else float(last),
             _words(last, chart.unit))
        for name, now, last in zip(chart.names, chart.now, chart.last, strict=True)
    ]  # fmt: skip
    return pairs(rows, one_scale=True)


def rows_of(chart: Chart) -> list[tuple[str, str, str]]:
    """Its figures as printed, for the table beside it: name, this year's, last year's."""
    numbers = zip(chart.names, chart.now, chart.last, strict=True)
    return [(name, _words(now), _words(last)) for name, now, last in numbers]


def alt(chart: Chart) -> str:
    """The picture in words: every figure, and last year's in brackets."""
    said = [
        f"{name} {_words(now, chart.unit)}" + ("" if last is None else f"（{LAST} {_words(last, chart.unit)}）")
        for name, now, last in zip(chart.names, chart.now, chart.last, strict=True)
    ]
    return clean(f"{chart.title}：{'，'.join(said)}")


def _words(value: Decimal | None, unit: str = "") -> str:
    return "" if value is None else written(value) + unit


def _native(chart: Chart) -> bytes:
    """The chart's part: its figures stand in it, exactly as they are printed."""
    years = [(THIS, chart.now), *([(LAST, chart.last)] if any(one is not None for one in chart.last) else [])]
    whose = names([clean(name) for name in chart.names])
    series = [
        Series(
            idx=at,
            order=at,
            tx=SeriesLabel(v=year),
            cat=AxDataSource(strLit=whose),
            val=NumDataSource(numLit=numbers(values)),
        )
        for at, (year, values) in enumerate(years)
    ]
    signed = any(value is not None and value < 0 for _, values in years for value in values)
    title = f"单位：{chart.unit}" if chart.unit else chart.title
    drawing: Any = bars(clean(title), series, labelled=True, lying=True, signed=signed, size=_LETTERS)
    return tostring(drawing._write())  # openpyxl has no public way to write one chart's part
