import pytest

from foundation.accounts.models import User
from tests.factories import make_superuser, make_user


@pytest.fixture
def desk(client, db):
    client.force_login(make_superuser())
    return client


def test_an_account_is_opened_with_a_password(desk):
    fields = {"username": "13900000018", "name": "李老师", "usable_password": "true"}
    fields |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    fields |= {"password1": "lesson-plan-18", "password2": "lesson-plan-18"}

    response = desk.post("/admin/accounts/user/add/", fields)

    assert response.status_code == 302
    person = User.objects.get(username="13900000018")
    assert person.name == "李老师"
    assert person.check_password("lesson-plan-18")


def test_a_password_is_reset(desk):
    person = make_user()

    response = desk.post(
        f"/admin/accounts/user/{person.pk}/password/",
        {"password1": "lesson-plan-19", "password2": "lesson-plan-19", "usable_password": "true"},
    )

    assert response.status_code == 302
    person.refresh_from_db()
    assert person.check_password("lesson-plan-19")


@pytest.mark.parametrize("path", ["", "add/"])
def test_pages_open(desk, path):
    assert desk.get(f"/admin/accounts/user/{path}").status_code == 200


def test_the_page_of_a_person_opens(desk):
    assert desk.get(f"/admin/accounts/user/{make_user().pk}/change/").status_code == 200
