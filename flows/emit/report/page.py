"""年度工作总结.html: the report as one page that needs nothing else, each number a button to where it came from."""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from flows.emit.page.offline import offline_page
from flows.emit.report.page_data import PageData
from flows.store.figures import Book
from flows.store.lineage import Lineage
from flows.template.compose import Line, Piece
from flows.template.word import Paragraph
from schemas.catalogue import Catalogue
from schemas.township import Settings

_LEVELS = {"title": "h1", "1": "h2", "2": "h3", "3": "h4"}
_HEADINGS = ((re.compile(r"^[一二三四五六七八九十]+、"), "1"), (re.compile(r"^（[一二三四五六七八九十]+）"), "2"))
_CONTENT = '<li class="{}"><a href="#h{}">{}</a></li>'
_LONGEST_HEADING = 40
_NUMBER = re.compile(r"-?[\d.]+")
_CLOSING = re.compile(r"</button></span>([%‰，。、；：）》”’！？]+)")


def page_of(
    paragraphs: Sequence[Paragraph],
    lines: Sequence[Line],
    notices: Sequence[str],
    book: Book,
    catalogue: Catalogue,
    settings: Settings,
    lineage: Lineage,
) -> str:
    """The whole page. Everything that anybody typed is escaped, and a policy forbids every script but ours."""
    data = PageData(book, catalogue, settings, lineage)
    kept = [(paragraph, line) for paragraph, line in zip(paragraphs, lines, strict=True) if line.kept]
    headings: list[tuple[str, str]] = []
    body = "\n".join(_blocks(kept, data, headings))
    return offline_page(
        title=f"{book.township.name}{book.year}年度工作总结",
        body=_BODY.format(
            notices="".join(f'<p class="notice" role="status">{html.escape(notice)}</p>' for notice in notices),
            contents="".join(_CONTENT.format(level, n, words) for n, (level, words) in enumerate(headings)),
            body=body,
        ),
        data=data.as_dict(),
        beside=Path(__file__),
    )


def _blocks(kept: Sequence[tuple[Paragraph, Line]], data: PageData, headings: list[tuple[str, str]]) -> Iterator[str]:
    for table, group in groupby(kept, key=lambda pair: pair[0].cell[0] if pair[0].cell else None):
        if table is None:
            yield from (_paragraph(paragraph, line, data, headings) for paragraph, line in group)
        else:
            yield _table(list(group), data)


def _paragraph(paragraph: Paragraph, line: Line, data: PageData, headings: list[tuple[str, str]]) -> str:
    words = _wording(line, data)
    kind = paragraph.kind or next((level for start, level in _HEADINGS if start.match(line.text)), "")
    if kind and kind in _LEVELS and 0 < len(line.text) <= _LONGEST_HEADING:
        tag = _LEVELS[kind]
        headings.append((tag, html.escape(line.text)))
        return f'<{tag} id="h{len(headings) - 1}">{words}</{tag}>'
    align = {"right": "right", "end": "right", "center": "center"}.get(paragraph.align, "")
    return f'<p class="{align}">{words}</p>' if align else f"<p>{words}</p>"


def _table(cells: list[tuple[Paragraph, Line]], data: PageData) -> str:
    rows = []
    for _, row in groupby(cells, key=lambda pair: pair[0].cell and pair[0].cell[1]):
        columns = groupby(row, key=lambda pair: pair[0].cell and pair[0].cell[2])
        said = ["<br>".join(_wording(line, data) for _, line in cell) for _, cell in columns]
        rows.append("<tr>" + "".join(f"<td>{words}</td>" for words in said) + "</tr>")
    return f'<table class="inline">{"".join(rows)}</table>'


def _wording(line: Line, data: PageData) -> str:
    """A line's markup; what may not begin a line stays with the number before it."""
    return _CLOSING.sub(r"</button>\1</span>", "".join(_piece(piece, data) for piece in line.pieces))


def _piece(piece: Piece, data: PageData) -> str:
    """Words as they are; a filled slot as a button, a number a real one and words, which must wrap, by role."""
    words = html.escape(piece.text)
    if not piece.filled or not piece.text:
        return words
    number, filled = data.add(piece), piece.filled
    looks = "n" + (" missing" if filled.missing else " provisional" if filled.provisional else "")
    name = html.escape(data.slots[number]["name"])
    about = f'class="{looks}" data-slot="{number}" aria-haspopup="dialog" title="{name}"'
    if _NUMBER.fullmatch(piece.text):
        return f'<span class="k"><button type="button" {about}>{words}</button></span>'
    return f'<span role="button" tabindex="0" {about}>{words}</span>'


_BODY = """<a class="skip" href="#report">跳到正文</a>
<header>
<form role="search" id="search">
<label for="query">查找数字</label>
<input id="query" type="search" autocomplete="off" placeholder="指标名称、代码、数值或村名" aria-controls="hits">
<output id="count" for="query"></output>
</form>
<button type="button" id="print">打印</button>
<div id="hits" role="region" aria-label="查找结果" hidden></div>
</header>
<nav aria-label="目录">
<h2>目录</h2><ol>{contents}</ol>
<p class="hint">点任意一个带下划线的数，看它是怎样来的。</p></nav>
<main id="report" tabindex="-1">
{notices}
<article>
{body}
</article>
</main>
<aside id="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden>
<button type="button" id="close" aria-label="关闭">✕</button>
<h2 id="panel-title" tabindex="-1"></h2>
<div id="panel-body"></div>
</aside>
<noscript><p class="notice">浏览器禁用了脚本，正文可以看，数字的出处打不开。</p></noscript>"""
