"""Guessing is slowed down per person; a school behind one address is never locked out."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from foundation.accounts import browsers, throttle
from foundation.accounts.throttle import Try
from tests.factories import PASSWORD, make_user


def says(response) -> str:
    return "".join(response.context["form"].errors.get("password", []))


def test_the_fifth_wrong_password_stops_and_says_for_how_long(sign_in, visitor):
    for left in (4, 3, 2, 1):
        assert f"还能试 {left} 次" in says(sign_in("nope"))
    assert "15 分钟后再试" in says(sign_in("nope"))

    response = sign_in(PASSWORD)

    assert response.status_code == 429
    assert "15 分钟后再试" in says(response)
    assert "_auth_user_id" not in visitor.session


def test_stopped_here_is_not_stopped_elsewhere(sign_in, teacher, address):
    for _ in range(6):
        sign_in("nope")

    elsewhere = Client(REMOTE_ADDR=f"{address}-home")
    elsewhere.post("/login/", {"username": teacher.username, "password": PASSWORD})

    assert "_auth_user_id" in elsewhere.session


def test_getting_in_forgets_the_slips(sign_in, visitor):
    for _ in range(4):
        sign_in("nope")
    sign_in()
    visitor.post("/logout/")

    assert "还能试 4 次" in says(sign_in("nope"))


def test_colleagues_at_the_same_address_get_in(sign_in, address):
    for _ in range(6):
        sign_in("nope")
    colleague = make_user(f"c-{address}", password=PASSWORD)
    beside = Client(REMOTE_ADDR=address)

    beside.post("/login/", {"username": colleague.username, "password": PASSWORD})

    assert "_auth_user_id" in beside.session


def test_a_guess_spread_over_many_addresses_is_stopped(settings, address):
    settings.SIGN_IN_TRIES_PER_PERSON = 3

    tries = [throttle.count_try(Try(f"u-{address}", f"{address}-{number}")) for number in range(4)]

    assert [each.stopped for each in tries] == [False, False, False, True]


def test_who_is_stopped_does_not_use_up_the_address(settings, address):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 6
    for _ in range(20):
        throttle.count_try(Try(f"u-{address}", address))

    assert not throttle.count_try(Try(f"c-{address}", address)).stopped


def test_those_who_get_in_do_not_use_up_the_address(settings, address):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 2
    for number in range(10):
        attempt = Try(f"{number}-{address}", address)
        assert not throttle.count_try(attempt).stopped
        throttle.forget(attempt)


def test_codes_and_passwords_are_counted_apart(address):
    for _ in range(6):
        throttle.count_try(Try(f"u-{address}", address))

    assert not throttle.count_try(Try(f"u-{address}", address, kind="code")).stopped


# ---- one address of a whole school -------------------------------------------------------------------


@pytest.fixture
def lane(settings, monkeypatch):
    """An address that may fail three times; `lane.pass_by()` lets the seconds of one turn pass."""
    settings.SIGN_IN_TRIES_PER_ADDRESS = 3
    taken: list[str] = []
    add = cache.add

    def noting(key, *rest):
        if key.endswith(":lane"):
            taken.append(key)
        return add(key, *rest)

    monkeypatch.setattr(cache, "add", noting)
    return SimpleNamespace(pass_by=lambda: cache.delete_many(taken))


def test_an_address_that_goes_through_all_names_is_slowed_down(lane, address):
    """After the third failure one try every two seconds; what does not get its turn counts against nobody."""
    tries = [throttle.count_try(Try(f"{number}-{address}", address)) for number in range(8)]

    assert [each.stopped for each in tries] == [False] * 4 + [True] * 4
    assert {each.seconds for each in tries if each.stopped} == {2}
    assert throttle.count_try(Try(f"7-{address}", f"{address}-home")).left == 4


def test_a_colleague_at_a_flooded_address_gets_in_at_the_next_turn(lane, address, visitor, db):
    for number in range(10):
        throttle.count_try(Try(f"{number}-{address}", address))
    colleague = make_user(f"c-{address}", password=PASSWORD)
    fields = {"username": colleague.username, "password": PASSWORD}

    refused = visitor.post("/login/", fields)
    assert refused.status_code == 429
    assert "排队" in says(refused)
    lane.pass_by()
    visitor.post("/login/", fields)

    assert "_auth_user_id" in visitor.session


def test_whoever_was_here_before_gets_in_at_once(lane, address, sign_in, visitor):
    """A flood from the same address, even one aimed at this person, does not keep them out of their browser."""
    sign_in()
    visitor.post("/logout/")
    for number in range(50):
        throttle.count_try(Try(f"{number}-{address}", address))
        throttle.count_try(Try(f"u-{address}", f"{address}-{number}"))

    sign_in()

    assert "_auth_user_id" in visitor.session


def test_a_known_browser_guesses_no_more_than_another(sign_in, visitor):
    sign_in()
    visitor.post("/logout/")
    for _ in range(5):
        sign_in("nope")

    assert sign_in().status_code == 429


def test_a_browser_that_knows_one_person_is_no_way_to_guess_for_others(lane, address, sign_in, visitor):
    sign_in()
    for number in range(10):
        throttle.count_try(Try(f"{number}-{address}", address))
    visitor.post("/logout/")

    assert sign_in("nope", username=f"c-{address}").status_code == 429


def test_the_cookie_of_a_browser_tells_nobody_and_cannot_be_made_up(sign_in, visitor, teacher):
    sign_in()
    cookie = visitor.cookies["browser"]

    assert cookie["httponly"]
    assert teacher.username not in cookie.value
    assert str(teacher.pk) not in cookie.value.split(".")
    request = RequestFactory().get("/")
    request.COOKIES["browser"] = cookie.value
    assert browsers.id_if_known(request, teacher.username)
    assert not browsers.id_if_known(request, "someone-else")
    request.COOKIES["browser"] = cookie.value[:-1] + ("a" if cookie.value[-1] != "a" else "b")
    assert not browsers.id_if_known(request, teacher.username)


@pytest.mark.parametrize("sessions", [300])
def test_a_school_of_300_behind_one_address_on_its_first_morning(sessions, address, db):
    """Each types the password wrong once, then right; nobody is stopped, whatever the order."""
    people = [Try(f"{number}-{address}", address) for number in range(sessions)]
    stopped = sum(throttle.count_try(person).stopped for person in people)
    for person in people:
        stopped += throttle.count_try(person).stopped
        throttle.forget(person)

    assert stopped == 0


@pytest.mark.parametrize(("behind_proxy", "stopped"), [(True, False), (False, True)])
def test_the_address_is_the_one_that_our_own_proxy_adds(db, settings, address, behind_proxy, stopped):
    """Without a proxy the header is the visitor's own invention; with one, only its last entry is not."""
    settings.BEHIND_PROXY = behind_proxy
    settings.SIGN_IN_TRIES_PER_ADDRESS = 2
    visitor = Client(REMOTE_ADDR=address)

    for number in range(4):
        response = visitor.post(
            "/login/",
            {"username": f"{number}-{address}", "password": "nope"},
            headers={"X-Forwarded-For": f"1.2.3.4, {address}-{number}"},
        )

    assert (response.status_code == 429) == stopped


@pytest.mark.parametrize("variant", [str.upper, str.lower])
def test_capitals_are_no_way_around(address, variant):
    for _ in range(5):
        throttle.count_try(Try(f"Teacher-{address}", address))

    assert throttle.count_try(Try(variant(f"Teacher-{address}"), address)).stopped
