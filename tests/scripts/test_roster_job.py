"""A roster on the real server: its job runs there, and a kill in the middle leaves nothing half-imported."""

import http.cookiejar
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings

from tests.support.processes import ServerProcess
from tests.support.rosters import county_roster, roster

SIGN_IN = """
from django.test import Client
from foundation.accounts.models import User
from teaching_centres.models import Membership
client = Client()
client.force_login(User.objects.get(memberships__role="administrator", memberships__region__name="梨树县"))
print(client.cookies["sessionid"].value)
"""
COUNT = """
from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry
from teaching_centres.models import Membership, School
found = School.objects.filter(name__endswith="实验小学")
held = Membership.objects.filter(school__in=found)
people = User.objects.filter(username__startswith="139000")
print(found.count(), held.count(), people.count(), AuditEntry.objects.filter(act="roster.imported").count())
"""
PEOPLE = 4_000


class Browser:
    def __init__(self, server: ServerProcess, session: str) -> None:
        self.server = server
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.session = session

    def get(self, path: str) -> str:
        return self._open(path, None, {})

    def post(self, path: str, values: dict[str, str]) -> str:
        return self._open(path, urlencode(values).encode(), {})

    def upload(self, path: str, token: str, content: bytes) -> str:
        edge = uuid4().hex
        parts = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode(),
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.xlsx"\r\n\r\n'.encode(),
            content,
            f"\r\n--{edge}--\r\n".encode(),
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._open(path, b"".join(parts), headers)

    def _open(self, path: str, data: bytes | None, headers: dict[str, str]) -> str:
        request = urllib.request.Request(self.server.url + path, data, headers)
        cookies = {cookie.name: cookie.value for cookie in self.jar}
        cookies[settings.SESSION_COOKIE_NAME] = self.session
        request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
        with self.opener.open(request, timeout=60) as answer:
            self.url = answer.url
            return answer.read().decode()


def token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_start_carries_on(
    server_process: ServerProcess, tmp_path: Path
) -> None:
    server = server_process
    session = server.manage("shell", "--verbosity=0", "-c", SIGN_IN).strip()
    browser = Browser(server, session)
    token = token_in(browser.get("/roster/imports/"))
    browser.upload("/roster/imports/", token, roster(*county_roster(20, PEOPLE, "梨树县")))
    path = browser.url.removeprefix(server.url)
    until(lambda: "等你确认" in browser.get(path), "read")
    assert counts(server) == [0, 0, 0, 0]
    browser.post(f"{path}confirm/", {"csrfmiddlewaretoken": token_in(browser.get(path))})
    until(lambda: percent(browser, path) > 45, "in the middle of writing")

    server.kill()
    assert counts(server) == [0, 0, 0, 0]

    server.start()
    until(lambda: "行都导入了" in browser.get(path), "written after the start")
    assert counts(server) == [20, PEOPLE, PEOPLE, 1]


def percent(browser: Browser, path: str) -> int:
    found = re.search(r'aria-valuenow="(\d+)"', browser.get(f"{path}state/"))
    return int(found[1]) if found else 0


def counts(server: ServerProcess) -> list[int]:
    return [int(number) for number in server.manage("shell", "--verbosity=0", "-c", COUNT).split()]
