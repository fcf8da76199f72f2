"""Guessing is slowed down per person; a school behind one address is never locked out."""

import pytest
from django.test import Client

from foundation.accounts import throttle
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
    username = f"u-{address}"

    tries = [throttle.count_try(username=username, address=f"{address}-{number}") for number in range(4)]

    assert [each.stopped for each in tries] == [False, False, False, True]


def test_one_address_going_through_all_names_is_stopped(settings, address):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 3

    tries = [throttle.count_try(username=f"{number}-{address}", address=address) for number in range(4)]

    assert [each.stopped for each in tries] == [False, False, False, True]


def test_who_is_stopped_does_not_use_up_the_address(settings, address):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 6
    for _ in range(20):
        throttle.count_try(username=f"u-{address}", address=address)

    assert not throttle.count_try(username=f"c-{address}", address=address).stopped


def test_those_who_get_in_do_not_use_up_the_address(settings, address):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 2
    for number in range(10):
        assert not throttle.count_try(username=f"{number}-{address}", address=address).stopped
        throttle.forget(username=f"{number}-{address}", address=address)


@pytest.mark.parametrize(("behind_proxy", "stopped"), [(True, False), (False, True)])
def test_the_address_is_the_one_that_our_own_proxy_adds(db, settings, address, behind_proxy, stopped):
    """Without a proxy the header is the visitor's own invention; with one, only its last entry is not."""
    settings.BEHIND_PROXY = behind_proxy
    settings.SIGN_IN_TRIES_PER_ADDRESS = 2
    visitor = Client(REMOTE_ADDR=address)

    for number in range(3):
        response = visitor.post(
            "/login/",
            {"username": f"{number}-{address}", "password": "nope"},
            headers={"X-Forwarded-For": f"1.2.3.4, {address}-{number}"},
        )

    assert (response.status_code == 429) == stopped


@pytest.mark.parametrize("variant", [str.upper, str.lower])
def test_capitals_are_no_way_around(address, variant):
    for _ in range(5):
        throttle.count_try(username=f"Teacher-{address}", address=address)

    assert throttle.count_try(username=variant(f"Teacher-{address}"), address=address).stopped
