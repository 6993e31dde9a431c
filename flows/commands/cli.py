"""The command line `cunhui`: thin commands in Chinese. A user's mistake is one line and exit 2, never a traceback."""

from flows.commands import stopping

if __name__ == "__main__":  # before anything is loaded, for a signal may come at once
    stopping.listen()

import getpass
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from flows.commands import mishaps
from flows.commands.chinese import Group, complaint
from flows.commands.rebuild import rebuild_store
from flows.values.characters import printable

COMPLETE, FAILED, WRONG_CALL, INCOMPLETE = 0, 1, 2, 3


from_inputs = click.option("--inputs", default="inputs", metavar="文件夹", help="输入文件夹，默认 inputs。")


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes."""
    for option in (
        click.option("--outputs", default="outputs", metavar="文件夹", help="输出文件夹，默认 outputs。"),
        from_inputs,
        click.option("--year", type=int, metavar="年份", help="哪一年，默认按 township.toml。"),
    ):
        command = option(command)
    return command


def _say_more(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    """For this process and those that it starts."""
    if asked and not ctx.resilient_parsing:
        from flows.logs import VERBOSE  # heavy: logging

        os.environ[VERBOSE] = "1"


verbose = click.option(
    "--verbose", is_flag=True, expose_value=False, callback=_say_more,
    help="每一步、每份报表在标准错误上说一行；日志总是在 outputs/log。",
)  # fmt: skip
as_json = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出，供其他程序使用。")


def _versions(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    """Say the versions of the program and of what it stands on, and end."""
    if not asked or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # heavy: importlib.metadata

    named = {"Python": ".".join(map(str, sys.version_info[:3]))} | {
        each: version(each) for each in ("prefect", "duckdb")
    }
    click.echo(f"村汇 {version('cunhui')}（{'，'.join(f'{name} {number}' for name, number in named.items())}）")
    ctx.exit(COMPLETE)


@click.group(cls=Group)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="显示版本后退出。")
def cli() -> None:
    """村汇：收集各村各站所的年报表，审核、汇总、出表，每个数都能查到出处。"""


@cli.command()
@click.option("--only", multiple=True, metavar="单位", help="只处理这个单位（名称或代码），可写多次。")
@click.option("--retry", is_flag=True, help="只重做上次没成功的和新来的。")
@click.option("--dask", metavar="地址", help="由这个 Dask 调度器下的各台电脑读表，如 tcp://192.168.1.10:8786。")
@click.option("--progress", is_flag=True, help="逐行写出进度（JSON，在标准错误上），供其他程序使用。")
@verbose
@as_json
@common
def run(
    only: tuple[str, ...],
    retry: bool,
    dask: str | None,
    progress: bool,
    as_json: bool,
    year: int | None,
    inputs: str,
    outputs: str,
) -> int:
    """汇总：收集、审核、入库、合计、出表。"""
    from flows.commands.run import run_collection  # heavy: msgspec

    return run_collection(year, only, retry, inputs, outputs, as_json, dask, progress)


@cli.command()
@click.argument("folder", metavar="文件夹")
@click.option("--name", metavar="名称", help="乡镇的名称。")
@click.option("--code", metavar="代码", help="统计用区划代码的前 9 位；收报送包的县 6 位、市 4 位、省 2 位。")
@click.option("--year", type=int, metavar="年份", help="收哪一年的数。")
@click.option("--units", metavar="名册", help="本乡镇自己的名册，Excel 或 CSV，有村名一栏即可。")
@click.option(
    "--catalogue", "book", metavar="目录", help="自己的指标目录（.xlsx 或文件夹），名册按它认；不写用内置的。"
)
def setup(
    folder: str, name: str | None, code: str | None, year: int | None, units: str | None, book: str | None
) -> int:
    """新建：给自己的乡镇建好文件夹、设置和名册；没有写的，逐项询问。"""
    from flows.commands.setup import set_up  # heavy: msgspec

    return set_up(folder, name, code, year, units, book)


@cli.command()
@common
def forms(year: int | None, inputs: str, outputs: str) -> int:
    """生成空白报表：每村每站所一份，带上年数供对照。"""
    from flows.commands.forms import make_forms  # heavy: DuckDB and pandas

    return make_forms(year, inputs, outputs)


@cli.command()
@click.option("--unit", metavar="单位", help="只看这个单位（名称或代码）：历次所报，改了哪些格，合计怎么变的。")
@as_json
@common
def status(unit: str | None, as_json: bool, year: int | None, inputs: str, outputs: str) -> int:
    """看进度：谁报了、谁被退回、谁没报、卡在哪里。"""
    if unit:
        from flows.commands.status_unit import show_unit  # heavy: DuckDB and pandas

        return show_unit(unit, year, inputs, outputs, as_json)
    from flows.commands.status import show_status  # heavy: DuckDB and pandas

    return show_status(year, inputs, outputs, as_json)


def signed(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that are written down with who did it and why."""
    command = click.option("--why", "--reason", "why", default="", metavar="原因", help="为什么，记录在案。")(command)
    who = click.option(
        "--by", "--who", "who", metavar="姓名", default=_user, help="谁决定的，记录在案；默认是电脑的用户名。"
    )
    return who(command)


def _user() -> str:
    """Who sits at this computer."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name anywhere: an odd system account
        return "未署名"


@cli.command()
@click.argument("unit", metavar="单位")
@click.argument("revision", type=int, metavar="版次")
@signed
@common
def restore(unit: str, revision: int, who: str, why: str, year: int | None, inputs: str, outputs: str) -> int:
    """恢复旧版：重新采用某单位以前报过、当时合格的一版。"""
    from flows.commands.restore import restore_revision  # heavy: DuckDB and pandas

    return restore_revision(unit, revision, who, why, year, inputs, outputs)


@cli.command()
@click.option("--compact", is_flag=True, help="不核对，只整理数据库：把删改多次以后空占的磁盘还出来。")
@as_json
@common
def verify(compact: bool, as_json: bool, year: int | None, inputs: str, outputs: str) -> int:
    """核对：原件、流水账、数据库、查询副本和各表是否相符，不符的怎样处理。"""
    from flows.commands.verify import show_differences, show_space  # heavy: msgspec

    del year, inputs
    return show_space(outputs, as_json) if compact else show_differences(outputs, as_json)


@cli.command()
@click.argument("file", required=False, metavar="[文件.zip]")
@click.option("--restore", "back", is_flag=True, help="恢复：把备份放回收件和输出两个文件夹，并重建数据库。")
@click.option("--replace", is_flag=True, help="恢复到已有内容的文件夹；原来的移到旁边，不删除。")
@common
def backup(file: str | None, back: bool, replace: bool, year: int | None, inputs: str, outputs: str) -> int:
    """备份：把不能重做的（收件夹、原件、流水账、封存的数）存成一个文件；换电脑也用它。"""
    from flows.commands.backup import make_backup, put_back  # heavy: msgspec

    del year
    return put_back(file, inputs, outputs, replace) if back else make_backup(file, inputs, outputs)


@cli.command()
@common
def rebuild(year: int | None, inputs: str, outputs: str) -> int:
    """重建：数据库损坏或丢失时，用流水账、原件和设置重新做一份。"""
    return rebuild_store(year, inputs, outputs)


@cli.command()
@click.option("--reopen", is_flag=True, help="开封：封存后要改的，先开封，改完再封。")
@click.option(
    "--except", "excepted", multiple=True, metavar="单位", help="这个单位没有采用也封存，可写多次，并写明 --why。"
)
@signed
@common
def close(
    reopen: bool, excepted: tuple[str, ...], who: str, why: str, year: int | None, inputs: str, outputs: str
) -> int:
    """封存：全部采用后封存一年的数，此后到的文件不再采用。"""
    from flows.commands import close as closing  # heavy: DuckDB and pandas

    if reopen:
        return closing.reopen(inputs, outputs, year, who, why)
    return closing.close(inputs, outputs, year, who, why, excepted)


@cli.command("next-year")
@click.option("--open", "is_open", is_flag=True, help="本年还没有封存也建。")
@common
def next_year(is_open: bool, year: int | None, inputs: str, outputs: str) -> int:
    """下一年：建好下一年的文件夹，设置改到下一年；名册、目录、模板照旧。"""
    from flows.commands.next_year import begin_next_year  # heavy: msgspec and tomlkit

    return begin_next_year(inputs, outputs, year, is_open)


@cli.command()
@click.argument("query", required=False, metavar="[查询语句]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "xlsx", "parquet"]),
    default="table",
    metavar="格式",
    help="table（默认）、csv、json、xlsx 或 parquet。",
)
@click.option("--json", "as_json", is_flag=True, help="同 --format json。")
@click.option("--out", metavar="文件", help="写到这个文件，而不是屏幕；xlsx 和 parquet 默认写到“查询结果”。")
@common
def sql(
    query: str | None, form: str, as_json: bool, out: str | None, year: int | None, inputs: str, outputs: str
) -> int:
    """用 SQL 查询结果（只读）；不写语句则进入交互查询。"""
    from flows.commands.sql import answer, converse  # heavy: rich

    del year, inputs
    if query is None:
        return converse(Path(outputs))
    return answer(Path(outputs), query, "json" if as_json else form, out)


@cli.command()
@click.argument("indicator", metavar="指标")
@click.argument("unit", required=False, metavar="[单位]")
@as_json
@common
def trace(indicator: str, unit: str | None, as_json: bool, year: int | None, inputs: str, outputs: str) -> int:
    """追溯：一个数（指标、目标、文字，或模板里的 {{槽位}}）出自哪个文件、哪张表、哪一格，历次怎么报的。"""
    from flows.commands import trace as tracing  # heavy: rich

    return tracing.trace(indicator, unit, year, Path(inputs), Path(outputs), as_json)


@cli.group(cls=Group)
def report() -> None:
    """报告模板：把去年的报告变成模板（bind），检查模板（check），列出要自己给的数（figures），把它转为指标（promote）。"""


@report.command()
@click.argument("file", metavar="文件")
@click.option("--out", metavar="文件", help="模板写到这里，默认在原文件旁边。")
@click.option("--apply", metavar="核对单.xlsx", help="照核对单里“处理”一栏的决定重新写模板。")
@as_json
@common
def bind(
    file: str, out: str | None, apply: str | None, as_json: bool, year: int | None, inputs: str, outputs: str
) -> int:
    """做模板：给报告里的空白（XX、___）或写好的数找到对应的指标，写出模板和核对单。"""
    from flows.commands.report_bind import bind_command  # heavy: NumPy and lxml

    return bind_command(file, out, as_json, inputs, outputs, year, apply)


@report.command()
@click.argument("file", metavar="文件")
@click.option(
    "--declare", is_flag=True, help="把列出的固定说法（三季度、80岁以上）写进模板旁边的 report_constants.toml。"
)
@as_json
@from_inputs
def check(file: str, declare: bool, as_json: bool, inputs: str) -> int:
    """查模板：不认识的、没用到的、重复的和拿不准的地方。"""
    from flows.commands.report_check import check_command  # heavy: lxml

    return check_command(file, as_json, inputs, declaring=declare)


@report.command()
@from_inputs
@click.option("--year", type=int, metavar="年份", help="哪一年，默认按 township.toml。")
def figures(inputs: str, year: int | None) -> int:
    """补充数：生成或补齐这一年的报告补充数表，旁边列上年数；说还缺哪些。"""
    from flows.commands.report_figures import make_figures  # heavy: lxml

    return make_figures(inputs, year)


@report.command()
@click.argument("figure", metavar="补充数")
@click.option("--area", metavar="类别", help="写进哪一类：目录里一类的名称。")
@click.option("--reporter", metavar="填报", help="由谁填报：各村、乡镇本级，或一个站所的名称。")
@click.option("--name", metavar="名称", help="另取的名称，模板和补充数表里一起改；默认照旧。")
@click.option("--since", type=int, metavar="年份", help="从哪一年起收，默认就是这一年。")
@click.option("--year", type=int, metavar="年份", help="哪一年的补充数，默认按 township.toml。")
@from_inputs
def promote(
    figure: str, area: str | None, reporter: str | None, name: str | None, since: int | None, year: int | None,
    inputs: str,
) -> int:  # fmt: skip
    """转为指标：一个补充数以后由各村或站所填报，写进自己的目录；目录写坏了不写。"""
    from flows.commands.report_promote import promote_command  # heavy: lxml and xlsxwriter

    return promote_command(figure, area, reporter, name, since, inputs, year)


@cli.group(cls=Group)
def catalogue() -> None:
    """指标目录：检查（check），复制内置的来改（copy），导出成 Excel（export），导入（import）。"""


@catalogue.command("check")
@as_json
@from_inputs
def check_catalogue(as_json: bool, inputs: str) -> int:
    """查目录：一次说清所有错处，再说比内置目录增减、改了什么，谁来报。"""
    from flows.commands.catalogue import check_catalogue  # heavy: msgspec

    return check_catalogue(Path(inputs), as_json)


@catalogue.command("copy")
@from_inputs
def copy_catalogue(inputs: str) -> int:
    """复制：把内置目录复制到 inputs/catalogue 供修改；已有的不覆盖。"""
    from flows.commands.catalogue import copy_catalogue  # heavy: msgspec

    return copy_catalogue(Path(inputs))


class _Packages(Group):
    """`package FILE.zip` without a verb makes one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the verb in where it is left out."""
        verbs = (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if args and args[0] in verbs else ["make", *args])


@cli.group(cls=_Packages)
def package() -> None:
    """报送：一年的数打成一个文件报县里（package [文件.zip]），查包（check），收回执（receipt），做钥匙（keys）。"""


@package.command("make")
@click.argument("file", required=False, metavar="[文件.zip]")
@click.option("--key", metavar="私钥", help="用这把私钥签名；它有密码的，设环境变量 CUNHUI_KEY_PASSWORD。")
@common
def make_package(file: str | None, key: str | None, year: int | None, inputs: str, outputs: str) -> int:
    """打包：采用的数、合计、明细、问题和说明、汇总表、报告，连同指纹；没有封存的注明是暂定数。"""
    from flows.commands.package import make_package  # heavy: msgspec

    return make_package(file, key, year, inputs, outputs)


@package.command("check")
@click.argument("file", metavar="文件.zip")
@click.option("--pub", "keys", multiple=True, metavar="公钥", help="签名应是这把公钥的，可写多把。")
@as_json
def check_package(file: str, keys: tuple[str, ...], as_json: bool) -> int:
    """查包：指纹、签名对不对，合计是不是各村的数加出来的，有没有别处的村。"""
    from flows.commands.package import check_package  # heavy: msgspec

    return check_package(file, keys, as_json)


@package.command("roster")
@click.argument("files", nargs=-1, required=True, metavar="文件.zip…")
@click.option("--out", default="units.csv", metavar="文件", help="名册写到这里，默认 units.csv；已有的不覆盖。")
def package_roster(files: tuple[str, ...], out: str) -> int:
    """县里的名册：把几个乡镇报送包里的单位合成一份 units.csv。"""
    from flows.commands.package import make_roster  # heavy: msgspec

    return make_roster(files, out)


@package.command("totals")
@click.argument("files", nargs=-1, required=True, metavar="文件.zip…")
@click.option("--out", default="合计.parquet", metavar="文件", help="各级合计写到这里（Parquet），默认 合计.parquet。")
def package_totals(files: tuple[str, ...], out: str) -> int:
    """各级合计：把许多报送包的数直接加到乡镇、县、市、省，不逐村重新审核。"""
    from flows.commands.package import add_up  # heavy: msgspec

    return add_up(files, out)


@package.command("receipt")
@click.argument("file", metavar="回执.zip")
@as_json
@common
def package_receipt(file: str, as_json: bool, year: int | None, inputs: str, outputs: str) -> int:
    """收回执：县里对报送包的答复，存档；cunhui status 里看得到。"""
    from flows.commands.package import take_receipt  # heavy: msgspec

    return take_receipt(file, year, inputs, outputs, as_json)


@package.command("keys")
@click.argument("folder", metavar="文件夹")
def package_keys(folder: str) -> int:
    """做钥匙：一把私钥自己签名用，一把公钥交给县里。"""
    from flows.commands.package import make_keys  # heavy: msgspec

    return make_keys(folder)


@catalogue.command("export")
@click.argument("file", required=False, metavar="[文件.xlsx]")
@from_inputs
def export_catalogue(file: str | None, inputs: str) -> int:
    """导出：把目录写成一本 Excel 工作簿，一行一个指标，改好再导入。"""
    from flows.commands.catalogue import export_catalogue  # heavy: msgspec and xlsxwriter

    return export_catalogue(Path(inputs), file)


@catalogue.command("import")
@click.argument("file", metavar="文件.xlsx")
@click.option("--yes", is_flag=True, help="不再询问，直接写入。")
@from_inputs
def import_catalogue(file: str, yes: bool, inputs: str) -> int:
    """导入：读回工作簿，先说改了什么，同意后写入 inputs/catalogue。"""
    from flows.commands.catalogue import import_catalogue  # heavy: msgspec, pebble and xlsxwriter

    return import_catalogue(Path(inputs), file, yes)


@cli.command()
@click.argument("files", nargs=-1, metavar="[表格…]")
@click.option(
    "--sample", "samples", multiple=True, metavar="文件", help="填好的同样的表，可写多次：各村不同的格就是填报格。"
)
@click.option("--last", is_flag=True, help="新一年的表：与目录里它上年的表对照，同上年的沿用原来的代码。")
@click.option("--out", metavar="文件", help="核对表写到这里，默认是原表旁边的 核对表.xlsx。")
@click.option("--apply", "review", metavar="核对表", help="核对完了：按核对表写进 inputs/catalogue。")
@click.option("--undo", "back", is_flag=True, help="撤回最近一次写进去的。")
@as_json
@from_inputs
def adopt(
    files: tuple[str, ...], samples: tuple[str, ...], last: bool, out: str | None, review: str | None, back: bool,
    as_json: bool, inputs: str,
) -> int:  # fmt: skip
    """收编上级的表：认出空白表里要填什么，写出核对表；核对后写进自己的目录。"""
    from flows.commands import adopt as adopting  # heavy: calamine, pebble and msgspec

    if back:
        return adopting.undo_last(inputs)
    if review:
        return adopting.apply_review(files, review, as_json, inputs)
    return adopting.read_forms(files, samples, out, last, as_json, inputs)


@cli.command()
@click.option("--no-browser", is_flag=True, help="只写出链接，不打开浏览器。")
@click.option("--shortcut", is_flag=True, help="在桌面上放一个图标，以后双击就能打开；不启动网页。")
@common
def web(no_browser: bool, shortcut: bool, year: int | None, inputs: str, outputs: str) -> int:
    """网页：在浏览器里收报表、看进度、汇总、打开各表，不用敲命令；只有本机能打开。"""
    from flows.commands import web as page  # heavy: starlette and uvicorn

    if shortcut:
        return page.make_shortcut(year, inputs, outputs)
    return page.open_page(year, inputs, outputs, not no_browser)


@cli.command()
@click.argument("units", nargs=-1, metavar="[单位…]")
@click.option("--make", is_flag=True, help="给还没有链接的单位做链接，连同二维码写成一页供打印。")
@click.option("--renew", is_flag=True, help="重做这些单位的链接，旧的作废。")
@click.option("--revoke", is_flag=True, help="收回这些单位的链接。")
@click.option("--all", "everybody", is_flag=True, help="重做或收回全部。")
@common
def links(
    units: tuple[str, ...],
    make: bool,
    renew: bool,
    revoke: bool,
    everybody: bool,
    year: int | None,
    inputs: str,
    outputs: str,
) -> int:
    """链接：各单位用自己的链接在局域网里报送、看问题；做、重做、收回；不写选项则列出。"""
    from flows.commands.links import show_links  # heavy: jinja2

    return show_links(units, make, renew, revoke, everybody, year, inputs, outputs)


@cli.command()
@click.option("--install", is_flag=True, help="装成开机自动值守：写好系统要的文件，并说还要运行哪一条。")
@click.option("--uninstall", is_flag=True, help="撤去开机自动值守。")
@verbose
@common
def serve(install: bool, uninstall: bool, year: int | None, inputs: str, outputs: str) -> int:
    """值守：收件夹来了新文件、到了 township.toml 定的时间，自动汇总，一次只跑一个。"""
    if install or uninstall:
        from flows.commands import install as installing  # heavy: msgspec

        return installing.uninstall(outputs) if uninstall else installing.install(year, inputs, outputs)
    from flows.commands.serve import keep_serving  # heavy: msgspec

    return keep_serving(year, inputs, outputs)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status of the contract. Whatever goes wrong is told here and nowhere else."""
    told = sys.argv[1:] if arguments is None else arguments
    try:
        status = cli.main(args=arguments, prog_name="cunhui", standalone_mode=False) or COMPLETE
        sys.stdout.flush()
        return status
    except click.ClickException as error:
        print(f"错误：{complaint(error, list(cli.commands))}", file=sys.stderr)
        return WRONG_CALL
    except (stopping.Stopped, KeyboardInterrupt, click.Abort):
        return stopping.told_stopped(told)
    except BrokenPipeError:  # whoever reads what we print has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return stopping.told_stopped(told) if stopping.heard() else told_fault(error)
    except BaseException:  # such as the signal that Prefect makes of SIGTERM
        if not stopping.heard():
            raise
        return stopping.told_stopped(told)


def told_fault(error: BaseException) -> int:
    """Say in a line what stood in the way; only a failure of our own comes with a traceback."""
    lines, status = mishaps.told(error) or ([], FAILED)
    for line in lines:
        print(printable(f"错误：{line}"), file=sys.stderr)
    if not lines:
        traceback.print_exception(error)
        print(f"程序内部出错，没有做完；{mishaps.KEPT}。请把上面的内容发给维护人员。", file=sys.stderr)
    return status


def program() -> None:
    """The installed program: run, flush, and be gone.

    Everything is closed by then. An orderly end of the interpreter would take half a second more, and Prefect's
    threads, which keep the last task's arguments, would have DuckDB's module complain of leaks on the clerk's screen.
    """
    stopping.listen()
    status = main()
    stopping.ignore()
    os._exit(stopping.told_stopped(sys.argv[1:]) if stopping.heard() else status)


if __name__ == "__main__":
    program()
