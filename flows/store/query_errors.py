"""What DuckDB says of a query, in the clerk's language; what is not known here is quoted as it is."""

import re

_SAID = (
    (r"Table with name (.+?) does not exist!(?:.*?Did you mean \"(.+?)\")?", "没有叫 {} 的表", "，是不是 {}？"),
    (
        r"Referenced (?:column|table) \"(.+?)\" not found.*?(?:Candidate bindings: (.+))?$",
        "没有叫 {} 的栏",
        "，相近的有 {}",
    ),
    (r"Function with name (.+?) does not exist!", "没有叫 {} 的函数", ""),
    (r"syntax error at or near \"(.+?)\"", "语句在“{}”附近写得不对", ""),
    (r"syntax error at end of input", "语句没有写完", ""),
    (r"unterminated (?:quoted|string|identifier)", "引号没有成对", ""),
    (r"column \"(.+?)\" must appear in the GROUP BY clause", "{} 没有写进 GROUP BY，也没有用合计函数", ""),
    (r"Ambiguous reference to column name \"(.+?)\"", "{} 在几张表里都有，请写成 表.栏", ""),
    (r"Could not convert string '(.*?)' to (\w+)", "“{}”换算不成数", ""),
    (r"attached in read-only mode", "只能查询，不能改动数据", ""),
    (r"file system operations are disabled|Permission Error", "查询里不能读写文件，也不能连别的库", ""),
    (r"configuration has been locked", "查询的设置不能改", ""),
    (r"Out of Memory|failed to allocate", "查询占用内存过多，请缩小范围后再查", ""),
)
"""Pattern of DuckDB 2.0's message, what it means, and what is added when it names a likely one."""


def in_chinese(message: str) -> str:
    """One line for the clerk."""
    text = " ".join(message.partition("\n\nLINE")[0].split())
    for pattern, meaning, hint in _SAID:
        if found := re.search(pattern, text):
            said = [group for group in found.groups() if group]
            return meaning.format(*said[:1]) + (hint.format(said[1]) if hint and len(said) > 1 else "")
    return f"DuckDB 说 {text[:300]}" if text else "内存不足"
