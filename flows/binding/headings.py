"""Which part and area of the report a paragraph belongs to, told by its headings."""

import re

from flows.binding.order import DONE, LACKING, PLAN, PLAN_PREAMBLE, PREAMBLE, Order

NUMBERED = re.compile(
    r"\s*(?:(?P<part>第[一二三四五六七八九十]+(?:部分|章|、)?|[一二三四五六七八九十]+[、.．])"
    r"|(?P<area>[（(][一二三四五六七八九十]+[）)]、?)"
    r"|(?P<item>\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[）)]|[一二三四五六七八九十]+是))"
)
PLANNING = re.compile(r"打算|计划|安排|思路|下一步|明年|下年|来年|下一年|展望|工作目标|谋划|今后")
PROBLEMS = re.compile(r"问题|不足|短板|困难|弱项|差距")
LOOKING_BACK = re.compile(r"回顾|总结|完成情况|开展情况|成效|做法|全年工作|主要工作|工作情况")
LOOKING_AHEAD = re.compile(
    r"\s*(?:明年|下一步|下年|来年|新的一年"
    r"|(?:做好)?20\d\d年[^。]{0,8}(?:我们将|我镇将|全镇将|工作总体要求|工作的总体))"
)
LONGEST = 40
"""Characters of a heading; twice the longest of the 81 headings in the reports of tests/data/reports (20, 2026-11)."""


class Places:
    """Where reading has got to: `part`, `area`, the last `head`; `numbered` once a top heading has been met."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.part, self.area, self.head = PREAMBLE, "", ""
        self.numbered = False

    def enter(self, text: str, heading: bool) -> None:
        """Read one paragraph; `heading` when the document's styles say it is one."""
        if LOOKING_AHEAD.match(text) and self.part not in (PLAN, PLAN_PREAMBLE):
            self.part, self.area = PLAN_PREAMBLE, ""
        match = NUMBERED.match(text)
        head = re.split(r"[。：:；;]", text, maxsplit=1)[0][:LONGEST]
        alone = len(text.strip()) <= LONGEST and not text.rstrip().endswith(("。", "；", "，", "："))
        if match and match["item"] and not alone:
            return
        self.numbered = self.numbered or heading
        if match or heading or (alone and self.numbered):
            self._enter_head(match, head, alone, heading)

    def part_without_headings(self, part: str) -> str:
        """The part of a blank in a document without headings: only what a sentence says of the future is known."""
        return part if part == PLAN_PREAMBLE else ""

    def area_of(self, head: str) -> str:
        """The area whose words a heading has most of; '' when none."""
        weights = {area: sum(len(word) for word in words if word in head) for area, words in self.order.heads.items()}
        best = max(weights, key=lambda area: weights[area])
        return best if weights[best] else ""

    def _enter_head(self, match: re.Match[str] | None, head: str, alone: bool, heading: bool) -> None:
        top = bool(match and match["part"])
        if top or (alone and match is None):
            self._enter_part(head, top, heading)
        area = self.area_of(head)
        if area or top:
            self.area = area
        if self.part == PLAN_PREAMBLE and ((match and match["area"]) or (heading and area and not top)):
            self.part = PLAN
        self.head = head

    def _enter_part(self, head: str, top: bool, heading: bool) -> None:
        plan, back = PLANNING.search(head), LOOKING_BACK.search(head)
        self.numbered = self.numbered or top
        if not self.numbered:
            return
        if plan and not (back and back.start() > plan.start()):
            self.part = PLAN_PREAMBLE
        elif PROBLEMS.search(head) and not back and (top or heading) and self.part == DONE:
            self.part = LACKING
        elif self.part == PREAMBLE and (top or (heading and back)):
            self.part = DONE
        elif top and self.part == LACKING:
            self.part = PLAN_PREAMBLE
