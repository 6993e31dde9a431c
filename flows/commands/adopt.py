"""`cunhui adopt`: a county's own form becomes entries of the catalogue, through a workbook to go through."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from flows.adopt.applied import apply, offices_of, undo
from flows.adopt.blank import read_blank
from flows.adopt.find import find
from flows.adopt.found import UNSURE
from flows.adopt.last import compare_with_last
from flows.adopt.review import write_review
from flows.adopt.review_rows import level_of
from flows.adopt.reviewed import read_review
from flows.adopt.samples import compare
from flows.commands.catalogue import changes_between, told_changes
from flows.values.characters import printable, printable_json
from schemas.catalogue import OWN, Catalogue, catalogue_of
from schemas.errors import InputError
from schemas.township import as_written

REVIEW = "核对表.xlsx"
UNSURE_LEFT = 3


def read_forms(
    files: Sequence[str], samples: Sequence[str], out: str | None, last: bool, as_json: bool, inputs: str
) -> int:
    """Find what the forms ask and write the 核对表. Returns 0, or 3 when something in it is unsure."""
    if not files:
        raise InputError("请写明要收编的表，如 cunhui adopt 县里的表.xlsx")
    review = Path(out) if out else Path(files[0]).parent / REVIEW
    if review.exists():
        raise InputError(f"已有 {review}，没有覆盖；要重新核对请先把它改名或移走，或用 --out 另写一份")
    own = Path(inputs) / OWN
    catalogue = catalogue_of(Path(inputs)) if own.is_dir() else None
    blanks = [read_blank(Path(file)) for file in files]
    forms = [find(blank) for blank in blanks]
    if last:
        if catalogue is None:
            raise InputError(f"{inputs} 里没有自己的目录，没有上年的表可比，不能用 --last")
        for form in forms:
            compare_with_last(form, catalogue)
    if samples:
        compare(forms, [read_blank(Path(sample)) for sample in samples])
    taken = _areas(catalogue, [sha for form in forms for sha in (form.sha256, form.last_sha256)])
    write_review(forms, blanks, review, taken, offices_of(Path(inputs)))
    answers = [answer for form in forms for answer in form.answers]
    relations = [one for form in forms for one in form.relations]
    unsure = sum(answer.level == UNSURE for answer in answers) + sum(level_of(one) == UNSURE for one in relations)
    unsure += sum(block.evidence.level == UNSURE for form in forms for sheet in form.sheets for block in sheet.blocks)
    if as_json:
        told = {"review": str(review), "answers": len(answers), "relations": len(relations), "unsure": unsure}
        print(printable_json(json.dumps(told, ensure_ascii=False, indent=1)))
        return UNSURE_LEFT if unsure else 0
    for form in forms:
        for line in form.missing:
            print(printable(f"注意：{form.file} {line}"))
    print(printable(f"找到填报格 {len(answers)} 个、审核关系 {len(relations)} 条，其中 {unsure} 处存疑。"))
    print(printable(f"核对表：{review}\n核对、存盘后运行：cunhui adopt --apply {review}"))
    return UNSURE_LEFT if unsure else 0


def apply_review(files: Sequence[str], review: str, as_json: bool, inputs: str) -> int:
    """Write what was gone through into the township's catalogue, and say what it changes."""
    carried = read_review(Path(review))
    originals = [_original(form.path, form.file, form.sha256, files) for form in carried.forms]
    year = as_written(Path(inputs))[1] if any(form.last_sha256 for form in carried.forms) else None
    if year is None and any(form.last_sha256 for form in carried.forms):
        raise InputError(f"{inputs} 的 township.toml 里没有写年度，不知道新表从哪一年起用")
    applied = apply(carried, originals, Path(inputs), year)
    changes = changes_between(applied.before, applied.after)
    if as_json:
        told = {"catalogue": str(applied.after.root), "changes": changes}
        print(printable_json(json.dumps(told, ensure_ascii=False, indent=1)))
        return 0
    names = "、".join(f"《{form.name}》" for form in carried.forms)
    print(printable(f"已收编{names}，写进 {applied.after.root}："))
    if applied.before is None:
        print('原来没有自己的目录；现在只用收编的表，内置目录不再用（others.toml 里 base = "replace"）。')
    for line in told_changes(changes, "与收编前相同，没有改动。"):
        print(printable(line))
    print("撤回：cunhui adopt --undo")
    return 0


def undo_last(inputs: str) -> int:
    """Put the catalogue back as it was before the last `--apply`."""
    undone, back = undo(Path(inputs))
    what = f"目录恢复为收编以前的（{back}）" if back else "恢复为没有自己的目录，用内置目录"
    print(printable(f"已撤回最近一次收编：{what}；撤下来的在 {undone}。"))
    return 0


def _areas(catalogue: Catalogue | None, shas: Sequence[str]) -> list[str]:
    """Names that areas and lists have already, but for those of the same forms adopted before."""
    if catalogue is None:
        return []
    again = {sheet.area for sha in shas if sha in catalogue.forms for sheet in catalogue.forms[sha].sheets}
    names = [*catalogue.areas, *(one.name for one in catalogue.lists.values())]
    return [name for name in names if name not in again]


def _original(path: str, file: str, sha256: str, files: Sequence[str]) -> bytes:
    """The form's own bytes: where they were, or among the files given."""
    for one in (*files, path):
        if Path(one).is_file() and hashlib.sha256(data := Path(one).read_bytes()).hexdigest() == sha256:
            return data
    raise InputError(f"找不到核对时的原表 {file}，或它已被改过；请写明它在哪里：cunhui adopt 原表 --apply 核对表.xlsx")
