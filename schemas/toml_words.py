"""What Python's TOML reader complains of, in Chinese: it names no class of error, only an English sentence."""

import re

_AT = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SLIPS = [
    (re.compile(pattern), advice)
    for pattern, advice in (
        ("[“”‘’＂＝［］｛｝，．]", "引号、等号、逗号、括号都要用半角的"),
        (r"=\s*\d{4}[-/.年]\d", "日期写成 2025-01-05，加时间的写成 2025-01-05T18:00:00，月、日都是两位，须是有的一天"),
        (r"=\s*0\d", "数的前面不写 0"),
        (r"=\s*(True|TRUE|False|FALSE|[Yy]es|YES|[Nn]o|NO|是|否)\b", "只写 true 或 false，都是小写"),
    )
]
"""What clerks write for what TOML knows: marks of a Chinese keyboard, dates as Excel shows them."""

_SENTENCES = {
    "Invalid statement": "这一行看不懂，应为 键 = 值，或 [名称]，中文键名要写在半角双引号里",
    "Expected newline or end of document after a statement": "值的后面还有多余的字，一行只写一个键",
    "Found invalid character": "有不许用的控制字符，请删去",
    "Expected '=' after a key": "键的后面少了半角等号 =",
    "Expected ']'": "少了右方括号 ]",
    "Expected ']]'": "少了右方括号 ]]",
    "Expected": "引号、括号没有成对",
    "Cannot declare": "同一节写了两次",
    "Cannot overwrite a value": "同一个键或同一节写了两次",
    "Cannot mutate immutable namespace": "这一节前面已经写完，不能再添",
    "Cannot redefine namespace": "这一节前面已经写过",
    "Invalid initial character for a key part": "键名的写法不对，中文键名要写在半角双引号里",
    "Unclosed array": "少了右方括号 ]，或两项之间少了半角逗号",
    "Unclosed inline table": "少了右花括号 }，或两项之间少了半角逗号",
    "Duplicate inline table key": "同一个键写了两次",
    "Unescaped '\\' in a string": r"双引号里的 \ 要写成 \\，或改用单引号",
    "Escaped character is not a Unicode scalar value": r"\u 后面的编码没有对应的字",
    "Invalid hex value": r"\u、\x 后面要写十六进制数字",
    "Unterminated string": "引号没有成对",
    "Illegal character": "引号里有换行或控制字符，一段文字要写在一行里，两头用半角双引号",
    "Invalid date or datetime": "没有这个日期或时间",
    "Invalid value": "值的写法不对，文字要写在半角双引号里",
}
_OTHERWISE = "看不懂这一行"


def complaint(error: Exception, text: str) -> tuple[int, str, str]:
    """The line (0 where none is known), what is wrong there, and what the line says now or a hint."""
    words = str(error)
    found = _AT.search(words)
    if isinstance(error, RecursionError) or "nested" in words:
        return 0, "括号套得太多", ""
    if found is None:
        return 0, "有一个数字太长" if "limit" in words else _OTHERWISE, ""
    line = int(found[1]) if found[1] else max(1, len(text.rstrip("\n").split("\n")))
    known = [sentence for sentence in _SENTENCES if words.startswith(sentence)]
    said = _SENTENCES[max(known, key=len)] if known else _OTHERWISE
    written = text.split("\n")[line - 1].strip()
    hint = f"这一行是：{written[:60]}" if written else ""
    hint += "".join(f"（{advice}）" for slip, advice in _SLIPS if slip.search(written.partition("#")[0]))
    return line, said, hint
