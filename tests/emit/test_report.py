"""年度工作总结.docx: what a township head signs. Read back from the zip, and held against the book."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from flows.emit.report.report import ReportRefused
from flows.template.slots import meaning, parse, problem_of
from schemas.errors import InputError
from schemas.records import Indicator, Target
from tests.office import CATALOGUE
from tests.reporting import TEMPLATE, TOWNSHIP, changed, figure, filled, part, sample, small_book, texts, write_template
from tests.sample.make_template import WORDS, paragraphs, template_bytes

BLANKS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "blanks.csv").open(encoding="utf-8")))
MILLIMETRE = 1440 / 25.4
W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The sample's report."""
    return filled(tmp_path_factory.mktemp("report"), TEMPLATE)


def tree(path: Path, name: str) -> etree._Element:
    return etree.fromstring(part(path, name).encode())


def feed_of(slot) -> str | None:
    """What a slot is in blanks.csv's words; None for the year and for comparisons, which are no blanks."""
    meant = meaning(slot.name, CATALOGUE)
    if isinstance(meant, str) or set(slot.modifiers) & {"上年", "同比", "增减", "目标", "完成率"}:
        return None
    if isinstance(meant, Indicator):
        rank = next((f"[{modifier[1:]}]" for modifier in slot.modifiers if modifier.startswith("第")), "")
        return meant.code + rank
    return f"target:{meant.code}" if isinstance(meant, Target) else f"setting:{meant.key}"


def expected(feed: str) -> str:
    """A blank's text, straight from the book."""
    whole = sample()
    kind, _, key = feed.rpartition(":")
    if kind == "setting":
        return whole.settings.report[key]
    if kind == "target":
        return f"{whole.book.targets[key].normalize():f}"
    code, _, rank = feed.partition("[")
    found = whole.book.figures[TOWNSHIP.code, code]
    if rank:
        return found.text.split("、")[int(rank[:-1]) - 1]
    return found.text or f"{found.printed.normalize():f}"


def slots_of(text: str) -> list:
    return [piece for piece in parse(text) if piece.kind == "slot"]


# ---- the template


def said(path: Path) -> list[str]:
    """What a report or its template says, without its pictures."""
    return [text for text in texts(path) if text and not text.startswith(("{{图：", "图："))]


def test_committed_template_is_what_the_script_makes():
    """When this fails after a change of its words or look: python -m tests.sample.make_template."""
    made = zipfile.ZipFile(io.BytesIO(template_bytes(paragraphs(WORDS.read_text(encoding="utf-8")))))
    with made, zipfile.ZipFile(TEMPLATE) as kept:
        assert {name: kept.read(name) for name in kept.namelist()} == {n: made.read(n) for n in made.namelist()}


def test_template_holds_every_blank_of_the_report_in_order():
    title, *middle, signature, _ = said(TEMPLATE)
    feeds = [feed for text in middle for slot in slots_of(text) if (feed := feed_of(slot))]
    assert len(feeds) == 237
    assert feeds == [blank["feeds"] for blank in BLANKS]
    assert "{{乡镇名称}}" in title and "{{乡镇名称}}" in signature


def test_template_has_three_parts_nine_areas_and_six_tasks():
    headings = [
        (p.style.name, p.text) for p in Document(str(TEMPLATE)).paragraphs if p.style.name.startswith("Heading")
    ]
    levels = [1 if style == "Heading 1" else 2 for style, _ in headings]
    assert levels == [1, *[2] * 9, 1, 1, *[2] * 6]
    numerals = "一二三四五六七八九"
    assert [text[1] for style, text in headings if style == "Heading 2"] == [*numerals, *numerals[:6]]
    assert [text[0] for style, text in headings if style == "Heading 1"] == ["一", "二", "三"]


def test_template_names_only_what_exists():
    assert [
        problem for text in texts(TEMPLATE) for slot in slots_of(text) if (problem := problem_of(slot, CATALOGUE))
    ] == []


def test_page_is_a4_with_the_margins_of_the_standard():
    section = tree(TEMPLATE, "word/document.xml").find(".//w:sectPr", W)
    size, margins = section.find("w:pgSz", W), section.find("w:pgMar", W)
    assert [int(size.get(qn(f"w:{key}"))) for key in "wh"] == [11906, 16838]
    sides = {key: round(int(margins.get(qn(f"w:{key}"))) / MILLIMETRE) for key in ("top", "right", "bottom", "left")}
    assert sides == {"top": 37, "right": 26, "bottom": 35, "left": 28}


@pytest.mark.parametrize(
    ("style", "font", "half_points"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("Heading1", "黑体", None),
        ("Heading2", "楷体", None),
        ("Footer", "宋体", "28"),
    ],
)
def test_style_sets_its_east_asian_font(style, font, half_points):
    look = tree(TEMPLATE, "word/styles.xml").find(f"w:style[@w:styleId='{style}']/w:rPr", W)
    assert look.find("w:rFonts", W).get(qn("w:eastAsia")) == font
    size = look.find("w:sz", W)
    assert (size.get(qn("w:val")) if size is not None else None) == half_points
    assert look.find("w:b", W) is None


def test_body_is_fangsong_three_with_exact_lines_and_two_characters_of_indent():
    styles = tree(TEMPLATE, "word/styles.xml")
    look = styles.find("w:docDefaults/w:rPrDefault/w:rPr", W)
    assert (look.find("w:rFonts", W).get(qn("w:eastAsia")), look.find("w:sz", W).get(qn("w:val"))) == ("仿宋", "32")
    normal = styles.find("w:style[@w:styleId='Normal']/w:pPr", W)
    spacing = normal.find("w:spacing", W)
    assert spacing.get(qn("w:lineRule")) == "exact"
    assert 28 <= int(spacing.get(qn("w:line"))) / 20 <= 29
    assert normal.find("w:ind", W).get(qn("w:firstLineChars")) == "200"


def test_twenty_two_lines_of_twenty_eight_characters_fit():
    section = tree(TEMPLATE, "word/document.xml").find(".//w:sectPr", W)
    room = {key: int(section.find("w:pgMar", W).get(qn(f"w:{key}"))) for key in ("top", "right", "bottom", "left")}
    normal = tree(TEMPLATE, "word/styles.xml").find("w:style[@w:styleId='Normal']", W)
    line = int(normal.find("w:pPr/w:spacing", W).get(qn("w:line")))
    character = 320 + int(normal.find("w:rPr/w:spacing", W).get(qn("w:val")))
    assert (16838 - room["top"] - room["bottom"]) // line == 22
    assert (11906 - room["left"] - room["right"]) // character == 28


@pytest.mark.parametrize(("name", "side"), [("footer_odd.xml", "right"), ("footer_even.xml", "left")])
def test_page_number_stands_outside_between_dashes(name, side):
    footer = tree(TEMPLATE, f"word/{name}")
    assert footer.find(".//w:jc", W).get(qn("w:val")) == side
    assert footer.find(".//w:ind", W).get(qn(f"w:{side}Chars")) == "100"
    assert "".join(footer.itertext()).split() == ["—", "PAGE", "1", "—"]
    assert tree(TEMPLATE, "word/settings.xml").find("w:evenAndOddHeaders", W) is not None


def test_date_line_is_four_characters_in_with_arabic_numerals(report):
    *_, signature, date = Document(str(report.docx)).paragraphs
    assert (signature.text, date.text) == ("示例镇人民政府", "2023年12月31日")
    style = tree(report.docx, "word/styles.xml").find(f"w:style[@w:styleId='{date.style.style_id}']/w:pPr", W)
    assert style.find("w:jc", W).get(qn("w:val")) == "right"
    assert style.find("w:ind", W).get(qn("w:rightChars")) == "400"


# ---- the report


def test_every_figure_in_the_report_is_the_books(report):
    done = said(report.docx)
    assert (report.missing, report.provisional, report.left_out, report.doubts) == ((), 0, (), ())
    assert len(done) == len(said(TEMPLATE))
    compared = 0
    for template, text in zip(said(TEMPLATE), done, strict=True):
        pattern = ""
        for piece in parse(template):
            if piece.kind == "text":
                pattern += re.sub("^余", "余?", re.escape(piece.raw))  # not said of an exact figure
            elif piece.kind == "slot" and (feed := feed_of(piece)):
                pattern += re.escape(expected(feed))
                compared += 1
            elif piece.kind == "slot":
                pattern += r"[^，。；]+"
        assert re.fullmatch(pattern, text), text
    assert compared == 237 + 2


def test_report_of_the_sample_is_final_and_marks_nothing(report):
    assert report.final
    assert not [run for p in Document(str(report.docx)).paragraphs for run in p.runs if run.font.highlight_color]
    assert "【" not in "".join(texts(report.docx))


def test_report_compares_with_last_year_and_with_targets(report):
    text = "".join(texts(report.docx))
    assert "低保户数同比增长3.5%" in text
    assert "风险消除率65.71%，同比提高3.58个百分点" in text
    assert "硬化道路25.8公里，完成年度目标24公里的107.5%" in text


def test_plan_is_filled_from_the_targets(report):
    text = "".join(texts(report.docx))
    assert "引进种薯企业2家，原原种年产量达到1.2亿粒" in text
    assert "新建自然村硬化路28.5公里、砂化路40公里" in text


def test_first_year_has_no_comparisons_and_is_no_worse_for_it(tmp_path):
    outcome = filled(tmp_path, TEMPLATE, replace(sample().book, last={}, last_targets={}))
    assert (outcome.missing, "同比" in "".join(texts(outcome.docx))) == ((), False)
    assert len(outcome.left_out) == 7


def test_missing_figure_is_marked_highlighted_and_named(tmp_path):
    outcome = filled(tmp_path, TEMPLATE, changed(sample().book, I28=None))
    (missing,) = outcome.missing
    assert missing.mark == "【缺：卫生监督协管巡查】"
    assert missing.sentence.endswith("卫生监督协管巡查【缺：卫生监督协管巡查】次。")
    assert not outcome.final
    document = Document(str(outcome.docx))
    marked = [
        run.text for p in document.paragraphs for run in p.runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW
    ]
    assert marked[1:] == ["【缺：卫生监督协管巡查】"]
    assert document.paragraphs[0].text == "【缺数】黄底的 1 处没有数：卫生监督协管巡查，补报后重新生成。"


def test_office_that_has_not_reported_is_missing_even_where_the_store_counts_zero(tmp_path):
    unheard = figure("I16", "0", units_counted=0, units_expected=1, provisional=True)
    outcome = filled(tmp_path, TEMPLATE, changed(sample().book, I16=unheard))
    assert [missing.mark for missing in outcome.missing] == ["【缺：综合养老服务中心处数】"]


def test_provisional_totals_are_shaded_and_said_on_top(tmp_path):
    book = sample().book
    shaky = structs.replace(book.figures[TOWNSHIP.code, "I01"], units_counted=14, provisional=True)
    arrivals = [replace(a, accepted=a.name != "三湾村") for a in book.arrivals]
    outcome = filled(tmp_path, TEMPLATE, replace(changed(book, I01=shaky), arrivals=arrivals))
    document = Document(str(outcome.docx))
    shaded = [r.text for p in document.paragraphs for r in p.runs if r.font.highlight_color == WD_COLOR_INDEX.GRAY_25]
    assert shaded == ["618", "同比增长3.5%", "图：低保户数、特困供养户数（户），与上年比"]
    notice = "【暂定稿】尚缺 1 个单位的数（三湾村），灰底的 3 处是暂定数，收齐后重新生成。"
    assert document.paragraphs[0].text == notice
    assert (outcome.provisional, outcome.unreported, outcome.final) == (3, ("三湾村",), False)


def test_sentence_of_nothing_vanishes_and_is_told(tmp_path):
    outcome = filled(tmp_path, TEMPLATE, changed(sample().book, A04=figure("A04", "0")))
    assert "约谈提醒镇村干部31人次，责令作出书面检查5人次" in "".join(texts(outcome.docx))
    assert outcome.left_out == ("通报批评人次：，通报批评〔通报批评人次〕人次",)


def test_conditions_that_fail_together_leave_no_broken_sentence(tmp_path):
    book = sample().book
    conditions = [part for text in texts(TEMPLATE) for part in parse(text) if part.kind == "if"]
    optional = {part.name for part in conditions if not part.modifiers}
    codes = [item.code for name in optional if (item := CATALOGUE.find(name)) and item.total != "ratio"]
    nothing = {code: figure(code, "" if CATALOGUE.indicators[code].is_text else "0") for code in codes}
    outcome = filled(tmp_path, TEMPLATE, changed(book, **nothing))
    broken = re.compile(r"[，。；、：]{2}|[，；、]$|^[，。；、]|(?<![\d.])0[户人个处座亩名]")
    assert not [text for text in texts(outcome.docx) if broken.search(text)]
    assert len(outcome.left_out) >= 50
    assert outcome.missing == ()


# ---- templates that a clerk has edited


def test_slot_split_over_runs_takes_the_look_of_its_first(tmp_path):
    document = Document()
    paragraph = document.add_paragraph("低保")
    for number, words in enumerate(("{", "{低保", "户数", "}", "}户，", "｛｛低保人口｝｝人")):
        paragraph.add_run(words).bold = number == 0
    document.save(str(tmp_path / "t.docx"))
    outcome = filled(tmp_path, tmp_path / "t.docx", small_book({"I01": "618", "I02": "1356"}))
    (paragraph,) = Document(str(outcome.docx)).paragraphs
    assert paragraph.text == "低保618户，1356人"
    assert [run.text for run in paragraph.runs if run.bold] == ["618"]


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, 60), max_size=12))
def test_template_cut_into_runs_anywhere_reads_the_same(tmp_path_factory, cuts):
    words = "低保{{低保户数}}户{{若 通报批评人次}}，通报{{通报批评人次}}人次{{完}}，残疾人{{残疾人数}}人。"
    places = [0, *sorted(cut for cut in cuts if cut < len(words)), len(words)]
    document = Document()
    paragraph = document.add_paragraph()
    for start, end in pairwise(places):
        paragraph.add_run(words[start:end]).bold = start % 2 == 0
    folder = tmp_path_factory.mktemp("cut")
    document.save(str(folder / "t.docx"))
    outcome = filled(folder, folder / "t.docx", small_book({"I01": "618", "A04": "0"}))
    assert texts(outcome.docx)[-1] == "低保618户，残疾人【缺：残疾人数】人。"


def test_marks_inside_a_run_keep_what_stands_around_them(tmp_path):
    document = Document()
    run = document.add_paragraph().add_run("甲")
    run.add_tab()
    run.add_text("乙{{低保户数}}丙{{低保人口}}")
    run.add_break()
    run.add_text("丁")
    run.italic = True
    document.save(str(tmp_path / "t.docx"))
    outcome = filled(tmp_path, tmp_path / "t.docx", small_book({"I02": "1356"}))
    paragraph = Document(str(outcome.docx)).paragraphs[-1]
    assert paragraph.text == "甲\t乙【缺：低保户数】丙1356\n丁"
    assert [run.text for run in paragraph.runs if run.font.highlight_color] == ["【缺：低保户数】"]
    assert all(run.italic for run in paragraph.runs)


def test_slots_in_tables_headers_and_footnotes_are_filled(tmp_path):
    document = Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "低保", "{{低保户数}}"
    table.cell(1, 0).text, table.cell(1, 1).text = "{{若 特困供养户数}}特困", "{{特困供养户数}}{{完}}"
    document.sections[0].header.paragraphs[0].text = "{{乡镇名称}}{{年度}}年"
    document.save(str(tmp_path / "t.docx"))
    outcome = filled(tmp_path, tmp_path / "t.docx", small_book({"I01": "618", "I04": "0"}))
    done = Document(str(outcome.docx))
    assert [[cell.text for cell in row.cells] for row in done.tables[0].rows] == [["低保", "618"]]
    assert done.sections[0].header.paragraphs[0].text == "示例镇2023年"
    assert "<td>" in outcome.html.read_text(encoding="utf-8")


def with_run(tmp_path: Path, run: str) -> Path:
    """A template with something between 低保 and 户 that is no text of Word's own."""
    document = Document()
    paragraph = document.add_paragraph("低保")
    names = " ".join((f'xmlns:w="{W["w"]}"', 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'))
    paragraph._p.append(etree.fromstring(run.replace(" ", f" {names} ", 1)))
    paragraph.add_run("户")
    document.save(str(tmp_path / "t.docx"))
    return tmp_path / "t.docx"


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ("<m:oMath ><m:r><m:t>618</m:t></m:r></m:oMath>", "“618”没有出处"),
        ("<m:oMath ><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>x</m:t></m:r></m:den></m:f></m:oMath>",
         "“1”没有出处"),
        ('<w:r ><w:sym w:font="Wingdings" w:char="F085"/></w:r>', "“⑤”没有出处"),
        ('<w:r ><w:sym w:font="Wingdings 2" w:char="F06A"/></w:r>', "“①”没有出处"),
        ('<w:r ><w:sym w:font="Symbol" w:char="F037"/></w:r>', "“7”没有出处"),
    ],
)  # fmt: skip
def test_number_in_an_equation_or_a_symbol_is_no_less_a_number(tmp_path, run, told):
    with pytest.raises(ReportRefused, match=told):
        filled(tmp_path, with_run(tmp_path, run), small_book({"I01": "618"}))


def test_symbol_that_is_no_number_stays(tmp_path):
    run = '<w:r ><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    outcome = filled(tmp_path, with_run(tmp_path, run), small_book({"I01": "618"}))
    assert "F0FC" in part(outcome.docx, "word/document.xml")


@pytest.mark.parametrize(("held", "says"), [({"I01": "618"}, "618"), ({"I02": "5"}, "【缺：低保户数】")])
def test_slot_in_an_equation_is_filled(tmp_path, held, says):
    run = "<m:oMath ><m:r><m:t>{{低保户数}}</m:t></m:r></m:oMath>"
    outcome = filled(tmp_path, with_run(tmp_path, run), small_book(held))
    assert f'<m:t xml:space="preserve">{says}</m:t>' in part(outcome.docx, "word/document.xml")


def test_page_numbers_and_tables_of_contents_are_no_planted_numbers(tmp_path):
    path = write_template(tmp_path / "t.docx", "低保{{低保户数}}户")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    field = b'<w:p><w:fldSimple w:instr=" NUMPAGES "><w:r><w:t>12</w:t></w:r></w:fldSimple></w:p><w:sectPr'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", field, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    outcome = filled(tmp_path, path, small_book({"I01": "618"}))
    assert "<w:t>12</w:t>" in part(outcome.docx, "word/document.xml")


def test_untouched_parts_keep_their_bytes(tmp_path, report):
    for name in ("word/styles.xml", "word/settings.xml", "word/fontTable.xml"):
        assert part(report.docx, name) == part(TEMPLATE, name)


# ---- refusals


@pytest.mark.parametrize("place", ["paragraph", "cell", "header", "footer"])
def test_planted_number_refuses_the_report_wherever_it_stands(tmp_path, place):
    document = Document()
    document.add_paragraph("低保{{低保户数}}户")
    put = {
        "paragraph": lambda words: document.add_paragraph(words),
        "cell": lambda words: setattr(document.add_table(1, 1).cell(0, 0), "text", words),
        "header": lambda words: setattr(document.sections[0].header.paragraphs[0], "text", words),
        "footer": lambda words: setattr(document.sections[0].footer.paragraphs[0], "text", words),
    }
    put[place]("另有临时救助43户")
    document.save(str(tmp_path / "t.docx"))
    with pytest.raises(ReportRefused, match="“43”没有出处") as refusal:
        filled(tmp_path, tmp_path / "t.docx", small_book({"I01": "618"}))
    assert len(refusal.value.problems) == 1


def test_refusal_lists_everything_and_leaves_the_last_report_alone(tmp_path):
    good = write_template(tmp_path / "good.docx", "低保{{低保户数}}户")
    outcome = filled(tmp_path, good, small_book({"I01": "618"}))
    before = outcome.docx.read_bytes(), outcome.html.read_bytes()
    bad = write_template(tmp_path / "bad.docx", *("低保{{低保户}}户，共9人" for _ in range(4)))
    with pytest.raises(ReportRefused) as refusal:
        filled(tmp_path, bad, small_book({"I01": "618"}))
    assert len(refusal.value.problems) == 8
    message = str(refusal.value)
    assert "\n" not in message and "是不是“低保户数”？" in message and "共 8 处" in message
    assert (outcome.docx.read_bytes(), outcome.html.read_bytes()) == before
    assert [path.name for path in outcome.docx.parent.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200, "年度工作总结".encode()])
def test_template_that_is_no_word_document_is_one_line(tmp_path, content):
    path = tmp_path / "t.docx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"另存为 \.docx"):
        filled(tmp_path, path, small_book({}))


def test_template_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(InputError, match="找不到报告模板"):
        filled(tmp_path, tmp_path / "none.docx", small_book({}))


# ---- what villages may type, and what machines must keep

HOSTILE = "</w:t><w:br/>&amp;{{低保户数}}<script>alert(1)</script>\u202e\x07\x00\u2028①三千亩"


def test_what_a_village_typed_never_becomes_markup_or_a_slot(tmp_path):
    path = write_template(tmp_path / "t.docx", "实施{{设施农业一期项目名称}}。")
    outcome = filled(tmp_path, path, small_book({"E02": HOSTILE, "I01": "618"}))
    assert texts(outcome.docx) == ["实施</w:t><w:br/>&amp;{{低保户数}}<script>alert(1)</script> ①三千亩。"]
    page = outcome.html.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert page.count("</script>") == 2


def test_same_input_gives_the_same_bytes(tmp_path):
    one, two = (filled(tmp_path / name, TEMPLATE) for name in "ab")
    assert one.docx.read_bytes() == two.docx.read_bytes()
    assert one.html.read_bytes() == two.html.read_bytes()
