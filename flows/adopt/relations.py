"""Relations as forms print them, read into sides over answers: by codes, by columns, by names; ranges, ×, ÷, %.

What is read exactly is 印明. What mentions a relation and cannot be read whole is kept with its words, 存疑.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flows.adopt.words import plain

_SIGNS = (
    (r"大于或?等于|大于或者等于|不小于|不少于|不低于|应?不得?小于|不应小于|不得少于|不得低于|≥|>=|≧|＞=|>＝", ">="),
    (r"小于或?等于|小于或者等于|不大于|不多于|不高于|不超过|不得大于|不应大于|不得超过|不得多于|≤|<=|≦", "<="),
    (r"不等于|≠|!=|<>", "!="),
    (r"应等于|等于|应与|==|=|＝", "=="),
    (r"大于|多于|高于|>", ">"),
    (r"小于|少于|低于|<", "<"),
)
_SIGN = re.compile("|".join(f"(?P<s{n}>应?该?当?(?:必须)?(?:{words}))" for n, (words, _) in enumerate(_SIGNS)))
_REQUIRES = re.compile(
    r"^(?:如果|若|当|凡)?(.+?)(?:>0|大于0|有数(?:据|值|字)?|不为(?:0|零|空)|有值|填报?了?)(?:时|的)?,?(?:则|那么)?,?(?:须|应|必须)?(?:有)?(.+?)(?:>0|大于0|(?:也|必|须|必须|应|应当|不能|不得|不可)*(?:有数(?:据|值|字)?|为(?:0|零|空)|有值|填报|填))?$"
)
_ENUMERATOR = re.compile(
    r"^(?:[(（]\d{1,2}[)）]|\d{1,2}[.、．](?=\D|\d{2,}|\d[^.\d])|[①-⑳]|[一二三四五六七八九十]{1,3}、|[A-Za-z][.、])"
)
_HEADING = re.compile(
    r"^(?:本表)?(?:主要)?(?:表内|表间|逻辑|审核|平衡|校验|勾稽|钩稽|行|列|栏|栏目|指标)*(?:审核|平衡|逻辑|校验|勾稽|钩稽)?(?:间)?(?:关系|公式|要求)(?:式|如下|为|说明)?[:：]?"
)
COLUMNS = re.compile(r"^(?:表内)?(?:列|栏|栏目)(?:间)?(?:平衡|审核|逻辑)?关系")
_LIKELY = re.compile(r"[≥≤≧≦=＝<>＜＞≠]|大于|小于|等于|不超过|不少于|不得超过|有数")
_CODE = re.compile(r"[A-Z]{0,3}\d{1,5}(?:[-.]\d{1,3})?[A-Z]?")


class Term(NamedTuple):
    """So many times an answer; a number alone where `id` is empty."""

    times: int
    id: str


class Read(NamedTuple):
    """A relation over answers, or why it could not be read."""

    left: str
    relation: str
    right: str
    why: str = ""


Finder = Callable[[str], str | None]
"""The id of the answer that a code or name stands for."""


class Unreadable(Exception):
    """A side that is no sum, product with a number, or quotient of sums; in words."""


_SYMBOLS = re.compile(
    r"^([\s\dA-Z+＋\-－×÷*/()（）=＝≥≤≧≦<>＜＞≠%.…⋯·~～:\[\]]*[≥≤≧≦=＝<>＜＞≠][\s\dA-Z+＋\-－×÷*/()（）=＝≥≤≧≦<>＜＞≠%.…⋯·~～:\[\]]*)"
)
_BEFORE = re.compile(r"^(?:[\u4e00-\u9fff（）()、\s]{1,14}[:：]\s*)+(?=.*[≥≤≧≦=＝<>＜＞≠于])")
_BEFORE = re.compile(r"^(?:[\u4e00-\u9fff（）()、\s]{1,14}[:：]\s*)+(?=.*[≥≤≧≦=＝<>＜＞≠于])")
"""Words with a colon before a relation: 注：, 列关系：."""
_LISTED = re.compile(r"(?:^|(?<=[^\d+\-×÷=≥≤<>*/(]))(?=[(（]\d{1,2}[)）](?!\s*[+\-×÷=≥≤<>*/]))|(?=[①-⑳])")
"""Where the next of several numbered relations begins."""
_GOES_ON, _SUMS_ON = re.compile(r"[至到之加减乘除与和及行栏列项]"), re.compile(r"[至到之加减乘除]")
"""How words go on a formula: right behind it, and with a space between."""


class Statement(NamedTuple):
    """One printed relation, and the words behind it."""

    formula: str
    words: str


def statements(text: str) -> Iterator[Statement]:
    """The single relations of a text that lists several."""
    for line in _apart(text):
        line = re.sub(r"^\s*〔.*?〕", "", line).strip()
        for piece in _LISTED.split(_HEADING.sub("", _BEFORE.sub("", line)).strip()):
            piece = _HEADING.sub("", _ENUMERATOR.sub("", piece.strip()).strip()).strip(",，:：、 　")
            piece = piece.removeprefix("本表").removeprefix("本年")
            if piece and _LIKELY.search(piece):
                yield from _parts(piece)


def _apart(text: str) -> Iterator[str]:
    """A text cut at line ends and semicolons, before a word with a colon, and at wide gaps between formulas."""
    for line in re.split(r"[\n\r]+|[;；。]|[\s\u3000]+(?=[\u4e00-\u9fff]{1,6}[:：])", text):
        pieces = [piece for piece in re.split(r"[ \u3000]{2,}|\u3000", line.strip()) if piece.strip()]
        yield from pieces if len(pieces) > 1 and all(_SIGN.search(plain(piece)) for piece in pieces) else [line]


def _parts(piece: str) -> Iterator[Statement]:
    """A formula with words behind it; formulas in brackets behind words; or several with commas between."""
    inside = re.findall(r"[(（]([^()（）]*[≥≤≧≦=＝<>＜＞≠][^()（）]*)[)）]", piece)
    outside = re.sub(r"[(（][^()（）]*[)）]", "", piece)
    if inside and not re.search(r"[≥≤≧≦=＝<>＜＞≠]", outside):
        for one in inside:
            yield from (Statement(part, outside.strip()) for part in re.split(r"[,，、;；]", one) if part.strip())
        return
    found = _SYMBOLS.match(piece)
    behind = piece[found.end() :].strip() if found else ""
    if found and _is_remark(found[1], behind):
        yield from (Statement(part, behind) for part in _by_commas(plain(found[1])))
        return
    if found and behind.startswith((",", "，")) and not _SIGN.search(plain(behind)):
        yield Statement(plain(found[1]), behind.strip(",， "))
        return
    head, _, tail = piece.partition(" ")
    if tail and re.match(r"[\u4e00-\u9fff]", tail.strip()) and re.search(r"\d.*(有数|有值).*\d", head):
        yield Statement(plain(head), tail.strip())
        return
    for part in _by_commas(plain(piece)):
        yield Statement(part, "")


def _is_remark(formula: str, behind: str) -> bool:
    """Whether the words behind a formula tell of it, and are not the rest of its last side."""
    spaced = formula.endswith((" ", "\u3000"))
    if not re.match(r"[\u4e00-\u9fff]", behind) or not re.search(r"[\d)）%]\s*$", formula):
        return False
    return (spaced or len(behind) > 4) and not (_SUMS_ON if spaced else _GOES_ON).match(behind)


def _by_commas(piece: str) -> Iterator[str]:
    """Several relations with commas between; a comma inside a sentence of words divides nothing."""
    if re.match(r"^(?:如果|若|当|凡)", piece) or "则" in piece or "有数" in piece:
        yield piece
        return
    parts = [part for part in re.split(r"[,，、]", piece) if part]
    if len(parts) > 1 and all(_SIGN.search(part) for part in parts):
        yield from (_ENUMERATOR.sub("", part) if _SIGN.search(_ENUMERATOR.sub("", part)) else part for part in parts)
    else:
        yield piece


def read(statement: str, find: Finder, spread: Callable[[str, str], list[str]]) -> list[Read]:
    """The relations of one statement; a chain such as 01≥02≥03 gives two.

    `spread` gives the ids of a range of codes, both ends included. Empty where nothing in it names an answer.
    """
    text = re.sub(r"^(?:即|其中|应满足|且)[:：]?", "", _unwrapped(plain(statement)))
    found = _REQUIRES.match(text)
    if found and ("则" in text or "有数" in text or "须有" in text):
        try:
            left, right = (_Side(_cleaned(found[n]), find, spread).read() for n in (1, 2))
        except Unreadable:
            left = right = ""
        if "[" in left and "[" in right:
            return [Read(left, "requires", right)]
    signs = list(_SIGN.finditer(text))
    if not signs:
        return []
    ends = [0, *(m.end() for m in signs)], [*(m.start() for m in signs), len(text)]
    sides = [text[start:end] for start, end in zip(*ends, strict=True)]
    read_sides: list[str] = []
    named = 0
    for at, side in enumerate(sides):
        try:
            expression = _Side(side if at < len(sides) - 1 else _without_words(side), find, spread).read()
        except Unreadable as error:
            if not any(find(one) for one in re.split(r"[+\-×÷*/()=≥≤<>]", side)) and not named:
                return []
            return [Read("", "", "", str(error))]
        named += "[" in expression
        read_sides.append(expression)
    if not named:
        return []
    kinds = [next(kind for n, (_, kind) in enumerate(_SIGNS) if m[f"s{n}"]) for m in signs]
    return [
        Read(*_turned(left, kind, right)) for left, kind, right in zip(read_sides, kinds, read_sides[1:], strict=False)
    ]


def _turned(left: str, kind: str, right: str) -> tuple[str, str, str]:
    """A constant stands at the right."""
    turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
    return (right, turned.get(kind, kind), left) if "[" not in left else (left, kind, right)


def _unwrapped(text: str) -> str:
    """Without the words around a formula: 第01行 is 01, [01] is 01; the remark in brackets at its end is dropped."""
    text = re.sub(r"[\[【〔「『]([^\]】〕」』]*)[\]】〕」』]", r"\1", text)
    text = re.sub(
        r"(?:第|指标|代码)?\(?([A-Z]{0,3}\d{1,5}(?:[-.]\d{1,3})?)\)?(?:行|项|号指标)(?=$|[^\u4e00-\u9fff]|[应之和大小不等与减加至到乘除])",
        r"\1",
        text,
    )
    text = re.sub(r"(?:第)?\(?(\d{1,3})\)?[列栏](?=$|[^\u4e00-\u9fff]|[应之和大小不等与减加至到乘除])", r"\1", text)
    return re.sub(r"(?:代码|指标|行次|栏次)(?=[A-Z]{0,3}\d)", "", text)


def _without_words(side: str) -> str:
    """The last side without the sentence behind it, and without a remark in brackets."""
    side = re.sub(r"\((?=[^()]*[\u4e00-\u9fff])[^()]*\)$", "", side)
    return (
        re.sub(r"(?<=[\d)\]])[\u4e00-\u9fff,，].{3,}$", "", side)
        if not re.search(r"(至|到)\w+(之和|合计)?$", side)
        else side
    )


def _cleaned(text: str) -> str:
    return text.strip(",，:：的")


class _Side:
    """One side of a relation: sums, whole multiples, and one quotient of sums."""

    _TOKEN = re.compile(
        r"(?P<range>(?P<from>[A-Z]{0,3}\d{1,5})(?:\+[A-Z]{0,3}\d{1,5})*\+?(?:…+|\.{2,}|⋯+|·{3,}|~|至|到|—+|～|:)\+?(?P<to>[A-Z]{0,3}\d{1,5})(?P<sum>(?:行|项)?(?:之和|的和|合计|相加|各项之和)?))"
        r"|(?P<percent>\d+(?:\.\d+)?%)|(?P<op>[+＋\-－—×xX*·÷/()])|(?P<word>[^+＋\-－×*·÷/()]+)"
    )

    def __init__(self, text: str, find: Finder, spread: Callable[[str, str], list[str]]) -> None:
        self.text, self.find, self.spread = text, find, spread

    def read(self) -> str:
        """The side over ids in brackets. Raises Unreadable."""
        text = re.sub(r"^(?:应|须|必须|该|为|的|是|与|和|之)+|(?:之和|的和|合计)$|(?:相等|一致)$", "", self.text)
        text = re.sub(r"(?<=\d)(?:加|与|和)(?=[A-Z]{0,3}\d)", "+", text)
        text = re.sub(r"(?<=\d)减(?=[A-Z]{0,3}\d)", "-", text)
        text = re.sub(r"(?<=\d)乘以?(?=[A-Z]{0,3}\d)", "×", text)
        text = re.sub(r"(?<=\d)除以(?=[A-Z]{0,3}\d)", "÷", text)
        if whole := self.find(text):
            return f"[{whole}]"
        tokens = [(m.lastgroup, m) for m in self._TOKEN.finditer(text)]
        tokens = [
            (("range" if m["range"] else "percent" if m["percent"] else "op" if m["op"] else "word"), m)
            for _, m in tokens
        ]
        if not tokens:
            raise Unreadable("有一边是空的")
        self.tokens, self.position = tokens, 0
        top, bottom = self._sum()
        if self.position < len(tokens):
            raise Unreadable(f"看不懂“{text}”")
        return f"{_sum_text(top)} / {_sum_text(bottom)}" if bottom else _sum_text(top)

    def _peek(self) -> str:
        return self.tokens[self.position][1][0] if self.position < len(self.tokens) else ""

    def _sum(self) -> tuple[list[Term], list[Term]]:
        """A sum of terms; with a quotient there can be but one term."""
        top, bottom = self._product(1)
        while self._peek() in ("+", "＋", "-", "－", "—"):
            sign = 1 if self._peek() in "+＋" else -1
            self.position += 1
            more, under = self._product(sign)
            if bottom or under:
                raise Unreadable("商不能再加减")
            top = top + more
        return top, bottom

    def _product(self, sign: int) -> tuple[list[Term], list[Term]]:
        top, bottom = self._factor()
        top = [Term(sign * one.times, one.id) for one in top]
        while self._peek() in ("×", "x", "X", "*", "·", "÷", "/") and self._peek():
            by = self._peek()
            self.position += 1
            factor, under = self._factor()
            if under:
                raise Unreadable("商里还有商")
            if by in "÷/":
                if bottom:
                    raise Unreadable("除了两次")
                bottom = factor
            elif all(not one.id for one in factor):
                top = [Term(one.times * sum(f.times for f in factor), one.id) for one in top]
            elif all(not one.id for one in top):
                top = [Term(one.times * sum(t.times for t in top), one.id) for one in factor]
            else:
                raise Unreadable("两个指标相乘")
        return top, bottom

    def _factor(self) -> tuple[list[Term], list[Term]]:
        if self.position >= len(self.tokens):
            raise Unreadable("少了一项")
        kind, match = self.tokens[self.position]
        self.position += 1
        if kind == "op" and match[0] == "(":
            inside = self._sum()
            if self._peek() != ")":
                raise Unreadable("括号没有成对")
            self.position += 1
            return inside
        if kind == "range":
            ids = self.spread(match["from"], match["to"])
            if not ids:
                raise Unreadable(f"找不到“{match[0]}”")
            return [Term(1, one) for one in ids], []
        if kind == "percent":
            if match[0] == "100%":
                return [Term(100, "")], []
            raise Unreadable(f"百分数 {match[0]}")
        if kind == "word":
            return [self._named(match[0])], []
        raise Unreadable(f"看不懂“{self.text}”")

    def _named(self, word: str) -> Term:
        if found := self.find(word):
            return Term(1, found)
        if re.fullmatch("0|[1-9][0-9]{0,14}", word):  # 09 is a code that is not there, never nine
            return Term(int(word), "")
        bare = re.sub(r"^(?:指标|项目|本表)|(?:之和|的和|合计|的?数|各项)$", "", word)
        if bare != word and (found := self.find(bare)):
            return Term(1, found)
        code = _CODE.match(word) or re.search(r"\((" + _CODE.pattern + r")\)$", word)
        rest = word.replace(code[0], "", 1) if code else ""
        if code and re.fullmatch(r"[\u4e00-\u9fff]+", rest) and (found := self.find(code[0].strip("()"))):
            return Term(1, found)
        raise Unreadable(f"找不到“{word}”")


def _sum_text(terms: list[Term]) -> str:
    parts = []
    for term in terms:
        size, sign = abs(term.times), "-" if term.times < 0 else "+"
        body = (f"{size} * " if size != 1 else "") + f"[{term.id}]" if term.id else str(size)
        parts.append(body if not parts and sign == "+" else f"{sign} {body}")
    return " ".join(parts)
