"""A submission's states, and the one place where they are put into words."""

LATE = {"missing": "未报", "unreadable": "读不出", "returned": "退回待改"}
"""States that call for a reminder, the most urgent first."""

STATES = {
    "accepted": "已采用",
    "accepted with explanations": "已采用（有说明）",
    "returned": "已退回",
    "unreadable": "读不出来",
    "unidentified": "认不出单位",
    "superseded": "已有新报表",
    "duplicate": "重复",
    "missing": "未报",
    "": "未报",
}

FAILED = ("unreadable", "unidentified")

IN = ("accepted", "accepted with explanations")

STATE_WORDS = {
    "accepted": "已采用",
    "accepted with explanations": "已采用（有说明）",
    "returned": "退回",
    "unreadable": "读不出",
    "unidentified": "认不出单位",
    "superseded": "已被新报表替代",
    "duplicate": "重复",
    "missing": "未报",
}
