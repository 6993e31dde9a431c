"""A township of another shape, with its own catalogue: numeric codes, no targets, no fixed texts, offices by role."""

import openpyxl
import pytest

from flows.commands.cli import main
from schemas.catalogue import catalogue_of
from tests.office import run_steps
from tests.settings_text import settings_text

SETTINGS = settings_text("880202303", "青湖乡", 2024)
UNITS = """code,name,kind,terrain,role
880202303201,东湖村,村,,
880202303202,西湖村,村,,
880202303003,湖滨社区,社区,,
880202303801,青湖乡综合办,站所,,水利、林业
880202303802,青湖乡文化站,站所,,文化
"""
WATER = """[area]
number = 1
name = "水利（含'农田\\"灌溉）"
title = "水利、'农田'灌溉"
[indicators.12]
name = "水井"
definition = "年末在用的水井。"
unit = "眼"
[indicators.1201]
name = "机电井"
definition = "其中装有电机的。"
unit = "眼"
parent = "12"
[indicators.9]
name = "渠道长度"
definition = "年末可用的渠道。"
unit = "公里"
decimals = 2
[indicators.30]
name = "水费收入"
definition = "全乡收到的水费。"
unit = "万元"
decimals = 1
reporter = "office"
office = "水利"
[relations.R1]
left = "[12] + [1201]"
relation = ">="
right = "[1201]"
words = "水井与机电井之和不得少于机电井"
"""
CULTURE = """[area]
number = 2
name = "文化"
title = "文化"
[indicators.77]
name = "文艺演出"
definition = "全乡组织的演出。"
unit = "场"
reporter = "office"
office = "文化"
[indicators.78]
name = "植树"
definition = "全乡植树。"
unit = "株"
reporter = "office"
office = "林业"
"""
OTHERS = """[offices."水利"]
name = "水利"
[offices."林业"]
name = "林业"
[offices."文化"]
name = "文化站"
"""
FIGURES = {
    "东湖村": {"12": 9, "1201": 9, "9": 12},
    "西湖村": {"12": 30, "1201": 12, "9": 1.25},
    "湖滨社区": {"12": 0, "1201": 0, "9": 0},
    "青湖乡综合办": {"30": 77.5, "78": 1200},
    "青湖乡文化站": {"77": 12},
}


@pytest.fixture
def township(tmp_path):
    inputs = tmp_path / "inputs"
    for name, text in {
        "township.toml": SETTINGS, "units.csv": UNITS, "catalogue/others.toml": OTHERS,
        "catalogue/indicators/water.toml": WATER, "catalogue/indicators/culture.toml": CULTURE,
    }.items():  # fmt: skip
        path = inputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (inputs / "2024" / "submissions").mkdir(parents=True)
    yield tmp_path
    catalogue_of(tmp_path / "nowhere")


def told(command, folder, *more):
    return main([*command.split(), "--inputs", str(folder / "inputs"), *more])


def filled(folder):
    """Every blank form, filled with FIGURES by the code of each row."""
    assert told("forms", folder, "--outputs", str(folder / "outputs")) == 0
    forms = sorted((folder / "outputs" / "2024" / "forms").rglob("*.xlsx"))
    assert sorted(form.stem.partition("-")[2] for form in forms) == sorted(FIGURES)
    for form in forms:
        book, left = openpyxl.load_workbook(form), dict(FIGURES[form.stem.partition("-")[2]])
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                texts = [str(cell.value) for cell in row]
                if "代码" in texts:
                    code, value = texts.index("代码"), next(n for n, text in enumerate(texts) if "本年" in text)
                elif any(text in left for text in texts) and sheet.title != "指标解释":
                    row[value].value = left.pop(texts[code])
        assert not left
        book.save(folder / "inputs" / "2024" / "submissions" / form.name)


def test_own_township_goes_from_forms_to_tables(township, capsys):
    filled(township)
    standing = run_steps(township / "inputs", township / "outputs")
    assert standing.complete and not standing.lacking, (standing.messages, standing.lacking)
    outputs = str(township / "outputs")
    assert told("trace 30", township, "--outputs", outputs) == 0
    assert "77.5 万元" in capsys.readouterr().out
    area = catalogue_of(township / "inputs").indicators["12"].area.replace('"', '""')
    assert told("sql", township, "--outputs", outputs, "--format", "csv",
                f'SELECT 单位, 水井, 渠道长度 FROM "{area}" ORDER BY 2 DESC') == 0  # fmt: skip
    assert capsys.readouterr().out.splitlines()[1:] == [
        "合计,39,13.25",
        "西湖村,30,1.25",
        "东湖村,9,12",
        "湖滨社区,0,0",
    ]


def test_indicator_added_in_excel_is_a_summed_column_a_few_commands_later(township, tmp_path, capsys, monkeypatch):
    book_file = tmp_path / "指标目录.xlsx"
    assert told("catalogue export", township, str(book_file)) == 0
    book = openpyxl.load_workbook(book_file)
    page, heads = book["指标"], [str(cell.value).rstrip("*") for cell in book["指标"][1]]
    row = {"类别": "文化", "代码": "79", "指标名称": "路灯", "口径": "年末亮着的路灯。", "计量单位": "盏"}
    for head, value in row.items():
        page.cell(page.max_row + (head == "类别"), heads.index(head) + 1, value)
    book["计量单位"]["A2"] = "盏"
    book.save(book_file)
    assert told("catalogue import", township, str(book_file), "--yes") == 0
    for number, village in enumerate(("东湖村", "西湖村", "湖滨社区"), start=1):
        monkeypatch.setitem(FIGURES, village, FIGURES[village] | {"79": number})
    filled(township)
    assert run_steps(township / "inputs", township / "outputs").complete
    capsys.readouterr()
    outputs = str(township / "outputs")
    query = "SELECT 单位, 路灯 FROM \"文化\" WHERE 单位 = '合计'"
    assert told("sql", township, "--outputs", outputs, "--format", "csv", query) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["合计,6"]
