"""A printed relation to what it says of answers, or to the words of why it cannot be read."""

import pytest

from flows.adopt.relations import Read, read

IDS = {"01": "1.D3", "02": "1.D4", "03": "1.D5", "总收入": "1.D3"}
A, B, C = "[1.D3]", "[1.D4]", "[1.D5]"


def between(first: str, last: str) -> list[str]:
    return [IDS[f"{n:02d}"] for n in range(int(first), int(last) + 1)] if {first, last} <= set(IDS) else []


@pytest.mark.parametrize(
    ("printed", "relations"),
    [
        ("01=02+03", [Read(A, "==", f"{B} + {C}")]),
        ("01≥02≥03", [Read(A, ">=", B), Read(B, ">=", C)]),
        ("01=02:03", [Read(A, "==", f"{B} + {C}")]),
        ("01=2×(02+03)", [Read(A, "==", f"2 * {B} + 2 * {C}")]),
        ("02/01×100%≤03", [Read(f"100 * {B} / {A}", "<=", C)]),
        ("(02+03)/01=1", [Read(f"{B} + {C} / {A}", "==", "1")]),
        ("01≥99", [Read(A, ">=", "99")]),
        ("总收入≥02", [Read(A, ">=", B)]),
        ("若01有数则02须有数", [Read(A, "requires", B)]),
        ("1=2", []),
        ("报送时间≤3天", []),
    ],
)
def test_relation_is_read_as_it_is_printed(printed, relations):
    assert read(printed, IDS.get, between) == relations


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("01=09", "找不到“09”"),
        ("01=甲表02", "找不到“甲表02”"),
        ("01=02:09", "找不到“02:09”"),
        ("01=", "有一边是空的"),
        ("01=02+", "少了一项"),
        ("01=(02+03", "括号没有成对"),
        ("01=02×03", "两个指标相乘"),
        ("01=02/03+01", "商不能再加减"),
        ("01=02/03/01", "除了两次"),
        ("01=02/(03/01)", "商里还有商"),
        ("01=50%", "百分数 50%"),
        ("01≤02×1.5", "找不到“1.5”"),
    ],
)
def test_relation_that_cannot_be_meant_says_why(printed, why):
    assert read(printed, IDS.get, between) == [Read("", "", "", why)]
