"""Letters arrive whole, once a day, where the environment says; who refuses is told, and no key ever is."""

import json
import os
import socketserver
import threading
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from flows.serving import remind
from flows.serving.remind import Post, as_of, in_pieces, is_day, send, sent_on, title
from schemas.inputs import load_inputs
from schemas.township import Reminders, Settings
from tests.office import small_inputs

DUE, DAY = datetime(2024, 1, 10, 18), date(2024, 1, 9)


@pytest.fixture
def robot():
    """A robot on this PC; `answer` is what it says, `got` what it was sent."""

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self):
            server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(json.dumps(server.answer).encode())

        def log_message(self, *_):
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Robot) as server:
        server.got, server.answer, server.status = [], {"errcode": 0}, 200
        server.url = f"json://127.0.0.1:{server.server_port}/hook?key=SECRET"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def mail():
    """A mail server that takes everything."""

    class Post(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line[:4].upper().strip()
                self.wfile.write({b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
                if word == b"DATA":
                    lines = iter(self.rfile.readline, b".\r\n")
                    server.got.append(message_from_bytes(b"".join(lines)))
                    self.wfile.write(b"250 ok\r\n")
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.got = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def letters(tmp_path):
    folder = tmp_path / "催报"
    folder.mkdir()
    for name in "三湾村", "大湾村", "_全镇情况":
        (folder / f"{name}.txt").write_text(f"{name}：\n您好！请尽快报送。\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("day", "hour", "due"),
    [(9, 9, True), (9, 8, False), (8, 9, False), (7, 23, True), (10, 12, False), (12, 9, True), (13, 9, False)],
)
def test_letters_are_due_so_many_days_before_and_after_from_an_hour_on(day, hour, due):
    reminders = Reminders(before=(3, 1), after=(2,), hour=9)
    assert is_day(reminders, DUE, datetime(2024, 1, day, hour)) is due


def test_each_unit_gets_its_letter_once_a_day_and_the_head_how_all_stand(letters, robot, monkeypatch):
    kept = letters.parent / "reminded.json"
    monkeypatch.setenv(remind.HEAD, robot.url)
    monkeypatch.setenv(remind.UNITS, f"{robot.url}&to={{contact}}")
    contacts = {"三湾村": "sw@example.cn"}
    assert list(sent_on(DAY, letters, kept, contacts)) == [("全镇情况", ""), ("三湾村", "")]
    assert [each["message"].splitlines()[0] for each in robot.got] == ["_全镇情况：", "三湾村："]
    assert list(sent_on(DAY, letters, kept, contacts)) == []
    assert len(list(sent_on(date(2024, 1, 10), letters, kept, contacts))) == 2
    assert "SECRET" not in kept.read_text(encoding="utf-8")


def test_robot_that_refuses_with_status_200_is_told_without_its_key_and_tried_again(
    letters, robot, monkeypatch, caplog
):
    kept = letters.parent / "reminded.json"
    monkeypatch.setenv(remind.HEAD, robot.url)
    monkeypatch.delenv(remind.UNITS, raising=False)
    robot.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
    [(name, why)] = sent_on(DAY, letters, kept, {})
    assert (name, why) == ("全镇情况", "json 对方不收（代码 93000）")
    robot.answer, robot.status = {}, 500
    [(_, why)] = sent_on(DAY, letters, kept, {})
    assert "没有发出去" in why and "SECRET" not in why + caplog.text
    robot.answer, robot.status = {"errcode": 0}, 200
    assert list(sent_on(DAY, letters, kept, {})) == [("全镇情况", "")]


def test_post_sends_what_is_due_in_a_child_and_says_what_came_of_it(letters, robot, monkeypatch):
    today = datetime.now(UTC)
    said = {"township": {"code": "990101101", "name": "示例镇"},
            "collection": {"year": 2023, "deadline": f"{today:%Y-%m-%d}T18:00:00", "timezone": "UTC"},
            "reminders": {"before": [0], "hour": 0}}  # fmt: skip
    monkeypatch.setenv(remind.HEAD, robot.url)
    post = Post(msgspec.convert(said, Settings), letters.parent, letters.parent / "reminded.json")
    kept = letters.rename(letters.parent / "later")
    assert list(post.look()) == [] and post._told is None  # no run yet: the day is not over for letters that come
    kept.rename(letters)
    post._next = 0.0
    heard = []
    while not heard:
        heard += post.look()
    assert heard == ["催报已发出 1 份。"]
    assert list(post.look()) == [] and len(robot.got) == 1


def test_letter_of_some_days_ago_says_how_far_the_deadline_is_now():
    deadline, now = DUE.replace(tzinfo=UTC), datetime(2024, 1, 9, 9, tzinfo=UTC)
    letter = "三湾村：\n您好！2023年度年报的报送期限是2024年1月10日18时，还有 7 天。\n还没有收到，请尽快。\n"
    assert as_of(letter, deadline, now) == letter.replace("7", "1")
    whole = "应报 3 个单位。\n报送期限2024年1月10日18时，还有 7 天。\n"
    assert as_of(whole, deadline, now.replace(day=12)) == whole.replace("还有 7 天", "已过 2 天")
    assert as_of("别的话，还有 7 天。", deadline, now) == "别的话，还有 7 天。"


def test_subject_says_what_a_letter_is_about():
    assert title("三湾村.txt", "三湾村：\n您好！请尽快报送。\n示例镇\n") == "示例镇年报催报：三湾村"
    assert (
        title("_全镇情况.txt", "示例镇2023年度年报：应报 3 个单位。\n未报：三湾村。\n")
        == "示例镇2023年度年报：应报 3 个单位"
    )


def test_settings_that_change_meanwhile_count_once_they_are_right(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    post = Post(load_inputs(inputs).settings, tmp_path / "2023", tmp_path / "reminded.json", inputs)
    path = inputs / "township.toml"
    before = path.read_text(encoding="utf-8")
    for moment, text, contacts in (
        (1, '"三湾村" = "sw@example.cn"', {"三湾村": "sw@example.cn"}), (2, '"无此村" = 5', {"三湾村": "sw@example.cn"})
    ):  # fmt: skip
        path.write_text(f"{before}\n[reminders.contacts]\n{text}\n", encoding="utf-8")
        os.utime(path, (moment, moment))
        post._next = 0.0
        assert list(post.look()) == []
        assert post.settings.reminders.contacts == contacts


def test_mail_arrives_with_its_chinese_subject_and_in_one_piece(mail):
    text = "三湾村：\n" + "您好！\n" * 1000
    assert send(f"mailto://127.0.0.1:{mail.server_address[1]}?from=a@example.cn&to=b@example.cn", "三湾村", text) == ""
    [message] = mail.got
    assert str(make_header(decode_header(message["Subject"]))) == "三湾村"
    body = "".join(part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart())
    assert body.count("您好！") >= 1000


def test_long_text_goes_in_pieces_that_lose_nothing():
    text = "".join(f"第{number}行：" + "数" * (number * 40) + "\n" for number in range(1, 30))
    pieces = list(in_pieces(text))
    assert "".join(pieces) == text and len(pieces) > 5
    assert max(len(piece.encode()) for piece in pieces) <= remind.LONGEST
    assert list(in_pieces("短\n")) == ["短\n"]
