"""Sessions: listed, ended one by one or all, kept alive by use, short on shared computers."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts import effects, operations
from foundation.accounts.devices import device_of
from foundation.accounts.models import SignedInSession
from tests.factories import PASSWORD, make_user
from tests.support.disk import writes_fail

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0"


@pytest.fixture
def phone(teacher) -> Client:
    phone = Client(REMOTE_ADDR="203.0.113.80", headers={"User-Agent": WECHAT})
    phone.post("/login/", {"username": teacher.username, "password": PASSWORD, "own_computer": "on"})
    return phone


@pytest.fixture
def desk(teacher) -> Client:
    desk = Client(REMOTE_ADDR="198.51.100.9", headers={"User-Agent": CHROME})
    desk.post("/login/", {"username": teacher.username, "password": PASSWORD})
    return desk


@pytest.fixture
def told(monkeypatch) -> list[int]:
    """Whose sockets were closed."""
    told: list[int] = []
    monkeypatch.setattr(effects, "signed_out", [lambda person: told.append(person.pk)])
    return told


def gets_in(browser: Client) -> bool:
    return browser.get("/notices/").status_code == 200


def lines(browser: Client):
    return browser.get("/account/").context["sessions"]


# ---- the list --------------------------------------------------------------------------------------


def test_the_list_says_which_is_which(phone, desk):
    here, there = lines(desk)

    assert (here.device, here.here, here.own_computer, here.same_network) == (
        "Chrome · Windows",
        True,
        False,
        True,
    )
    assert (there.device, there.here, there.own_computer, there.same_network) == (
        "微信 · iPhone",
        False,
        True,
        False,
    )


def test_no_address_is_kept(phone, desk):
    kept = " ".join(str(value) for row in SignedInSession.objects.all() for value in vars(row).values())

    assert "203.0.113" not in kept
    assert "198.51.100" not in kept


def test_the_same_network_is_recognised_by_its_neighbours(desk, teacher):
    beside = Client(REMOTE_ADDR="198.51.100.77")
    beside.post("/login/", {"username": teacher.username, "password": PASSWORD})

    assert [line.same_network for line in lines(beside)] == [True, True]


def test_a_session_that_ran_out_is_not_listed(phone, desk):
    Session.objects.filter(session_key=phone.session.session_key).delete()

    assert len(lines(desk)) == 1


def test_nobody_sees_the_sessions_of_another(desk, db):
    other = make_user(password=PASSWORD)
    elsewhere = Client()
    elsewhere.post("/login/", {"username": other.username, "password": PASSWORD})

    assert len(lines(elsewhere)) == 1


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (CHROME, "Chrome · Windows"),
        (WECHAT, "微信 · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/14.0 Safari/605.1.15", "Safari · Mac"),
        ("Mozilla/5.0 (Linux; Android 10) Chrome/110 Mobile Safari/537.36 Edg/110", "Edge · 安卓手机或平板"),
        ("", "不认识的浏览器"),
        ("curl/8 \x00<script>", "不认识的浏览器"),
    ],
)
def test_browsers_are_named_in_words_people_know(user_agent, device):
    assert device_of(user_agent) == device


# ---- ending ----------------------------------------------------------------------------------------


def test_one_is_ended(phone, desk, teacher, told, django_capture_on_commit_callbacks):
    there = lines(desk)[1]

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/account/sessions/{there.id}/end/")

    assert not gets_in(phone)
    assert gets_in(desk)
    assert told == [teacher.pk]


def test_everywhere_else_is_ended(phone, desk, teacher, told, django_capture_on_commit_callbacks):
    another = Client()
    another.post("/login/", {"username": teacher.username, "password": PASSWORD})

    with django_capture_on_commit_callbacks(execute=True):
        desk.post("/account/sessions/end-others/")

    assert [gets_in(browser) for browser in (phone, another, desk)] == [False, False, True]
    assert told == [teacher.pk]


def test_nobody_ends_the_session_of_another(desk, phone, told):
    other = make_user(password=PASSWORD)
    elsewhere = Client()
    elsewhere.post("/login/", {"username": other.username, "password": PASSWORD})

    for row in SignedInSession.objects.exclude(person=other):
        elsewhere.post(f"/account/sessions/{row.pk}/end/")

    assert gets_in(desk)
    assert gets_in(phone)
    assert told == []


def test_signing_out_takes_it_off_the_list(desk, phone):
    phone.post("/logout/")

    assert len(lines(desk)) == 1


def test_ending_none_tells_nobody(teacher, told):
    assert operations.end_sessions(person=teacher) == 0
    assert told == []


# ---- shared computers ------------------------------------------------------------------------------


def at(monkeypatch, seconds: float) -> None:
    monkeypatch.setattr("time.time", lambda: seconds)


def test_use_moves_the_end_but_is_not_written_at_every_click(desk, monkeypatch):
    first = Session.objects.get(session_key=desk.session.session_key).expire_date
    desk.post("/account/alive/")
    assert Session.objects.get(session_key=desk.session.session_key).expire_date == first

    at(monkeypatch, time.time() + 5 * 60)
    assert desk.post("/account/alive/").status_code == 204

    assert Session.objects.get(session_key=desk.session.session_key).expire_date > first


def test_a_shared_computer_is_signed_out_after_a_school_day_however_busy(desk, monkeypatch, told):
    at(monkeypatch, time.time() + 11.9 * 3600)
    assert gets_in(desk)
    at(monkeypatch, time.time() + 12.1 * 3600)

    assert not gets_in(desk)
    assert not SignedInSession.objects.exists()
    assert len(told) == 1


def test_ones_own_computer_is_not(phone, monkeypatch):
    at(monkeypatch, time.time() + 20 * 24 * 3600)

    assert gets_in(phone)


def test_pages_on_a_shared_computer_are_not_kept_by_the_browser(desk, phone):
    assert "no-store" in desk.get("/notices/")["Cache-Control"]
    assert "Cache-Control" not in phone.get("/notices/")


def test_signing_out_of_a_shared_computer_empties_its_cache(desk, phone):
    assert desk.post("/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in phone.post("/logout/")


def test_idle_too_long_is_said_at_the_sign_in(desk):
    assert "很久没有人动" in desk.post("/logout/", {"idle": "1"}, follow=True).content.decode()


def test_a_page_costs_no_more_queries_for_all_this(desk, teacher):
    plain = Client()
    plain.force_login(teacher)

    assert queries_of(desk) == queries_of(plain)


def queries_of(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.get("/notices/")
    return len(captured)


@pytest.mark.django_db(transaction=True)
def test_a_session_is_used_where_nothing_can_be_stored(desk, settings):
    settings.SESSION_SEEN_EVERY_SECONDS = 0
    with writes_fail():
        assert gets_in(desk)
    assert gets_in(desk)
