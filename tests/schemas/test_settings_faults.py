"""Settings are input too: every fault of every file at once, each with its line, what stands there and what may."""

import re
import shutil

import pytest

from flows.commands.cli import main
from schemas.catalogue import HERE, Catalogue
from schemas.cron import wrong_in
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.levels import totals_sheets
from schemas.outputs import OWN_SHEETS
from schemas.toml import read_toml

SETTINGS = """[township]
code = "990101101"
name = "示例镇"
[collection]
year = 2023
deadline = 2024-01-10T18:00:00
cron = "0 18 * 12,1 *"
[judging]
outlier_times = 5
"""
UNITS = """code,name,kind,terrain,valid_from,valid_to,merged_into
990101101201,南川村,村,川区,,,
990101101202,紫云村,村,山区,,2022-12-31,990101101201
990101101901,示例镇纪检监察办公室,站所,,,,
"""
CORRECTIONS = """[[corrections]]
unit = "南川村"
indicator = "低保户数"
expect = 57
value = 58
reason = "漏报一户"
agreed_with = "会计"
date = 2024-01-05
"""
TARGETS = '"引进种薯企业" = 2\n'


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "2023" / "submissions").mkdir(parents=True)
    for name, text in (("township.toml", SETTINGS), ("units.csv", UNITS), ("2023/corrections.toml", CORRECTIONS),
                       ("2023/targets.toml", TARGETS)):  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def spoil(inputs, name, old, new):
    path = inputs / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(inputs):
    with pytest.raises(InputError) as refused:
        load_inputs(inputs)
    assert not any("\n" in line for line in refused.value.lines)
    return [line.removeprefix(f"{inputs}/") for line in refused.value.lines]


def english(words):
    """Words of a library: English that is neither a key, a value nor a file that the clerk wrote."""
    return re.findall(r"[A-Za-z]+(?: [a-z]+){2,}", words)


def test_right_files_are_read(inputs):
    assert len(load_inputs(inputs).units) == 3


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("township.toml", '"0 18 * 12,1 *"', '"0 0 18 * 12,1 *"',
         "township.toml 第 7 行：定时“0 0 18 * 12,1 *”有 6 项，应写“分 时 日 月 星期”五项"),
        ("township.toml", '"0 18 * 12,1 *"', '"0 24 * * *"',
         "township.toml 第 7 行：定时“0 24 * * *”里的时写的是“24”，应为 * 或 0 到 23"),
        ("township.toml", "year = 2023", 'year = 2023\ninbox = "桶/文件夹"',
         "township.toml 第 6 行：inbox 写的是“桶/文件夹”，应为网址，如 s3://桶/文件夹"),
        ("township.toml", "year = 2023", 'year = 2023\ninbox = "sftp://甲:secret@nas/年报"',
         "township.toml 第 6 行：inbox 里写了用户名、口令或参数，应只写网址"),
        ("township.toml", '"0 18 * 12,1 *"', '"0 18 31 2,4 *"',
         "township.toml 第 7 行：定时“0 18 31 2,4 *”写的日子哪个月都没有，应为那几个月里有的日子"),
        ("township.toml", "[judging]", "[reminders]\nhour = 24\n[judging]",
         "township.toml 第 9 行：hour 写的是 24，应为 0 到 23 之间的整数"),
        ("township.toml", "[judging]", "[reminders]\nbefore = [3, -1]\n[judging]",
         "township.toml 第 9 行：before 写的是 -1，应为期限前后的天数"),
        ("township.toml", "[judging]", '[reminders.contacts]\n"南川村" = "nc＠example.cn"\n[judging]',
         "township.toml 第 9 行：南川村的联系方式写的是“nc＠example.cn”，应为邮箱"),
        ("township.toml", "[judging]", '[reminders.contacts]\n"南川" = "nc@example.cn"\n[judging]',
         "township.toml 第 9 行：units.csv 里没有叫“南川”的单位，是不是“南川村”"),
        ("township.toml", "[judging]",
         '[reminders.contacts]\n"南川村" = "a@b.cn"\n"990101101201" = "c@b.cn"\n[judging]',
         "township.toml 第 10 行：南川村的联系方式写了两次"),
        ("township.toml", "[judging]", '[web]\naddress = "192.168.1.10:4301"\n[judging]',
         "township.toml 第 9 行：address 写的是“192.168.1.10:4301”，应为网址"),
        ("township.toml", "[judging]", '[reminders]\n"每天" = true\n[judging]',
         "township.toml 第 9 行：[reminders] 里有不认识的键 每天，可以写的有 before、after、hour、contacts"),
        ("township.toml", '"990101101"', '"99010110１"', "township.toml 第 2 行：code 写的是“99010110１”，应为"),
        ("township.toml", "[collection]\nyear = 2023\ndeadline = 2024-01-10T18:00:00\ncron", "# cron",
         "township.toml：缺少 collection，应为一节，以 [collection] 开头"),
        ("township.toml", "2024-01-10T", "2024-06-10T",
         "township.toml 第 6 行：2023 年度的报送期限写的是 2024-06-10，应在这一年的冬季：2023-12-01 到 2024-03-31"),
        ("township.toml", "2024-01-10T", "2023-01-10T", "township.toml 第 6 行：2023 年度的报送期限写的是 2023-01-10"),
        ("township.toml", "2024-01-10T18:00:00", '"明年一月"',
         "township.toml 第 6 行：deadline 写的是 “明年一月”，内容不合要求，应为日期和时间"),
        ("township.toml", "year = 2023", "year = 23", "township.toml 第 5 行：year 写的是 23，应为 1949 到 2199"),
        ("township.toml", "outlier_times = 5", "outlier_times = 0",
         "township.toml 第 9 行：outlier_times 写的是 0，应为不小于 2"),
        ("township.toml", "outlier_times = 5", "outlier = 5",
         "township.toml 第 9 行：[judging] 里有不认识的键 outlier，是不是想写 outlier_times"),
        ("township.toml", 'name = "示例镇"\n', "", "township.toml 第 1 行：[township] 缺少 name，应为文字"),
        ("township.toml", "[judging]", '[printing]\npaper = "A5"\n[judging]',
         "township.toml 第 9 行：paper 写的是 “A5”，内容不合要求，应为 A3、A4 之一"),
        ("units.csv", "990101101201,南", "990101102201,南",
         "units.csv 第 2 行：单位代码 990101102201 不属于 990101101（township.toml 的 code），应以 990101101 开头"),
        ("units.csv", "川区", "平原", "units.csv 第 2 行：地形写的是“平原”，应为 川区、山区 之一"),
        ("units.csv", "901,示", "999,示",
         "units.csv 第 4 行：站所代码 990101101999 的尾码 999 没有声明，应为 901 纪检监察办公室"),
        ("units.csv", "990101101201,南", "9.90101E+11,南",
         "units.csv 第 2 行：单位代码写的是“9.90101E+11”，表格软件把它改成了科学计数"),
        ("units.csv", "terrain", "terrian", "units.csv 第 1 行：表头里有不认识的“terrian”，是不是想写 terrain"),
        ("units.csv", "terrain", "地形", "units.csv 第 1 行：表头里有不认识的“地形”，可以写的有 code、"),
        ("units.csv", "code,name,kind,terrain,valid_from,valid_to,merged_into", "代码，名称，类别",
         "units.csv 第 1 行：表头缺少 code、name、kind，写的是“代码，名称，类别”，应为 code,name,kind"),
        ("units.csv", "南川村", "南\u200b川村", "units.csv 第 2 行：单位名称“南\u200b川村”里有看不见的字符"),
        ("units.csv", "山区,,2022-12-31,990101101201\n", "山区,,2022-12-31,\n990101101203,南川 村,村,,,,\n",
         "units.csv 第 4 行：单位名称“南川 村”重复，第 2 行已经用过"),
        ("units.csv", "山区,,2022-12-31,", "山区,,,", "units.csv 第 3 行：写了 merged_into，没有写 valid_to"),
        ("units.csv", ",2022-12-31,", ",2022-13-31,", "units.csv 第 3 行：日期 valid_to 写的是“2022-13-31”"),
        ("units.csv", ",,2022-12-31,", ",2023-01-01,2022-12-31,",
         "units.csv 第 3 行：valid_from 2023-01-01 晚于 valid_to 2022-12-31"),
        ("units.csv", "示例镇纪检监察办公室,站所,,,,", "示例镇纪检监察办公室,站所,,,,,,甲,乙,丙",
         "units.csv 第 4 行：有 11 格，表头只有 7 格"),
        ("units.csv", ",990101101201\n", ",990101101202\n", "units.csv 第 3 行：紫云村 的 merged_into 是它自己"),
        ("units.csv", "2022-12-31,990101101201\n", "2022-12-31,\n990101101201,南川村,村,,,,\n",
         "units.csv 第 4 行：单位代码 990101101201 重复，第 2 行已经用过"),
        ("2023/targets.toml", "引进种薯企业", "引进种薯",
         "2023/targets.toml 第 1 行：没有叫 引进种薯 的目标，是不是想写 引进种薯企业"),
        ("2023/targets.toml", "= 2", "= nan", "2023/targets.toml 第 1 行：引进种薯企业 写的是“NaN”，应为数字"),
        ("2023/targets.toml", "= 2", '= "两家"',
         "2023/targets.toml 第 1 行：引进种薯企业 写的是 “两家”，内容不合要求，应为数字"),
        ("2023/targets.toml", "= 2", "= 2.5", "2023/targets.toml 第 1 行：引进种薯企业 写的是 2.5，应为整数"),
        ("2023/targets.toml", "= 2", "= 2\nT01 = 3", "2023/targets.toml 第 2 行：引进种薯企业前面已经写过"),
        ("2023/corrections.toml", "value = 58", "value = 1e14",
         "2023/corrections.toml 第 1 行：第 1 条：低保户数登记不下这么大的数，value 写的是 1E+14"),
        ("2023/targets.toml", "= 2", "= 1e30",
         "2023/targets.toml 第 1 行：引进种薯企业 写的是 1E+30，应为登记得下的数"),
        ("2023/corrections.toml", "低保户数", "低保户",
         "2023/corrections.toml 第 1 行：第 1 条：南川村不填“低保户”这一项"),
        ("2023/corrections.toml", "南川村", "南川",
         "2023/corrections.toml 第 1 行：第 1 条：units.csv 里没有叫“南川”的单位，是不是“南川村”"),
        ("2023/corrections.toml", "2024-01-05", '"一月"',
         "2023/corrections.toml 第 8 行：date 写的是 “一月”，内容不合要求，应为日期"),
    ],
)  # fmt: skip
def test_fault_is_said_with_its_line_and_what_is_allowed(inputs, name, old, new, said):
    spoil(inputs, name, old, new)
    lines = faults(inputs)
    assert len(lines) == 1, lines
    assert lines[0].startswith(said)
    assert not english(lines[0])


def test_every_fault_of_every_file_is_said_at_once(inputs, capsys):
    spoil(inputs, "township.toml", "2024-01-10T", "2024-07-10T")
    spoil(inputs, "township.toml", '"0 18 * 12,1 *"', '"每天"')
    spoil(inputs, "units.csv", "990101101201,南", "990101102201,南")
    spoil(inputs, "units.csv", "山区", "平原")
    spoil(inputs, "2023/targets.toml", "= 2", "= ")
    status = main(["run", "--inputs", str(inputs), "--outputs", str(inputs / "outputs")])
    said = capsys.readouterr().err.splitlines()
    assert status == 2
    assert [re.search(r"(\w+\.\w+) 第 (\d) 行", line).groups() for line in said] == [
        ("township.toml", "7"), ("township.toml", "6"), ("units.csv", "2"), ("units.csv", "3"), ("targets.toml", "1"),
    ]  # fmt: skip
    assert all(line.startswith("错误：") for line in said)


def test_units_merged_into_each_other_are_told_and_not_those_that_end_somewhere(inputs):
    spoil(
        inputs,
        "units.csv",
        "川区,,,\n",
        "川区,,2023-12-31,990101101202\n990101101203,北川村,村,,,2023-12-31,990101101201\n",
    )
    assert faults(inputs) == [
        f"units.csv 第 {line} 行：{name}并来并去，又并回自己或并不到头，merged_into 应为现有的单位"
        for line, name in ((2, "南川村"), (3, "北川村"), (4, "紫云村"))
    ]


@pytest.mark.parametrize(
    ("year", "said"), [(-1, "年份 -1 不对，应为 1949 到 2199"), (0, "年份 0 不对"), (24, "年份 24 不对")]
)
def test_year_that_nobody_collects_is_one_line(inputs, year, said):
    with pytest.raises(InputError) as refused:
        load_inputs(inputs, year)
    assert len(refused.value.lines) == 1 and refused.value.lines[0].startswith(said)


def test_year_for_which_the_roster_has_nobody_is_one_line(inputs):
    text = "code,name,kind,valid_from\n990101101201,南川村,村,2024-03-01\n"
    (inputs / "units.csv").write_text(text, encoding="utf-8")
    assert faults(inputs) == ["units.csv：名册里没有 2023 年应报的单位，请看 valid_from、valid_to"]


def test_contacts_are_kept_by_the_units_names(inputs):
    spoil(inputs, "township.toml", "[judging]", '[reminders.contacts]\n"990101101201" = "a@b.cn,c@b.cn"\n[judging]')
    assert load_inputs(inputs).settings.reminders.contacts == {"南川村": "a@b.cn,c@b.cn"}


def test_roster_in_neither_encoding_and_one_that_is_no_csv_name_the_line(inputs):
    (inputs / "units.csv").write_bytes(UNITS.encode("gb18030").replace("紫".encode("gb18030"), b"\xff\xff", 1))
    assert faults(inputs)[0].startswith("units.csv 第 3 行：有认不出编码的字")


BROKEN = {
    "a = 1 2": "值的后面还有多余的字",
    "= 1": "这一行看不懂",
    "a": "少了半角等号",
    "[a": "少了右方括号",
    "[[a]": "少了右方括号",
    "a = 1\na = 2": "同一个键或同一节写了两次",
    "[a]\n[a]": "同一节写了两次",
    "a = {b = 1}\n[a.c]": "同一节写了两次",
    "[a]\nb.c = 1\n[a.b]\n": "同一节写了两次",
    "a = [1, 2": "少了右方括号",
    "a = {b = 1": "少了右花括号",
    "a = {b = 1, b = 2}": "同一个键写了两次",
    'a = "\\q"': r"双引号里的 \ 要写成",
    'a = "\\uD800"': "没有对应的字",
    'a = "\\uZZZZ"': "要写十六进制数字",
    "a = '''x": "引号、括号没有成对",
    'a = "x': "引号",
    'a = "x\ny"': "引号里有换行",
    "a = 2024-13-01": "须是有的一天",
    "a = 2025-1-10 18:00": "日期写成 2025-01-05，加时间的写成 2025-01-05T18:00:00",
    "a = 2025年1月10日": "日期写成 2025-01-05",
    "a = 09": "数的前面不写 0",
    "a = False": "只写 true 或 false，都是小写",
    "a = 是": "只写 true 或 false",
    "a = 示例镇": "值的写法不对",
    "a = “示例镇”": "都要用半角的",
    "a ＝ 1": "都要用半角的",
    "中文 = 1": "中文键名要写在半角双引号里",
    "a = \x01": "值的写法不对",
    "# \x01": "控制字符",
    "[a.b]\nc = 1\n[a]\nb.d = 2": "这一节前面已经写过",
    "a.b = 1\n[[a]]": "同一个键或同一节写了两次",
    "a = " + "9" * 5000: "有一个数字太长",
    "a = " + "[" * 5000: "括号套得太多",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: repr(text[:24]))
def test_toml_that_cannot_be_read_is_explained_in_chinese_with_its_line(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_toml(path)
    (line,) = refused.value.lines
    said = line.removeprefix(str(path))
    assert BROKEN[text] in said
    assert "第" in said or len(text) > 1000
    assert not english(said)


def test_every_complaint_of_pythons_reader_has_its_chinese():
    """What a later Python complains of besides would be told in general words; this one's are all known."""
    import inspect
    import tomllib._parser

    from schemas.toml_words import _SENTENCES

    source = inspect.getsource(tomllib._parser)
    said = re.findall(r"""suffixed_err\(\s*src,\s*\w+,\s*f?(["'])(.*?)\1\s*,?\s*\)""", source)
    sentences = [re.split(r"\{", words)[0].replace("\\\\", "\\").strip() for _, words in said]
    assert len(sentences) > 20
    assert [words for words in sentences if not any(words.startswith(known) for known in _SENTENCES)] == []


def test_file_in_another_encoding_names_the_line(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"a = 1\n" + 'b = "示例镇"\n'.encode("gb18030"))
    with pytest.raises(InputError, match="第 2 行：有不是 UTF-8 编码的字，请另存为 UTF-8"):
        read_toml(path)


AREA, LIST, OTHERS = "indicators/i_livelihood.toml", "lists/facilities.toml", "others.toml"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (AREA, 'unit = "户"', 'unit = "戶头"', "不认识的计量单位“戶头”"),
        (AREA, "[indicators.I01]", "[indicators.H81]", "民生保障里有代码 H81，这一类写了 letter，代码应以 I 开头"),
        (AREA, 'letter = "I"', 'letter = "J"', "类别字母 J 用了不止一次"),
        (AREA, 'name = "民生保障"', 'name = "民生/保障"', "“民生/保障”不能作工作表的名称：有 /"),
        (AREA, 'name = "民生保障"', f'name = "{"民" * 32}"', "不能作工作表的名称：有 32 个字"),
        (AREA, 'name = "民生保障"', 'name = "封面"', "程序自己的工作表用了这个名称"),
        (AREA, 'left = "I02"', 'left = "I02 >"', "left 写的是“I02 >”，应为指标代码的加减"),
        (AREA, "[area]", "area2 = 1\n[area]", "有不认识的表 area2，是不是想写 area"),
        (AREA, "[indicators.I02]", "[indicators.I02]\nterrain = \"平原\"", "I02 用到没有声明的地形 平原"),
        (AREA, "[indicators.I02]", "[indicators.I02]\nparent = \"I02\"", "I02 经 parent 又回到自己"),
        (AREA, "[indicators.I02]", "[indicators.I02]\nsince = 2025\nuntil = 2024", "since 2025 在 until 2024 之后"),
        (AREA, "[indicators.I02]", "[indicators.I02]\ndecimals = \"二\"",
         "decimals 写的是 “二”，内容不合要求，应为整数"),
        (AREA, "[indicators.I02]", "[indicators]\nI88 = 3\n[indicators.I02]", "indicators.I88 不是一节"),
        (LIST, 'unit = "头"', 'unit = "头头"', "不认识的计量单位“头头”"),
        (LIST, "[columns.L203]", "[columns.L303]", "规模养殖和加工设施里有栏目代码 L303，别的指标或明细表已用过"),
        (LIST, '"有机肥加工厂", ', '"有机肥加工厂", "有机肥加工厂", ', "的选项“有机肥加工厂”写了不止一次"),
        (LIST, '"有机肥加工厂", ', '" 有机肥加工厂", ', "选项不得空着，前后不得有空格"),
        (LIST, 'type = "choice"', 'type = "text"', "的 type 是 text"),
        (OTHERS, 'unit = "家"', 'unit = "家家"', "不认识的计量单位“家家”"),
        (OTHERS, "[offices.901]\nname", "[offices.901]\nnaam", "有不认识的键 naam，是不是想写 name"),
    ],
)  # fmt: skip
def test_fault_of_the_catalogue_is_said_with_its_line(tmp_path, name, old, new, said):
    root = tmp_path / "declared"
    shutil.copytree(HERE, root)
    spoil(root, name, old, new)
    with pytest.raises(InputError) as refused:
        Catalogue(root)
    lines = [line for line in refused.value.lines if said in line]
    assert lines, refused.value.lines
    assert any(line.startswith(f"{root / name} 第 ") for line in lines)
    assert not any(english(line) for line in refused.value.lines)


def test_catalogue_says_faults_of_several_files_at_once(tmp_path):
    root = tmp_path / "declared"
    shutil.copytree(HERE, root)
    spoil(root, AREA, 'unit = "户"', 'unit = "戶头"')
    spoil(root, LIST, 'unit = "头"', 'unit = "头头"')
    with pytest.raises(InputError) as refused:
        Catalogue(root)
    assert [("i_livelihood" in line, "facilities" in line) for line in refused.value.lines] == [
        (True, False),
        (False, True),
    ]


def test_our_own_sheets_are_those_that_no_area_may_be_called(tmp_path):
    from flows.emit.forms.layout import COVER, GLOSSARY, IDENTITY
    from tests.books import make_book, written

    catalogue = Catalogue()
    free = {*catalogue.areas, *(line_list.name for line_list in catalogue.lists.values())}
    summary = written(tmp_path, make_book(catalogue), catalogue).sheetnames
    assert {COVER, GLOSSARY, IDENTITY, *summary} - free <= {*OWN_SHEETS, *totals_sheets()}


@pytest.mark.parametrize("cron", ["0 2 * * *", "*/5 0-23/2 1,15 12,1 mon-fri", "0 18 * DEC,jan 7", "0 0 1-7 * 0"])
def test_cron_of_five_fields_is_taken(cron):
    assert wrong_in(cron) is None


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "0 0 2 * * *", "0 0 2 * * * 2024", "@daily", "60 * * * *", "0 2 0 * *", "0 2 * 13 *", "0 2 * * 8",
     "5-1 * * * *", "*/0 * * * *", "0 2 L * *", "0 2 * * mon#1", "1, * * * *", "两点", "０ 2 * * *", "² 2 * * *",
     f"{'9' * 5000} 2 * * *", f"*/{'9' * 5000} 2 * * *"],
)  # fmt: skip
def test_cron_of_other_shapes_is_refused(cron):
    found, allowed = wrong_in(cron)
    assert cron in found and allowed
