"""The sign-in page: getting in, staying in, and what it says when it does not work."""

import pytest
from django.test import Client
from django.urls import reverse

from foundation.ledger.models import Event
from tests.factories import PASSWORD, make_user


def says(response) -> str:
    return "".join(response.context["form"].errors.get("password", []))


def is_signed_in(visitor: Client) -> bool:
    return "_auth_user_id" in visitor.session


def test_right_password_leads_to_today_and_is_recorded(sign_in, visitor, teacher):
    response = sign_in()

    assert response.status_code == 302
    assert response["Location"] == reverse("today")
    assert is_signed_in(visitor)
    event = Event.objects.get()
    assert (event.kind, event.actor, event.data) == ("account.signed_in", teacher, {"own_computer": False})


def test_wrong_password_says_how_many_tries_are_left_and_who_helps(sign_in, visitor):
    response = sign_in("nope")

    assert response.status_code == 200
    assert "还能试 4 次" in says(response)
    assert "学校管理员" in says(response)
    assert not is_signed_in(visitor)
    assert not Event.objects.exists()


def test_a_name_that_nobody_has_gets_the_same_words(sign_in, teacher):
    assert says(sign_in("nope", username=f"{teacher.username}-x")) == says(sign_in("nope"))


def test_empty_fields_are_named(visitor, db):
    response = visitor.post("/login/", {})

    assert response.context["form"].errors == {
        "username": ["请填手机号或工号。"],
        "password": ["请填密码。"],
    }


def test_full_width_digits_and_spaces_are_read_as_meant(visitor, db, address):
    make_user("13900000017", password=PASSWORD)

    visitor.post("/login/", {"username": " １３９ 0000 0017", "password": PASSWORD})

    assert is_signed_in(visitor)


def test_session_key_changes_at_sign_in(sign_in, visitor):
    session = visitor.session
    session["before"] = 1
    session.save()
    before = session.session_key
    visitor.cookies["sessionid"] = before

    sign_in()

    assert visitor.session.session_key != before


def test_shared_computer_forgets_with_the_browser_and_after_an_hour_of_rest(sign_in, visitor):
    cookie = sign_in().cookies["sessionid"]

    assert cookie["max-age"] == ""
    assert visitor.session.get_expiry_age() == 3600


def test_own_computer_is_remembered_for_thirty_days(sign_in, visitor):
    cookie = sign_in(own_computer="on").cookies["sessionid"]

    assert cookie["max-age"] == 30 * 24 * 3600
    assert Event.objects.get().data == {"own_computer": True}


def test_who_is_signed_in_goes_on(sign_in, visitor):
    sign_in()

    assert visitor.get("/login/?next=/notices/")["Location"] == "/notices/"


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("a", "/"),
        ("/notices/?page=2", "/notices/?page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_goes_on_to_our_own_pages_only(sign_in, wanted, leads_to):
    assert sign_in(next=wanted)["Location"] == leads_to


def test_closed_account_is_told_so_only_with_the_right_password(sign_in, visitor, teacher):
    teacher.is_active = False
    teacher.save()

    assert "已经停用" in says(sign_in())
    assert "已经停用" not in says(sign_in("nope"))
    assert not is_signed_in(visitor)


def test_closing_an_account_ends_its_sessions(sign_in, visitor, teacher):
    sign_in()
    teacher.is_active = False
    teacher.save()

    assert visitor.get("/notices/")["Location"] == "/login/?next=/notices/"


def test_sign_out_needs_a_post(sign_in, visitor):
    sign_in()

    assert visitor.get("/logout/").status_code == 405
    assert is_signed_in(visitor)
    assert visitor.post("/logout/")["Location"] == "/login/"
    assert not is_signed_in(visitor)


def test_sign_in_checks_the_csrf_token(teacher, address):
    strict = Client(enforce_csrf_checks=True, REMOTE_ADDR=address)

    response = strict.post("/login/", {"username": teacher.username, "password": PASSWORD})

    assert response.status_code == 403
    assert "刷新" in response.content.decode()
    assert not is_signed_in(strict)


def test_every_page_but_the_sign_in_wants_a_person(db):
    assert Client().get("/notices/")["Location"] == "/login/?next=/notices/"


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(db):
    response = Client().get("/notices/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/"
