"""The registry of findings: read strictly, and its sentences made in one pass."""

import pytest

from schemas.errors import InputError
from schemas.findings import KINDS, Finding, load_kinds


def registry(tmp_path, body: str):
    path = tmp_path / "findings.toml"
    path.write_text(f'[values]\nfile = "文件名"\n\n[FILE_EMPTY]\ngrade = "强制"\n{body}\n', encoding="utf-8")
    return load_kinds(path)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('problem = "空"\nmend = "重报。"\nmendd = "？"', "mendd"),
        ('problem = "空"', "mend"),
        ('problem = "{fle}空"\nmend = "重报。"', "{fle}"),
        ('problem = "{file空"\nmend = "重报。"', "花括号"),
        ('problem = "{file!r}空"\nmend = "重报。"', "花括号"),
        ('problem = "{}空"\nmend = "重报。"', "花括号"),
    ],
)
def test_registry_with_something_unknown_is_refused_in_one_line(tmp_path, body, complaint):
    with pytest.raises(InputError, match="FILE_EMPTY") as refused:
        registry(tmp_path, body)
    assert complaint in str(refused.value) and "\n" not in str(refused.value)


def test_registry_well_written_is_taken(tmp_path):
    kind = registry(tmp_path, 'problem = "“{file}”是空的"\nmend = "重报。"')["FILE_EMPTY"]
    assert (kind.grade, kind.values) == ("强制", {"file"})


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_what_a_value_says_is_never_taken_for_a_template(kind):
    details = {name: f"{{raw}}{{{name}}}。：" for name in kind.values}
    finding = Finding(kind.code, "某表", "D12", raw="{name}", details=details)
    words = {"raw": "{name}", **details}
    assert finding.problem == kind.problem.format_map(words)
    assert finding.message("三湾村") == f"三湾村 某表 D12：{finding.problem}。{kind.mend.format_map(words)}"
