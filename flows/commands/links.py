"""`cunhui links`: the villages' own links, made, made anew, taken back, and printed with QR codes."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.commands.tell import COMPLETE, INCOMPLETE
from flows.files import put_in_place
from flows.values.characters import printable
from flows.web.links import Links
from flows.web.network import address_of
from schemas.errors import InputError
from schemas.inputs import Inputs, load_inputs
from schemas.roster import Unit, find_unit

SHEET = "链接.html"
_HERE = Path(__file__).parent


def show_links(
    named: Sequence[str], make: bool, renew: bool, revoke: bool, everybody: bool, year: int | None, inputs: str,
    outputs: str,
) -> int:  # fmt: skip
    """List them, or change them as asked for the named units. Returns the exit status.

    Raises InputError for a call that says two things, and one that would change everybody's without saying so.
    """
    given = load_inputs(Path(inputs), year)
    expected = [unit for unit in given.units if unit.expected_in(given.year)]
    chosen = [find_unit(words, given.units) for words in named] or expected
    if make + renew + revoke > 1:
        raise InputError("--make、--renew、--revoke 一次只写一个")
    if (renew or revoke) and not named and not everybody:
        raise InputError("请写明是哪些单位，或加 --all（全部）")
    links = Links(Path(outputs))
    if revoke:
        taken = links.revoke([unit.code for unit in chosen])
        print(f"收回了 {taken} 个链接，旧链接马上就打不开了。")
    elif make or renew:
        _make(links, given, chosen, renew, Path(outputs) / str(given.year))
    else:
        _list(links, given, expected)
    if not given.settings.web.lan:
        print("现在链接还打不开：township.toml 里写上 [web]、lan = true，再运行 cunhui web 或 cunhui serve。")
    return COMPLETE if links.known() or revoke else INCOMPLETE


def _make(links: Links, given: Inputs, chosen: Sequence[Unit], renew: bool, folder: Path) -> None:
    secrets = links.make([unit.code for unit in chosen], renew)
    if not secrets:
        print("这些单位都有链接了。链接本身没有留存，丢了的用 --renew 重做。")
        return
    base = address_of(given.settings.web)
    names = {unit.code: unit.name for unit in given.units}
    made = [(names[code], f"{base}/u/{secret}") for code, secret in secrets.items()]
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{given.settings.township.name} {given.year} 年年报：各单位的报送链接"
    text = _sheet(title, made)
    path = put_in_place(folder / SHEET, lambda partial: _private(partial, text.encode()))
    print(printable(f"做好了 {len(made)} 个链接：{path}。打印后剪开，每个单位只给它自己的一张，然后删除这个文件。"))


def _private(path: Path, data: bytes) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)


def _sheet(title: str, made: Sequence[tuple[str, str]]) -> str:
    """A page to print: each unit's name, its link and the link as a QR code."""
    import segno  # heavy: only this needs it

    drawn = [(name, link, segno.make_qr(link, error="m").svg_inline(scale=4, border=4)) for name, link in made]
    pages = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("links.html").render(title=title, units=drawn)


def _list(links: Links, given: Inputs, expected: Sequence[Unit]) -> None:
    known = links.known()
    for unit in expected:
        link = known.get(unit.code)
        made: datetime | None = link.made.astimezone(given.settings.zone) if link else None
        print(printable(f"{unit.name}：{f'{made:%Y-%m-%d %H:%M} 做的' if made else '没有链接'}"))
    if not known:
        print("用 cunhui links --make 给各单位做链接。")
