"""What the command line says: click's help and complaints in Chinese."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import click

HELP_COLUMNS = 78
"""As click prints its own help: the 80 columns of a terminal less two."""
_LABELS = 26
"""Columns that options or commands take at most before what is said of them begins on the next line."""
_PIECE = re.compile(r"(?:[!-~]+|[^!-~])[，。、；：）”》？！…]*")
"""What may not be cut at the end of a line: a word or one character, with the marks behind it."""


def columns_of(text: str) -> int:
    """How many columns of a terminal the text takes: a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def folded(text: str, columns: int) -> Iterator[str]:
    """The text in lines of at most so many columns."""
    line = ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if line and columns_of(line + piece) > columns:
            yield line.rstrip()
            line = ""
        line += piece.lstrip() if not line else piece
    yield line


class Formatter(click.HelpFormatter):
    """Click's help, wrapped and aligned by the columns that characters take, not by their number."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        self.write_text(f"{prefix or ''}{prog} {args}".rstrip())

    def write_heading(self, heading: str) -> None:
        """A section's heading."""
        self.write(f"{'':{self.current_indent}}{heading}：\n")

    def write_text(self, text: str) -> None:
        """A paragraph."""
        for line in folded(text, HELP_COLUMNS - self.current_indent):
            self.write(f"{'':{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _LABELS, col_spacing: int = 2) -> None:
        """Words and what is said of them, in two columns."""
        rows = list(rows)
        label = min(max(columns_of(word) for word, _ in rows), col_max) + col_spacing
        for word, said in rows:
            lines = list(folded(said, HELP_COLUMNS - self.current_indent - label))
            if columns_of(word) + col_spacing > label:
                lines.insert(0, "")
            head = word + " " * max(0, label - columns_of(word))
            for number, line in enumerate(lines):
                text = f"{'':{self.current_indent}}{' ' * label if number else head}{line}"
                self.write(text.rstrip() + "\n")


class _Context(click.Context):
    formatter_class = Formatter


class ChineseHelp:
    """Click's help and complaints, in Chinese."""

    def get_usage(self, ctx: click.Context) -> str:
        """The usage line."""
        return super().get_usage(ctx).replace("Usage:", "用法：").replace("[OPTIONS]", "[选项]")  # type: ignore[misc]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces after the command's name."""
        pieces = super().collect_usage_pieces(ctx)  # type: ignore[misc]
        return ["命令 [参数]…" if "COMMAND" in piece else piece.replace("[OPTIONS]", "[选项]") for piece in pieces]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and of a group its commands."""
        records = [
            record
            for param in self.get_params(ctx)  # type: ignore[attr-defined]
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx))
        ]
        if records:
            with formatter.section("选项"):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            commands = [(name, self.commands[name].get_short_help_str(1_000)) for name in self.list_commands(ctx)]
            with formatter.section("命令"):
                formatter.write_dl(commands)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, with a Chinese word for it."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这段说明后退出。"
        return option


class Command(ChineseHelp, click.Command):
    """A command with Chinese help."""

    context_class = _Context


class Group(ChineseHelp, click.Group):
    """The commands in the order in which they are declared."""

    command_class = Command
    context_class = _Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In declared order."""
        return list(self.commands)


def complaint(error: click.ClickException, commands: Sequence[str]) -> str:
    """A wrong call in one Chinese line, with the nearest right word; never a sentence of click's."""
    maybe = "，是不是 {}？".format
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}" + (maybe(error.possibilities[0]) if error.possibilities else "")
    if isinstance(error, click.MissingParameter):
        named = error.param and (error.param.metavar or error.param.name)
        return f"缺少参数 {named or ''}"
    if isinstance(error, click.BadParameter):
        return f"{_called(error.param)}的值不对{_allowed(error.param)}"
    if isinstance(error, click.BadOptionUsage):
        takes_none = "does not take" in error.message
        return f"选项 {error.option_name} 后面{'不要写值' if takes_none else '要写一个值'}"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return "后面要写一个命令，可用 --help 查看"
    words = error.message.split("'")
    if error.message.startswith("No such command") and len(words) > 1:
        group = getattr(getattr(error, "ctx", None), "command", None)
        near = difflib.get_close_matches(words[1], list(getattr(group, "commands", commands)), n=1)
        return f"没有命令 {words[1]}" + (maybe(near[0]) if near else "，可用 --help 查看")
    if "unexpected extra argument" in error.message:
        return f"多余的参数：{error.message.split('(')[-1].rstrip(').')}"
    if "Missing command" in error.message:
        return "后面要写一个命令，可用 --help 查看"
    return "命令的写法不对，可用 --help 查看"


def _called(param: click.Parameter | None) -> str:
    if isinstance(param, click.Argument):
        return f"参数 {param.metavar or param.name} "
    return f"选项 {param.opts[0]} " if param else "选项"


def _allowed(param: click.Parameter | None) -> str:
    kind = getattr(param, "type", None)
    if isinstance(kind, click.Choice):
        return f"，可选：{'、'.join(kind.choices)}"
    return "，应为整数" if isinstance(kind, click.types.IntParamType) else ""
