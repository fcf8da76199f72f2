import re

import pytest

from foundation.accounts.models import User
from foundation.accounts.secrets import digest
from tests.factories import make_superuser, make_user

NOWHERE = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


@pytest.fixture
def desk(client, db):
    client.force_login(make_superuser())
    return client


def test_an_account_is_made_with_a_code_that_opens_it(desk):
    response = desk.post("/admin/accounts/user/add/", {"username": "13900000018", "name": "李老师"} | NOWHERE)

    assert response.status_code == 302
    person = User.objects.get(username="13900000018")
    assert person.name == "李老师"
    assert not person.is_activated
    code = re.search(r"李老师的开通码：([\d ]+)。", desk.get("/admin/", follow=True).content.decode())[1]
    assert person.one_time_codes.get().digest == digest("code", person.pk, code.replace(" ", ""))


def test_what_is_typed_with_spaces_is_what_the_sign_in_looks_for(desk):
    desk.post("/admin/accounts/user/add/", {"username": "１３９ 0000 0020", "name": "赵老师"} | NOWHERE)

    assert User.objects.get(name="赵老师").username == "13900000020"


def test_one_username_in_two_spellings_is_one(desk):
    make_user("13900000021")

    response = desk.post(
        "/admin/accounts/user/add/", {"username": "139 0000 0021", "name": "赵老师"} | NOWHERE
    )

    assert response.status_code == 200
    assert not User.objects.filter(name="赵老师").exists()


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/login/?next=/admin/", 302)
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 405


def test_who_is_no_administrator_is_told_so(client, db):
    client.force_login(make_user())

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert "后台只开放给管理员" in response.content.decode()


@pytest.mark.parametrize("path", ["", "add/"])
def test_pages_open(desk, path):
    assert desk.get(f"/admin/accounts/user/{path}").status_code == 200


def test_the_page_of_a_person_opens(desk):
    assert desk.get(f"/admin/accounts/user/{make_user().pk}/change/").status_code == 200
