"""`cunhui report figures`: the year's workbook of figures that are given by hand, with last year's beside."""

from pathlib import Path

from flows.template.supplements import path_of, write_supplements
from flows.values.characters import printable
from schemas.inputs import load_inputs
from schemas.supplements import lacking

FINE, TO_FILL = 0, 3


def make_figures(inputs: str, year: int | None) -> int:
    """Write it, keeping what was given; say what is still to be given. Returns the exit status: 3 while some is."""
    known = load_inputs(Path(inputs), year)
    typed = [each for each in known.own.figures.values() if not each.place.startswith("township.toml")]
    if not typed:
        print(f"{known.year} 年没有补充数：cunhui report bind 去年的报告 会列出哪些数不在目录里。")
        return FINE
    path = write_supplements(path_of(Path(inputs), known.year), typed)
    print(printable(f"已写入：{path}，共 {len(typed)} 个，上年数列在旁边供对照。"))
    wanted = lacking(typed, Path(inputs), known.year)
    for line in wanted:
        print(printable(f"还缺：{line}"))
    return TO_FILL if wanted else FINE
