"""What the command line says: click's help and complaints in Chinese, and what a full disk is."""

import errno
from collections.abc import Sequence

import click

_FULL = ("No space left on device", "not enough space on the disk")
"""How systems say it, where DuckDB only passes their words on."""


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
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]  # type: ignore[attr-defined]
        if records:
            with formatter.section("选项"):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            commands = [(name, self.commands[name].get_short_help_str(60)) for name in self.list_commands(ctx)]
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


class Group(ChineseHelp, click.Group):
    """The commands in the order in which they are declared."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In declared order."""
        return list(self.commands)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether there was no room left to write, as Python or DuckDB say it, here or further down the cause."""
    while error is not None:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        if full or any(words in str(error) for words in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def complaint(error: click.ClickException, commands: Sequence[str]) -> str:
    """A wrong call in one Chinese line, with the nearest right word."""
    maybe = "，是不是 {}？".format
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}" + (maybe(error.possibilities[0]) if error.possibilities else "")
    if isinstance(error, click.MissingParameter):
        named = error.param and (error.param.metavar or error.param.name)
        return f"缺少参数 {named or ''}"
    if isinstance(error, click.BadParameter):
        choices = (
            f"，可选：{'、'.join(error.param.type.choices)}"
            if isinstance(getattr(error.param, "type", None), click.Choice)
            else ""
        )
        name = error.param.opts[0] if error.param else ""
        return f"选项 {name} 的值不对{choices}" if error.param else error.message
    words = error.message.split("'")
    if error.message.startswith("No such command") and len(words) > 1:
        import difflib

        near = difflib.get_close_matches(words[1], commands, n=1)
        return f"没有命令 {words[1]}" + (maybe(near[0]) if near else "，可用 cunhui --help 查看")
    if "unexpected extra argument" in error.message:
        return f"多余的参数：{error.message.split('(')[-1].rstrip(').')}"
    if "requires an argument" in error.message:
        return f"选项 {getattr(error, 'option_name', '')} 后面要写一个值"
    return error.message
