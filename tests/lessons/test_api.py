"""GET /api/v1/lesson-plans/: the same plans as on the pages, with the socket to write them."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanInvitation
from tests.factories import Tree, make_plan

LIST = "/api/v1/lesson-plans/"


@pytest.fixture
def api(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_the_list_holds_what_i_may_see_and_what_i_may_do(api: Client, owner: User, colleague: User) -> None:
    mine = make_plan(owner, title="我的")
    archived = make_plan(owner, title="归档的", state="archived")
    invited = make_plan(colleague, title="请我写的")
    PlanInvitation.objects.create(plan=invited, user=owner, access="write", invited_by=colleague)
    read = make_plan(colleague, title="全省的", reach="province")
    make_plan(colleague, title="别人的")
    body = api.get(LIST).json()
    assert body["next"] is None
    assert {(item["title"], item["access"]) for item in body["items"]} == {
        (mine.title, "write"),
        (archived.title, "read"),
        (invited.title, "write"),
        (read.title, "read"),
    }
    one = next(item for item in body["items"] if item["id"] == str(mine.pk))
    assert one == {
        "id": str(mine.pk),
        "title": "我的",
        "access": "write",
        "socket": f"/ws/docs/lesson-plan/{mine.pk}",
    }


def test_pages_are_followed_by_cursor(api: Client, owner: User) -> None:
    for number in range(5):
        make_plan(owner, title=f"第{number}课")
    first = api.get(LIST, {"limit": 3}).json()
    second = api.get(LIST, {"limit": 3, "cursor": first["next"]}).json()
    assert second["next"] is None
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 5


def test_the_list_costs_the_same_however_long(api: Client, tree: Tree, owner: User, colleague: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            api.get(LIST)
        return len(captured)

    make_plan(owner)
    few = queries()
    for _number in range(10):
        PlanInvitation.objects.create(
            plan=make_plan(colleague), school=tree.school, access="write", invited_by=colleague
        )
    assert queries() == few <= 6


def test_one_plan_by_its_id(api: Client, owner: User) -> None:
    plan = make_plan(owner, title="山行")
    assert api.get(f"{LIST}{plan.pk}").json()["title"] == "山行"


def test_a_plan_i_may_not_see_is_not_there(api: Client, colleague: User) -> None:
    hidden = make_plan(colleague)
    answers = [api.get(f"{LIST}{pk}") for pk in (hidden.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Content-Type"].startswith("application/problem+json")


def test_a_cursor_from_nowhere_is_refused(api: Client) -> None:
    assert api.get(LIST, {"cursor": "nonsense"}).status_code == 422


def test_nobody_reads_without_signing_in(db: None) -> None:
    assert Client().get(LIST).status_code == 401
    assert not LessonPlan.objects.exists()
