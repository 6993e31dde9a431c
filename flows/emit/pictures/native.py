"""Charts that Excel, Word and WPS draw themselves, dressed so that they can be read in grey and in small print."""

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.chart import BarChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import NumData, NumVal, StrData, StrVal
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)

DARK, LIGHT = "1F4E79", "D9D9D9"
"""This year and last year: nearly black and nearly white, told apart in grey print too."""
_EDGE, _GUIDE = "404040", "E4E4E4"
_FONT = "宋体"
_UPRIGHT = "eaVert"
"""Chinese letters one under the other: long names of many bars then stand beside each other whole."""


def bars(
    title: str,
    series: Sequence[Series],
    labelled: bool,
    lying: bool = False,
    upright: bool = False,
    signed: bool = False,
    size: float = 8,
) -> BarChart:
    """A bar chart of ready series, the first dark and the next light.

    `labelled`: each bar says its number and has an edge, which would hide many thin ones. `lying`: bars go to the
    right, the first on top. `upright`: names stand on end. `signed`: there may be numbers below zero. `size` of the
    letters is in points.
    """
    chart = BarChart()
    chart.type, chart.style, chart.roundedCorners = ("bar" if lying else "col"), 10, False
    chart.gapWidth, chart.overlap = 45, 0
    for one, fill in zip(series, (DARK, LIGHT), strict=False):
        edge = LineProperties(solidFill=_EDGE, w=6350) if labelled else LineProperties(noFill=True)
        one.graphicalProperties = GraphicalProperties(solidFill=fill, ln=edge)
        one.invertIfNegative = False
        chart.series.append(one)
    chart.title = _title(title, size + 1.5)
    chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl hides an axis of which nothing is said
    chart.x_axis.txPr, chart.y_axis.txPr = _letters(size, upright), _letters(size)
    chart.x_axis.tickLblPos = "low"
    if lying:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"
    chart.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=_GUIDE)))
    chart.y_axis.number_format = "General"
    if not signed:
        chart.y_axis.scaling.min = 0
    if labelled:
        chart.dataLabels = DataLabelList(
            showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
        )
        chart.dataLabels.txPr = _letters(size)
    if len(series) > 1:
        chart.legend.position, chart.legend.txPr = "b", _letters(size)
    else:
        chart.legend = None
    return chart


def numbers(values: Sequence[Decimal | None]) -> NumData:
    """Figures as a chart keeps them beside it, digit for digit; what is not there is left out."""
    points = [NumVal(at, v=f"{value:f}") for at, value in enumerate(values) if value is not None]
    return NumData(formatCode="General", ptCount=len(values), pt=points)


def names(words: Sequence[str]) -> StrData:
    """What stands under bars."""
    return StrData(ptCount=len(words), pt=[StrVal(at, v=word) for at, word in enumerate(words)])


def _characters(size: float, bold: bool = False) -> CharacterProperties:
    font = Font(typeface=_FONT)
    return CharacterProperties(sz=round(size * 100), b=bold, solidFill="000000", latin=font, ea=font)


def _letters(size: float, upright: bool = False) -> RichText:
    body = RichTextProperties(rot=0, vert=_UPRIGHT if upright else "horz")
    return RichText(body, p=[Paragraph(ParagraphProperties(defRPr=_characters(size)), endParaRPr=_characters(size))])


def _title(words: str, size: float) -> Title:
    run = RegularTextRun(rPr=_characters(size, bold=True), t=words)
    paragraph = Paragraph(ParagraphProperties(defRPr=_characters(size, bold=True)), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)
