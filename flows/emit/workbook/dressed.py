"""Marks on a workbook of somebody else's: fills and comments at cells, and a sheet of ours in front.

A cell keeps its look but for the fill. What an earlier marking left, its fills, comments and sheet, goes first, so that
a workbook may come and go any number of times. VML: ECMA-376 part 4, 19.2; no program shows a comment without its
shape.
"""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from lxml import etree

from flows.emit.workbook.patched import MAIN, RELATIONS, NotPatchable, Patched, Place, drop, place_of
from flows.reading.grid import address

AUTHOR = "村汇"
_SAYS = f"{AUTHOR}："
"""Before each line of ours in a comment of somebody else's: by it the next marking knows it again, whatever program has
saved the workbook in between.
"""
RED, ORANGE = "FFFFC9CE", "FFFFE3B3"
"""The fills of 强制 and 核实; a fill of just these colours is taken for ours."""
_AFTER_COMMENTS = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
                   "extLst")  # fmt: skip
_SHAPE = re.compile(rb"<v:shape\b.*?</v:shape>", re.DOTALL)
_NAMES = """xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:x="urn:schemas-microsoft-com:office:excel\""""
"""Said at each shape: a drawing of another program's may name them otherwise."""
_VML = f"""<xml {_NAMES}><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" \
path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>\
</v:shapetype></xml>"""
_TYPE = "application/vnd.openxmlformats-officedocument."


class Styles:
    """The looks of a workbook, added to."""

    def __init__(self, book: Patched) -> None:
        self.root = book.root("xl/styles.xml")
        self.known: dict[tuple[object, ...], int] = {}
        self._looks = self._part("cellXfs")

    def _part(self, name: str) -> etree._Element:
        part = self.root.find(f"{{{MAIN}}}{name}")
        if part is None:
            raise NotPatchable(name)
        return part

    def _add(self, name: str, xml: str) -> int:
        part = self._part(name)
        part.append(etree.fromstring(f'<x xmlns="{MAIN}">{xml}</x>')[0])
        part.set("count", str(len(part)))
        return len(part) - 1

    def _fill(self, colour: str) -> int:
        inside = f'<fgColor rgb="{colour}"/><bgColor indexed="64"/>'
        xml = f'<fill><patternFill patternType="solid">{inside}</patternFill></fill>'
        return self.once("fill", colour, make=lambda: self._add("fills", xml))

    def once(self, *key: object, make) -> int:
        """What was made under that key, made the first time."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def filled(self, style: str, colour: str) -> int:
        """The number of a cell's look with another fill; '' takes the fill away."""

        def make() -> int:
            looks = self._looks
            number = int(style or 0)
            look = etree.fromstring(etree.tostring(looks[number] if number < len(looks) else looks[0]))
            look.set("fillId", str(self._fill(colour)) if colour else "0")
            look.set("applyFill", "1")
            looks.append(look)
            looks.set("count", str(len(looks)))
            return len(looks) - 1

        return self.once("look", style or "0", colour, make=make)

    def own(
        self, *, size: int = 10, bold: bool = False, colour: str = "", grid: bool = True, centre: bool = False
    ) -> int:
        """The number of a look of our own sheet: wrapped text, in a grid."""

        def make() -> int:
            font = self._add(
                "fonts", f'<font>{"<b/>" * bold}<sz val="{size}"/><name val="宋体"/><charset val="134"/></font>'
            )
            side = '<{0} style="thin"><color rgb="FF999999"/></{0}>'
            border = (
                self._add(
                    "borders", f"<border>{''.join(map(side.format, ('left', 'right', 'top', 'bottom')))}</border>"
                )
                if grid
                else 0
            )
            across = ' horizontal="center"' if centre else ""
            ids = f'numFmtId="0" fontId="{font}" fillId="{self._fill(colour) if colour else 0}" borderId="{border}"'
            applied = 'xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
            alignment = f'<alignment{across} vertical="center" wrapText="1"/>'
            return self._add("cellXfs", f"<xf {ids} {applied}>{alignment}</xf>")

        return self.once("own", size, bold, colour, grid, centre, make=make)

    @property
    def ours(self) -> set[str]:
        """The numbers of looks with a fill of ours."""
        fills = {
            number
            for number, fill in enumerate(self._part("fills"))
            if any(each.get("rgb") in (RED, ORANGE) for each in fill.iter(f"{{{MAIN}}}fgColor"))
        }
        return {str(number) for number, look in enumerate(self._looks) if int(look.get("fillId", "0")) in fills}


def clear(book: Patched, styles: Styles) -> None:
    """Take away what an earlier marking left."""
    ours = styles.ours
    for name, part in book.sheet_parts.items():
        for cell in book.sheet(name).data.iter(f"{{{MAIN}}}c") if ours else ():
            if cell.get("s", "") in ours:
                cell.set("s", str(styles.filled(cell.get("s", ""), "")))
        for _, comments in book.related(part, "comments"):
            _uncomment(book, part, comments)


def _uncomment(book: Patched, part: str, comments: str) -> None:
    """Take our comments away, with their shapes, and our lines from those of others."""
    root = book.look(comments)
    authors = [each.text for each in root.iter(f"{{{MAIN}}}author")]
    gone = [each for each in root.iter(f"{{{MAIN}}}comment") if _author(each, authors) == AUTHOR]
    unsaid = [_unsay(each) for each in root.iter(f"{{{MAIN}}}comment") if each not in gone]
    if not gone and not any(unsaid):
        return
    places = set()
    for each in gone:
        places.add(place_of(each.get("ref", "")))
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)
    book.replace(comments, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
    for _, drawing in book.related(part, "vmlDrawing"):
        kept = _SHAPE.sub(lambda found: b"" if _place(found[0]) in places else found[0], book.part(drawing))
        book.replace(drawing, kept)


def _unsay(comment: etree._Element) -> bool:
    """Take our lines from a comment; whether there were any."""
    found = False
    for text in [each for each in comment.iter(f"{{{MAIN}}}t") if _SAYS in (each.text or "")]:
        lines = (text.text or "").split("\n")
        kept = [line for line in lines if not line.startswith(_SAYS)]
        found = found or len(kept) < len(lines)
        text.text = "\n".join(kept)
        run = text.getparent()
        holder = run.getparent() if run is not None else None
        if not text.text and run is not None and run.tag == f"{{{MAIN}}}r" and holder is not None:
            holder.remove(run)
    return found


def _author(comment: etree._Element, authors: list[str | None]) -> str | None:
    number = int(comment.get("authorId", "0"))
    return authors[number] if number < len(authors) else None


def _place(shape: bytes) -> Place:
    row, column = re.search(rb"<x:Row>(\d+)</x:Row>", shape), re.search(rb"<x:Column>(\d+)</x:Column>", shape)
    return (int(row[1]) + 1, int(column[1]) + 1) if row and column else (0, 0)


def mark(book: Patched, styles: Styles, name: str, marks: Mapping[Place, tuple[str, str]]) -> None:
    """Fill cells of a sheet and comment on them: colour and words by place."""
    sheet = book.sheet(name)
    book.root(book.sheet_parts[name])
    for place, (colour, _) in marks.items():
        cell = sheet.cell(place)
        cell.set("s", str(styles.filled(cell.get("s", ""), colour)))
    _comment(book, name, {place: words for place, (_, words) in marks.items()})


def _comment(book: Patched, name: str, words: Mapping[Place, str]) -> None:
    part = book.sheet_parts[name]
    comments = next((target for _, target in book.related(part, "comments")), "")
    if not comments:
        comments = f"xl/comments_cunhui{len(words)}_{list(book.sheet_parts).index(name)}.xml"
        book.add(
            comments,
            f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode(),
            f"{_TYPE}spreadsheetml.comments+xml",
        )
        book.relate(part, f"{RELATIONS}/comments", f"/{comments}")
    root = book.root(comments)
    authors, listed = root.find(f"{{{MAIN}}}authors"), root.find(f"{{{MAIN}}}commentList")
    if authors is None or listed is None:
        raise NotPatchable("comments")
    known = [each.text for each in authors]
    if AUTHOR not in known:
        etree.SubElement(authors, f"{{{MAIN}}}author").text = AUTHOR
        known.append(AUTHOR)
    there = {each.get("ref"): each for each in listed}
    new: list[Place] = []
    for place, said in sorted(words.items()):
        reference = address(*place)
        text = there[reference].find(f"{{{MAIN}}}text") if reference in there else None
        if text is None:
            made = etree.SubElement(listed, f"{{{MAIN}}}comment", ref=reference, authorId=str(known.index(AUTHOR)))
            text = etree.SubElement(made, f"{{{MAIN}}}text")
            new.append(place)
        else:
            said = "".join(f"\n{_SAYS}{line}" for line in said.split("\n"))
        run = etree.SubElement(etree.SubElement(text, f"{{{MAIN}}}r"), f"{{{MAIN}}}t")
        run.text = said
        run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    _draw(book, name, new)


def _draw(book: Patched, name: str, places: list[Place]) -> None:
    """The shapes of new comments."""
    sheet, part = book.sheet(name), book.sheet_parts[name]
    drawing = sheet.root.find(f"{{{MAIN}}}legacyDrawing")
    targets = dict(book.related(part, "vmlDrawing"))
    number = list(book.sheet_parts).index(name) + 40
    if drawing is None:
        target = f"xl/drawings/vmlDrawing_cunhui{number}.vml"
        book.add(target, _VML.encode(), f"{_TYPE}vmlDrawing")
        element = etree.Element(f"{{{MAIN}}}legacyDrawing")
        element.set(f"{{{RELATIONS}}}id", book.relate(part, f"{RELATIONS}/vmlDrawing", f"/{target}"))
        sheet.insert_in_order(element, *_AFTER_COMMENTS)
    else:
        target = targets.get(drawing.get(f"{{{RELATIONS}}}id", ""), "")
    before = book.part(target)
    shapes = "".join(_shape(place, 1024 * number + count) for count, place in enumerate(places, start=1))
    book.replace(target, before.replace(b"</xml>", shapes.encode() + b"</xml>"))


def _shape(place: Place, number: int) -> str:
    row, column = place[0] - 1, place[1] - 1
    anchor = f"{column + 1}, 12, {row}, 4, {column + 5}, 20, {row + 7}, 4"
    return (
        f'<v:shape {_NAMES} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:240pt;height:96pt;'
        'z-index:1;visibility:hidden" fillcolor="#ffffe1"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note">'
        f"<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def put_in_front(book: Patched, name: str, xml: str) -> None:
    """A sheet of our own in front of the others, shown when the workbook is opened; one of that name is replaced."""
    kind = f"{_TYPE}spreadsheetml.worksheet+xml"
    workbook = book.root("xl/workbook.xml")
    for each in book.sheet_parts:
        view = book.look(book.sheet_parts[each]).find(f"{{{MAIN}}}sheetViews/{{{MAIN}}}sheetView")
        if view is not None and view.get("tabSelected") == "1" and each != name:
            view = book.root(book.sheet_parts[each]).find(f"{{{MAIN}}}sheetViews/{{{MAIN}}}sheetView")
            drop(view, "tabSelected") if view is not None else None
    sheets = workbook.find(f"{{{MAIN}}}sheets")
    if sheets is None:
        raise NotPatchable("sheets")
    if name in book.sheet_parts:
        book.add(book.sheet_parts[name], xml.encode(), kind)
        place = next(number for number, each in enumerate(sheets) if each.get("name") == name)
    else:
        part, place = "xl/worksheets/sheet_cunhui.xml", 0
        book.add(part, xml.encode(), kind)
        made = etree.Element(f"{{{MAIN}}}sheet", name=name)
        made.set("sheetId", str(max((int(each.get("sheetId", "0")) for each in sheets), default=0) + 1))
        made.set(f"{{{RELATIONS}}}id", book.relate("xl/workbook.xml", f"{RELATIONS}/worksheet", f"/{part}"))
        sheets.insert(0, made)
        for each in workbook.iterfind(f"{{{MAIN}}}definedNames/{{{MAIN}}}definedName[@localSheetId]"):
            each.set("localSheetId", str(int(each.get("localSheetId", "0")) + 1))
    for view in workbook.iterfind(f"{{{MAIN}}}bookViews/{{{MAIN}}}workbookView"):
        view.set("activeTab", str(place))
        drop(view, "firstSheet")


def text_cell(row: int, column: int, text: str, style: int) -> str:
    """A cell of a sheet of our own, its text never a formula."""
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)[:8_000]
    inside = f'<is><t xml:space="preserve">{escape(clean)}</t></is>' if clean else ""
    return (
        f'<c r="{address(row, column)}" s="{style}" t="inlineStr">{inside}</c>'
        if inside
        else f'<c r="{address(row, column)}" s="{style}"/>'
    )
