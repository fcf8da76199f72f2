"""The second factor: nobody who needs one is signed in before it is shown or set up."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from django.test import Client

from foundation.accounts.models import RecoveryCode, SecondFactor, User
from foundation.accounts.operations import second_factor
from foundation.accounts.secrets import RECOVERY_DIGITS, decrypt, encrypt
from foundation.ledger.models import AuditEntry, Event
from tests.factories import PASSWORD

NOON = 1_800_000_000
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Clock:
    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


def code_of(secret: str, moment: float) -> str:
    return pyotp.TOTP(secret).at(datetime.fromtimestamp(moment, UTC))


@pytest.fixture
def enrolled(teacher, clock) -> list[str]:
    """The teacher has a second factor, set up a minute ago; the recovery codes."""
    codes = second_factor.set_up(person=teacher, secret=SECRET, code=code_of(SECRET, NOON))
    clock.now += 60
    return codes


@pytest.fixture
def in_front(sign_in, visitor, enrolled) -> Client:
    """The password was right."""
    assert sign_in()["Location"] == "/login/code/"
    return visitor


def show(visitor: Client, code: str):
    return visitor.post("/login/code/", {"code": code})


def says(response) -> str:
    return "".join(response.context["form"].errors.get("code", []))


def is_signed_in(visitor: Client) -> bool:
    return "_auth_user_id" in visitor.session


# ---- showing it ------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(in_front):
    assert not is_signed_in(in_front)
    assert in_front.get("/notices/")["Location"] == "/login/?next=/notices/"
    assert not Event.objects.exists()


def test_the_code_of_the_app_lets_in(in_front, clock):
    assert show(in_front, code_of(SECRET, clock.now))["Location"] == "/"

    assert is_signed_in(in_front)
    assert Event.objects.get().kind == "account.signed_in"


def test_where_they_wanted_to_go_is_kept_over_the_second_step(sign_in, visitor, enrolled, clock):
    sign_in(next="/notices/")

    assert show(visitor, code_of(SECRET, clock.now))["Location"] == "/notices/"


def test_own_computer_is_kept_over_the_second_step(sign_in, visitor, enrolled, clock):
    sign_in(own_computer="on")
    response = show(visitor, code_of(SECRET, clock.now))

    assert response.cookies["sessionid"]["max-age"] == 30 * 24 * 3600


def test_where_they_wanted_to_go_is_kept_over_a_wrong_code(sign_in, visitor, enrolled, clock):
    sign_in(next="/notices/")
    show(visitor, "000000")

    assert show(visitor, code_of(SECRET, clock.now))["Location"] == "/notices/"


@pytest.mark.parametrize(("seconds", "right"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_phone_may_be_half_a_minute_off(in_front, clock, seconds, right):
    show(in_front, code_of(SECRET, clock.now + seconds))

    assert is_signed_in(in_front) == right


def test_a_code_is_not_taken_twice(in_front, clock, teacher, address):
    code = code_of(SECRET, clock.now)
    show(in_front, code)
    watcher = Client(REMOTE_ADDR=f"{address}-watcher")
    watcher.post("/login/", {"username": teacher.username, "password": PASSWORD})

    assert "不对" in says(show(watcher, code))
    assert not is_signed_in(watcher)


def test_an_older_code_is_not_taken_after_a_newer_one(in_front, clock, teacher, address):
    show(in_front, code_of(SECRET, clock.now))
    watcher = Client(REMOTE_ADDR=f"{address}-watcher")
    watcher.post("/login/", {"username": teacher.username, "password": PASSWORD})
    show(watcher, code_of(SECRET, clock.now - 30))

    assert not is_signed_in(watcher)


def test_guessing_codes_is_slowed_down(in_front, clock):
    for left in (4, 3, 2, 1, 0):
        assert f"还能试 {left} 次" in says(show(in_front, "000000"))

    assert show(in_front, code_of(SECRET, clock.now)).status_code == 429
    assert not is_signed_in(in_front)


def test_the_second_step_does_not_wait_for_ever(in_front, clock, settings):
    session = in_front.session
    session["waiting_for_second_factor"] |= {"since": session["waiting_for_second_factor"]["since"] - 16 * 60}
    session.save()

    assert show(in_front, code_of(SECRET, clock.now))["Location"] == "/login/"
    assert not is_signed_in(in_front)


def test_without_a_password_there_is_no_second_step(visitor, enrolled, clock):
    assert show(visitor, code_of(SECRET, clock.now))["Location"] == "/login/"
    assert visitor.post("/login/set-up/", {"code": "000000"})["Location"] == "/login/"


def test_an_account_closed_meanwhile_stays_out(in_front, clock):
    User.objects.update(is_active=False)

    assert show(in_front, code_of(SECRET, clock.now))["Location"] == "/login/"


def test_a_code_for_a_new_password_does_not_replace_the_second_factor(visitor, teacher, enrolled, clock):
    from foundation.accounts import operations

    code = operations.issue_codes(people=[teacher], actor=None)[teacher.pk]
    visitor.post("/open/", {"username": teacher.username, "code": code})

    response = visitor.post("/open/password/", {"password": "春天的松花江边很美丽"})

    assert response["Location"] == "/login/code/"
    assert not is_signed_in(visitor)


# ---- recovery codes --------------------------------------------------------------------------------


def test_a_recovery_code_lets_in_once(in_front, enrolled, teacher, address):
    assert show(in_front, f"{enrolled[0][:4]} {enrolled[0][4:]}").status_code == 302
    assert is_signed_in(in_front)
    assert RecoveryCode.objects.count() == 9
    entry = AuditEntry.objects.order_by("-number").first()
    assert (entry.act, entry.details) == ("person.recovery_code_used", {"left": 9})

    again = Client(REMOTE_ADDR=f"{address}-again")
    again.post("/login/", {"username": teacher.username, "password": PASSWORD})
    show(again, enrolled[0])
    assert not is_signed_in(again)


def test_codes_and_secret_are_not_kept_in_clear(enrolled, teacher):
    kept = SecondFactor.objects.get()

    assert SECRET not in kept.secret
    assert decrypt(kept.secret) == SECRET
    assert not set(enrolled) & set(RecoveryCode.objects.values_list("digest", flat=True))
    assert {len(code) for code in enrolled} == {RECOVERY_DIGITS}


def test_the_secret_outlives_a_change_of_the_key(settings):
    settings.SECRET_KEY = "old"
    kept = encrypt(SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    assert decrypt(kept) == SECRET

    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(kept) is None


# ---- required --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("required", "staff", "needed"),
    [
        ("", True, False),
        ("administrators", True, True),
        ("administrators", False, False),
        ("everyone", False, True),
    ],
)
def test_who_has_to_set_it_up(sign_in, visitor, teacher, settings, required, staff, needed):
    settings.SECOND_FACTOR_REQUIRED = required
    User.objects.update(is_staff=staff)

    assert sign_in()["Location"] == ("/login/set-up/" if needed else "/")
    assert is_signed_in(visitor) == (not needed)


def test_setting_up_at_the_sign_in_shows_the_codes_and_lets_in(sign_in, visitor, teacher, settings, clock):
    settings.SECOND_FACTOR_REQUIRED = "everyone"
    sign_in(next="/notices/")
    page = visitor.get("/login/set-up/").content.decode()
    secret = re.search(r'class="secret">(\w+)<', page)[1]
    assert "data:image/svg+xml" in page
    assert secret in visitor.get("/login/set-up/").content.decode(), "the same until it is confirmed"

    assert "不对" in says(visitor.post("/login/set-up/", {"code": "000000"}))
    assert not is_signed_in(visitor)
    response = visitor.post("/login/set-up/", {"code": code_of(secret, clock.now)})

    assert len(response.context["codes"]) == 10
    assert response.context["next"] == "/notices/"
    assert is_signed_in(visitor)
    assert second_factor.is_set(teacher)
    assert [entry.act for entry in AuditEntry.objects.all()] == ["person.second_factor_set"]
    assert secret not in str(dict(visitor.session))


# ---- one's own -------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(in_front, clock) -> Client:
    show(in_front, code_of(SECRET, clock.now))
    clock.now += 60
    return in_front


def test_removing_it_needs_it(signed_in, teacher, clock):
    signed_in.post("/account/second-factor/", {"do": "remove", "code": "000000"})
    assert second_factor.is_set(teacher)

    signed_in.post("/account/second-factor/", {"do": "remove", "code": code_of(SECRET, clock.now)})

    assert not second_factor.is_set(teacher)
    assert not RecoveryCode.objects.exists()
    assert AuditEntry.objects.order_by("-number").first().act == "person.second_factor_removed"


def test_where_it_is_required_it_is_not_removed(signed_in, teacher, clock, settings):
    settings.SECOND_FACTOR_REQUIRED = "everyone"

    response = signed_in.post("/account/second-factor/", {"do": "remove", "code": code_of(SECRET, clock.now)})

    assert "不能取消" in says(response)
    assert second_factor.is_set(teacher)


def test_new_recovery_codes_replace_the_old_ones(signed_in, enrolled, clock):
    response = signed_in.post("/account/second-factor/", {"do": "renew", "code": code_of(SECRET, clock.now)})

    assert len(response.context["codes"]) == 10
    assert RecoveryCode.objects.count() == 10
    assert not set(enrolled) & {code.replace(" ", "") for code in response.context["codes"]}


def test_set_up_from_ones_own_account(sign_in, visitor, teacher, clock):
    sign_in()
    page = visitor.get("/account/second-factor/set-up/").content.decode()
    secret = re.search(r'class="secret">(\w+)<', page)[1]

    visitor.post("/account/second-factor/set-up/", {"code": code_of(secret, clock.now)})

    assert second_factor.is_set(teacher)
    assert visitor.get("/account/second-factor/set-up/")["Location"] == "/account/"


# ---- for programs ----------------------------------------------------------------------------------


def test_the_api_takes_the_code_along(visitor, teacher, enrolled, clock):
    body = {"username": teacher.username, "password": PASSWORD}
    refused = visitor.post("/api/v1/session", body, content_type="application/json")
    assert refused.status_code == 401
    assert not is_signed_in(visitor)

    body["code"] = code_of(SECRET, clock.now)
    assert visitor.post("/api/v1/session", body, content_type="application/json").status_code == 200
    assert is_signed_in(visitor)


def test_the_api_is_no_way_around_setting_it_up(visitor, teacher, settings):
    settings.SECOND_FACTOR_REQUIRED = "everyone"
    body = {"username": teacher.username, "password": PASSWORD}

    response = visitor.post("/api/v1/session", body, content_type="application/json")

    assert response.status_code == 401
    assert "二次验证" in response.json()["detail"]
    assert not is_signed_in(visitor)
