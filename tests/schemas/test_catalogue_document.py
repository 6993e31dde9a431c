"""The document on the language of a catalogue: what it shows is a catalogue, and has every key that it explains."""

import re
from pathlib import Path

from schemas.catalogue import Catalogue

DOCUMENT = Path(__file__).parents[2] / ".github" / "CATALOGUE.md"


def test_files_that_the_document_shows_are_a_catalogue(tmp_path):
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, body in re.findall(r"^```toml (\S+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(body, encoding="utf-8")
    found = Catalogue(tmp_path)
    assert found.find("常住人口·男").code == "P05"
    assert found.indicators["P08C02"].name == "是否通客车：否"
    assert [relation.printed for relation in found.relations.values() if relation.id in ("R1", "R2")] == [
        "[101]＝（[102]至[103]各行之和）",
        "[102]÷[103]≤2（可相差 0.005）",
    ]
    assert list(found.fields) == ["leader", "phone"]
    assert found.offices["乡镇"].name == "乡镇本级"
