"""What a handy clerk would write instead: read every workbook with pandas and openpyxl, add up, write the sums.

No checks, no store, no lineage, fixed columns. Usage: python peer.py OUT.xlsx FOLDER…
"""

import sys
from pathlib import Path

import pandas as pd


def main() -> None:
    out, *folders = sys.argv[1:]
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for folder in folders:
            frames = []
            for path in sorted(Path(folder).glob("*.xlsx")):
                for sheet in pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl").values():
                    heads = [
                        i for i, row in enumerate(sheet.itertuples(index=False)) if "代码" in row and "本年数" in row
                    ]
                    if heads:
                        table = sheet.iloc[heads[0] + 1 :].set_axis(sheet.iloc[heads[0]], axis=1)
                        frames.append(table[["代码", "本年数"]].assign(file=path.stem))
            answers = pd.concat(frames)
            answers["本年数"] = pd.to_numeric(answers["本年数"], errors="coerce")
            wide = answers.dropna(subset=["代码"]).pivot_table(
                index="file", columns="代码", values="本年数", aggfunc="sum"
            )
            wide.loc["合计"] = wide.sum()
            wide.to_excel(writer, sheet_name=Path(folder).parent.name)


main()
