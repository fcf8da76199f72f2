"""POST, GET and DELETE /api/v1/session, for programs that speak JSON."""

import pytest

from foundation.ledger.models import Event
from tests.factories import PASSWORD

SESSION = "/api/v1/session"


@pytest.fixture
def sign_in(caller, teacher):
    def post(password: str = PASSWORD, content_type: str = "application/json"):
        return caller.post(SESSION, {"username": teacher.username, "password": password}, content_type)

    return post


def problem(response) -> tuple[int, str, str]:
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["title"], body.get("detail", "")


def test_signing_in_sets_the_cookie_and_says_who(sign_in, caller, teacher):
    response = sign_in()

    assert response.status_code == 200
    assert response.json() == {"user": {"id": teacher.pk, "username": teacher.username, "name": "王老师"}}
    assert response.cookies["sessionid"]["httponly"]
    assert caller.get(SESSION).json() == response.json()
    assert Event.objects.get().kind == "account.signed_in"


def test_wrong_password(sign_in, caller):
    status, title, detail = problem(sign_in("nope"))

    assert (status, title) == (401, "还没有登录")
    assert "还能试 4 次" in detail
    assert "sessionid" not in caller.cookies
    assert not Event.objects.exists()


def test_too_many_tries_say_when_to_come_back(sign_in):
    for _ in range(5):
        sign_in("nope")

    response = sign_in()

    assert problem(response)[0] == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60


def test_the_page_and_the_api_count_together(sign_in, caller, teacher):
    for _ in range(5):
        sign_in("nope")
    caller.handler.enforce_csrf_checks = False

    assert caller.post("/login/", {"username": teacher.username, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_only_json_signs_in(caller, teacher, content_type):
    body = f'{{"username": "{teacher.username}", "password": "{PASSWORD}"}}'

    assert problem(caller.post(SESSION, body, content_type))[0] == 415
    assert "sessionid" not in caller.cookies


@pytest.mark.parametrize("body", ["", "{", "[]", '{"username": "x"}', '{"username": 1, "password": []}'])
def test_what_is_not_understood_is_a_problem_document(caller, db, body):
    assert problem(caller.post(SESSION, body, "application/json"))[0] in {400, 422}


@pytest.mark.parametrize("username", ["a\x00b", "\x00", "汉" * 65, "'; drop table users;--"])
def test_strange_names_are_only_wrong(caller, db, username):
    response = caller.post(SESSION, {"username": username, "password": "x"}, "application/json")

    assert problem(response)[0] in {401, 422}


def test_missing_fields_are_named(caller, db):
    response = caller.post(SESSION, "{}", "application/json")

    assert [error["at"] for error in response.json()["errors"]] == [
        "body.body.username",
        "body.body.password",
    ]


def test_who_am_i_when_nobody(caller, db):
    assert problem(caller.get(SESSION))[:2] == (401, "还没有登录")


def test_signing_out_needs_the_csrf_token(sign_in, caller):
    sign_in()

    assert problem(caller.delete(SESSION))[0] == 403
    assert caller.get(SESSION).status_code == 200

    token = caller.cookies["csrftoken"].value
    assert caller.delete(SESSION, headers={"X-CSRFToken": token}).status_code == 204
    assert caller.get(SESSION).status_code == 401


def test_the_description_is_public(caller, db):
    response = caller.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert set(response.json()["paths"]["/api/v1/session"]) == {"post", "get", "delete"}


def test_an_unknown_address_is_a_problem_document(caller, db):
    assert problem(caller.get("/api/v1/nothing-here")) == (404, "没有这一项", "")


def test_a_wrong_method_says_so(caller, db):
    response = caller.put(SESSION, "{}", "application/json")

    assert problem(response) == (405, "这里不能这样做", "")
    assert set(response["Allow"].split(", ")) == {"POST", "GET", "DELETE"}
