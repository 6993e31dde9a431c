"""Requests to the page as a browser sends them, or an attacker."""

from http.client import HTTPConnection


class Browser:
    """Sends what a browser would send, or an attacker."""

    def __init__(self, page):
        self.page, self.cookie = page, ""
        self.own = f"http://127.0.0.1:{page.port}"

    def ask(self, method, path, body=None, **headers):
        connection = HTTPConnection("127.0.0.1", self.page.port, timeout=30)
        given = {"Host": f"127.0.0.1:{self.page.port}", "Cookie": self.cookie, "Origin": self.own} | headers
        connection.request(method, path, body, {name: said for name, said in given.items() if said is not None})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def enter(self):
        status, _, headers = self.ask("GET", self.page.link.removeprefix(self.own), Origin=None)
        assert status == 303
        self.cookie = headers["Set-Cookie"].partition(";")[0]
        return headers["Set-Cookie"]
