"""An inbox at a URL: an S3 server on this PC, and fsspec's own store in memory where any store will do."""

import shutil
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from flows.commands import cli
from flows.inbox import collect as collecting
from flows.inbox import remote
from flows.inbox.collect import Inbox, collect
from schemas.errors import InputError
from tests.office import judge_steps, small_inputs
from tests.reading.test_guard import BOOK, zipped

YEAR = 2023
URL = "memory://inbox"
KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_DEFAULT_REGION": "us-east-1"}


class Office:
    """What is put into the store, and what a collection makes of it."""

    def __init__(self, folder: Path) -> None:
        self.inputs, self.outputs = folder / "inputs", folder / "outputs"
        self.store = fsspec.filesystem("memory")
        self.fetched: list[str] = []

    def put(self, **contents: bytes) -> None:
        for name, data in contents.items():
            self.store.pipe_file(f"/inbox/{YEAR}/{name}", data)

    def collect(self) -> Inbox:
        self.fetched.clear()
        return collect(self.inputs, self.outputs, YEAR, URL)


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    found = Office(tmp_path)

    def counted(self, one, place, fetch=remote.Remote._fetch):
        found.fetched.append(one.name)
        return fetch(self, one, place)

    monkeypatch.setattr(remote.Remote, "_fetch", counted)
    return found


def notices(found: Inbox) -> list[tuple[str, str, str]]:
    return [(name, finding.code, finding.details.get("why", "")) for name, finding in found.notices]


def names(found: Inbox) -> list[str]:
    return [file.file for file in found.files]


@pytest.fixture(scope="module")
def s3():
    # heavy: what every process that collects tests would load
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    away = {name: "/nowhere" for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE")}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**KEYS, **away, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            environment.setenv(name, value)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("AWS_MAX_ATTEMPTS", "1")
        client = boto3.client("s3")
        client.create_bucket(Bucket="county")
        yield client
    server.stop()


def at_url(folder: Path, url: str) -> Path:
    """A small office whose inbox is at the URL and nowhere else."""
    inputs = small_inputs(folder, ["三湾村", "大湾村"])
    path = inputs / "township.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[collection]", f'[collection]\ninbox = "{url}"'))
    return inputs


def test_township_collected_from_s3_is_as_from_its_folder_and_nothing_is_fetched_twice(s3, tmp_path, monkeypatch):
    inputs = at_url(tmp_path, "s3://county/示例镇")
    folder = inputs / str(YEAR) / "submissions"
    for path in folder.iterdir():
        s3.put_object(Bucket="county", Key=f"示例镇/{YEAR}/川区/{path.name}", Body=path.read_bytes())
    shutil.rmtree(folder)
    standing = judge_steps(inputs, tmp_path / "outputs")
    assert {one.name: one.accepted for one in standing.arrivals} == {"三湾村": True, "大湾村": True}
    monkeypatch.setattr(remote.Remote, "_fetch", None)
    found = collect(inputs, tmp_path / "outputs", YEAR, "s3://county/示例镇")
    assert names(found) == ["川区/三湾村.xlsx", "川区/大湾村.xlsx"] and not found.new and not found.notices


def test_object_of_s3_that_was_replaced_is_fetched_again(s3, tmp_path):
    def collected() -> str:
        return collect(tmp_path, tmp_path, YEAR, "s3://county/replaced").files[0].sha256

    taken = []
    for data in (BOOK, BOOK[:-1] + b"x", BOOK[:-1] + b"x"):
        s3.put_object(Bucket="county", Key=f"replaced/{YEAR}/a.xlsx", Body=data)
        taken.append(collected())
    assert taken[0] != taken[1] == taken[2]


@pytest.mark.parametrize(
    ("url", "environment", "why"),
    [
        ("s3://gone/x", {}, "没有这个桶或文件夹"),
        ("s3://county/x", {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "环境变量里没有钥匙"),
        ("s3://county/x", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "连不上，或中途断了"),
        ("gs://county/x", {}, "要先装取文件的包"),
        ("nowhere://county/x", {}, "不认识这种网址"),
    ],
)
def test_inbox_that_cannot_be_reached_is_one_line_and_exit_2(s3, url, environment, why, tmp_path, monkeypatch, capsys):
    for name, value in environment.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    inputs = at_url(tmp_path, url)
    outputs = str(tmp_path / "outputs")
    status = cli.main(["close", "--inputs", str(inputs), "--outputs", outputs, "--by", "甲", "--why", "乙"])
    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (2, 1), said
    assert url in said and why in said and "secret" not in said


def test_names_of_objects_lead_nowhere_and_are_made_printable(office, tmp_path):
    office.put(**{"../../三湾村.xlsx": BOOK, "..\\x.xlsx": BOOK[:9], "a\x1b[31m.xlsx": BOOK[:8], "~$三湾村.xlsx": b"",
                  "c.xlsx.part": b"", "Thumbs.db": b"1"})  # fmt: skip
    found = office.collect()
    assert names(found) == ["a�[31m.xlsx", "x.xlsx", "三湾村.xlsx"]
    assert [code for _, code, _ in notices(found)] == ["FILE_NOT_TAKEN", "FILE_OPEN_ELSEWHERE"]
    assert {path.name for path in tmp_path.iterdir()} == {"outputs"}
    assert {path.name for path in office.outputs.iterdir()} == {"archive", ".inbox"}


def test_zip_of_several_reports_is_taken_apart_once(office):
    office.put(**{"包.zip": zipped({"a.xlsx": BOOK, "b.xlsx": BOOK[:500], "说明.docx": b"PK"})})
    first = office.collect()
    assert office.fetched == ["包.zip"]
    again = office.collect()
    assert office.fetched == []
    assert first.files == again.files and first.notices == again.notices
    assert names(first) == ["包.zip/a.xlsx", "包.zip/b.xlsx"]


def test_archive_that_lost_a_file_has_it_again(office):
    office.put(**{"a.xlsx": BOOK})
    [file] = office.collect().files
    Path(file.path).unlink()
    assert [one.sha256 for one in office.collect().new] == [file.sha256]


def test_object_over_the_limit_is_told_and_not_fetched(office, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST_UNPACKED", len(BOOK) - 1)
    office.put(**{"a.xlsx": BOOK, "b.xlsx": BOOK[:9]})
    found = office.collect()
    assert (names(found), office.fetched) == (["b.xlsx"], ["b.xlsx"])
    assert [code for _, code, _ in notices(found)] == ["FILE_TOO_BIG"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda store, path: store.rm(path), "文件已经不在"),
        (lambda store, path: store.pipe_file(path, BOOK * 2), "正在被改写"),
    ],
)
def test_object_that_goes_or_grows_after_it_was_listed_is_told_and_the_others_are_taken(
    change, why, office, monkeypatch
):
    office.put(**{"a.xlsx": BOOK, "b.xlsx": BOOK[:9], "空.xlsx": b""})
    listed = remote.Remote.listed

    def and_changed(self):
        found = listed(self)
        change(office.store, f"/inbox/{YEAR}/a.xlsx")
        return found

    monkeypatch.setattr(remote.Remote, "listed", and_changed)
    found = office.collect()
    assert names(found) == ["b.xlsx", "空.xlsx"]
    assert notices(found) == [("a.xlsx", "FILE_NOT_TAKEN", why)]


def test_object_that_may_not_be_read_or_is_of_no_known_size_is_told_and_the_others_are_taken(office, monkeypatch):
    office.put(**{"a.xlsx": BOOK, "b.xlsx": BOOK[:9], "c.xlsx": BOOK[:8]})
    read, listed = MemoryFileSystem.cat_file, remote.Remote.listed

    def refusing(self, path, **options):
        if path.endswith("a.xlsx"):
            raise PermissionError(path)
        return read(self, path, **options)

    def and_unknown(self):
        return [one if one.name != "b.xlsx" else one._replace(size=None) for one in listed(self)]

    monkeypatch.setattr(MemoryFileSystem, "cat_file", refusing)
    monkeypatch.setattr(remote.Remote, "listed", and_unknown)
    found = office.collect()
    assert names(found) == ["c.xlsx"]
    assert sorted(notices(found)) == [
        ("a.xlsx", "FILE_NOT_TAKEN", "没有权限"),
        ("b.xlsx", "FILE_NOT_TAKEN", "那边没有说文件有多大"),
    ]


def test_inbox_that_may_not_be_looked_at_is_one_line_about_the_key(office, monkeypatch):
    def refusing(self, path, **options):
        raise PermissionError("AKIA of somebody")

    monkeypatch.setattr(MemoryFileSystem, "ls", refusing)
    with pytest.raises(InputError, match="没有权限，请核对环境变量里的钥匙") as refused:
        office.collect()
    assert URL in str(refused.value) and "AKIA" not in str(refused.value)


def test_large_object_comes_in_pieces_and_one_replaced_between_them_is_not_taken(office, monkeypatch):
    monkeypatch.setattr(remote, "PIECE", 1000)
    office.put(**{"a.xlsx": BOOK})
    assert Path(office.collect().files[0].path).read_bytes() == BOOK
    office.put(**{"a.xlsx": BOOK[:-1] + b"x"})
    read = MemoryFileSystem.cat_file

    def and_replaced(self, path, start=None, end=None, **options):
        data = read(self, path, start=start, end=end, **options)
        office.put(**{"a.xlsx": BOOK})
        return data

    monkeypatch.setattr(MemoryFileSystem, "cat_file", and_replaced)
    assert notices(office.collect()) == [("a.xlsx", "FILE_NOT_TAKEN", "正在被改写")]


def test_listing_that_fails_half_way_takes_nothing(office, monkeypatch):
    office.put(**{"a.xlsx": BOOK, "川区/b.xlsx": BOOK[:9], "山区/c.xlsx": BOOK[:8]})
    whole = MemoryFileSystem.ls

    def failing(self, path, detail=True, **options):
        if path.endswith("川区"):
            raise OSError("reset")
        return whole(self, path, detail=detail, **options)

    monkeypatch.setattr(MemoryFileSystem, "ls", failing)
    with pytest.raises(InputError, match="中途断了（OSError）"):
        office.collect()
    assert not (office.outputs / ".inbox").exists()


def test_store_that_fails_half_way_through_stops_the_run_and_the_next_fetches_the_rest(office, monkeypatch):
    monkeypatch.setattr(remote, "AT_ONCE", 1)
    office.put(**{"a.xlsx": BOOK, "b.xlsx": BOOK[:9]})
    read = MemoryFileSystem.cat_file

    def failing(self, path, **options):
        if path.endswith("b.xlsx"):
            raise ConnectionResetError
        return read(self, path, **options)

    with monkeypatch.context() as broken, pytest.raises(InputError, match="中途断了"):
        broken.setattr(MemoryFileSystem, "cat_file", failing)
        office.collect()
    assert names(office.collect()) == ["a.xlsx", "b.xlsx"] and office.fetched == ["b.xlsx"]


def test_year_without_anything_yet_is_an_empty_inbox_and_is_not_there(office):
    office.store.pipe_file("/inbox/2022/a.xlsx", BOOK)
    assert office.collect().files == []
    assert (remote.is_there(URL, YEAR), remote.is_there(URL, 2022)) == (False, True)


def test_what_lies_in_the_folder_as_well_comes_first(office):
    folder = office.inputs / str(YEAR) / "submissions"
    folder.mkdir(parents=True)
    (folder / "z.xlsx").write_bytes(BOOK[:7])
    office.put(**{"a.xlsx": BOOK})
    assert names(office.collect()) == ["z.xlsx", "a.xlsx"]
