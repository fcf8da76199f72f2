"""What is kept about a person: declared, exported, and taken out when they leave, with every count left right."""

import io
import json
import zipfile
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from foundation.accounts import operations as accounts
from foundation.accounts import personal_data
from foundation.accounts.errors import NotPossible as AccountNotPossible
from foundation.accounts.models import DeletionRequest, SignedInSession, User
from foundation.files.operations import store
from foundation.ledger.audit import verify
from foundation.ledger.models import AuditEntry, Event
from foundation.notices.models import Notice
from lessons import operations as lessons
from lessons import versions
from lessons.models import LessonPlan, PlanInvitation
from lessons.policies import rights
from realtime.models import ClientOwner, DocumentUpdate
from teaching_centres import operations
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.policies import may_let_in
from teaching_centres.queries import person_card
from tests.factories import (
    PASSWORD,
    make_administrator,
    make_plan,
    make_school,
    make_superuser,
    make_teacher,
)
from tests.files.pictures import picture, upload

NAME, NUMBER = "金明淑", "13904319999"


@pytest.fixture
def school(db):
    return make_school(name="松岭小学")


@pytest.fixture
def teacher(school) -> User:
    return make_teacher(school, username=NUMBER, name=NAME, email="jin@example.org", password=PASSWORD)


@pytest.fixture
def colleague(school) -> User:
    return make_teacher(school, name="同事", password=PASSWORD)


@pytest.fixture
def head(school) -> User:
    return make_administrator(school, name="校管理员")


@pytest.fixture
def plan(teacher, colleague) -> LessonPlan:
    """Everything a person leaves behind: a plan with a colleague, a version, a picture, visits, notices, edits."""
    plan = make_plan(teacher, title="美丽的小兴安岭")
    lessons.invite(actor=teacher, plan=plan, user=colleague, level=PlanInvitation.Access.WRITE)
    versions.name_version(actor=teacher, plan=plan, name="定稿")
    lessons.visit(actor=teacher, plan=plan)
    store(upload=upload(picture()), subject_kind="lesson-plan", subject_id=plan.pk, actor=teacher)
    others = make_plan(colleague, title="同事的教案")
    lessons.invite(actor=colleague, plan=others, user=teacher, level=PlanInvitation.Access.READ)
    DocumentUpdate.objects.create(
        document=plan.document, user_id=teacher.pk, clients=[7], payload=b"", at=timezone.now(), hot=False
    )
    return plan


@pytest.fixture
def browser(teacher) -> Client:
    browser = Client()
    browser.post("/login/", {"username": NUMBER, "password": PASSWORD})
    return browser


def due(person: User) -> None:
    accounts.ask_deletion(person=person)
    DeletionRequest.objects.update(due_at=timezone.now() - timedelta(seconds=1))


# ---- declared --------------------------------------------------------------------------------------


def test_every_relation_to_a_person_is_declared():
    """A new model that points at people must say on the page what it keeps, and why."""
    declared = {model for kind in personal_data.kinds() for model in kind.models}
    floors = ("foundation", "lessons", "teaching_centres", "realtime", "allauth", "django.contrib.admin")
    pointing = {
        model
        for model in apps.get_models()
        if model.__module__.startswith(floors)
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is User and field.concrete
    }
    assert len(pointing) > 12
    assert {model.__name__ for model in pointing - declared} == set()


def test_people_who_are_only_ids_are_declared_too():
    declared = {model for kind in personal_data.kinds() for model in kind.models}

    assert {DocumentUpdate, ClientOwner, AuditEntry} <= declared


def test_the_page_says_what_why_and_how_long(browser):
    page = browser.get("/account/data/").content.decode()

    for kind in personal_data.kinds():
        for text in (kind.label, kind.what, kind.purpose, kind.kept_for, kind.after_deletion):
            assert str(text)
            assert str(text) in page


# ---- exported --------------------------------------------------------------------------------------


@pytest.fixture
def archive(plan, browser) -> zipfile.ZipFile:
    return exported(browser)


def exported(browser: Client) -> zipfile.ZipFile:
    response: Any = browser.post("/account/data/export/")
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def rows(archive: zipfile.ZipFile, key: str):
    return json.loads(archive.read(f"{key}.json"))


def test_everything_is_in_the_export(archive, plan, teacher):
    assert archive.testzip() is None
    assert {f"{kind.key}.json" for kind in personal_data.kinds()} <= set(archive.namelist())
    assert rows(archive, "account")[0]["姓名"] == NAME
    assert rows(archive, "memberships")[0]["单位"] == "松岭小学"
    assert [row["课题"] for row in rows(archive, "lesson-plans")] == ["美丽的小兴安岭"]
    assert rows(archive, "edits")[0]["改动次数"] >= 1
    assert {row["请"] for row in rows(archive, "invitations")} == {"你", "同事"}
    assert [row["名称"] for row in rows(archive, "versions")] == ["定稿"]
    assert rows(archive, "sessions")
    assert rows(archive, "notices")[0]["内容"].startswith("同事请你看教案")
    assert {"account.signed_in", "plan.opened"} <= {row["事件"] for row in rows(archive, "usage")}


def test_plans_and_pictures_come_along(archive):
    texts = [name for name in archive.namelist() if name.startswith("lesson-plans/")]
    assert texts == ["lesson-plans/001-美丽的小兴安岭.txt"]
    assert "美丽的小兴安岭" in archive.read(texts[0]).decode()
    (picture,) = [name for name in archive.namelist() if name.startswith("files/")]
    assert archive.read(picture)[:4] == b"\x89PNG"


def test_the_page_in_it_can_be_read(archive):
    page = archive.read("index.html").decode()

    assert NAME in page
    assert "为什么" in page
    assert "美丽的小兴安岭" in page


def test_no_secret_is_in_it(archive, teacher):
    whole = b"".join(archive.read(name) for name in archive.namelist())

    teacher.refresh_from_db()
    assert teacher.password.encode() not in whole
    assert SignedInSession.objects.get().session_key.encode() not in whole


def test_nothing_of_anyone_else_is_in_it(plan, colleague):
    other = Client()
    other.force_login(make_teacher())
    archive = exported(other)

    whole = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert NAME not in whole
    assert "美丽的小兴安岭" not in whole


def test_an_export_is_in_the_trail(archive, teacher):
    entry = AuditEntry.objects.get(act="person.exported")
    assert (entry.actor_id, entry.subject_id) == (teacher.pk, str(teacher.pk))


# ---- asked for -------------------------------------------------------------------------------------


def test_asking_changes_nothing_yet_and_tells_the_administrator(browser, teacher, head):
    response = browser.post("/account/data/delete/", follow=True)

    assert "由管理员办理" in response.content.decode()
    teacher.refresh_from_db()
    assert teacher.is_active
    request = DeletionRequest.objects.get()
    assert request.due_at - request.asked_at == pytest.approx(timedelta(days=15), abs=timedelta(seconds=5))
    notice = Notice.objects.get(recipient=head)
    assert (notice.text, notice.path) == (f"{NAME}申请注销帐号，到期请办理", f"/people/{teacher.pk}/account/")


def test_without_an_administrator_at_the_school_the_county_hears_of_it(browser, school):
    county = make_administrator(school.county)
    make_administrator(school.county.parent)

    browser.post("/account/data/delete/")

    assert list(Notice.objects.values_list("recipient", flat=True)) == [county.pk]


def test_asking_twice_does_not_start_the_time_anew(browser, teacher):
    browser.post("/account/data/delete/")
    first = DeletionRequest.objects.get().due_at
    browser.post("/account/data/delete/")

    assert DeletionRequest.objects.get().due_at == first


def test_it_can_be_withdrawn(browser, head):
    browser.post("/account/data/delete/")
    browser.post("/account/data/keep/")

    assert not DeletionRequest.objects.exists()
    acts = AuditEntry.objects.order_by("id").values_list("act", flat=True)
    assert list(acts) == ["person.deletion_asked", "person.deletion_withdrawn"]
    assert Notice.objects.filter(recipient=head, text__contains="撤回").exists()


# ---- carried out -----------------------------------------------------------------------------------


def test_nobody_is_deleted_without_having_asked(teacher, head):
    with pytest.raises(NotPossible, match="没有申请注销"):
        operations.delete_person(person=teacher, actor=head)

    teacher.refresh_from_db()
    assert teacher.name == NAME


def test_nobody_is_deleted_before_the_time(teacher, head):
    accounts.ask_deletion(person=teacher)

    with pytest.raises(NotPossible, match="还没到时候"):
        operations.delete_person(person=teacher, actor=head)

    teacher.refresh_from_db()
    assert teacher.deleted_at is None


def test_the_name_and_the_ways_in_are_gone(plan, browser, teacher, head):
    due(teacher)

    operations.delete_person(person=teacher, actor=head)

    gone = User.objects.get(pk=teacher.pk)
    assert (gone.username, gone.name, gone.email) == (f"gone-{gone.pk}", "已离开的教师", "")
    assert not gone.is_active
    assert not gone.has_usable_password()
    assert gone.last_login is None
    assert browser.get("/notices/").status_code == 302
    assert not may_let_in(make_superuser(), gone)
    assert not DeletionRequest.objects.exists()
    again = Client()
    again.post("/login/", {"username": NUMBER, "password": PASSWORD})
    assert "_auth_user_id" not in again.session


def everything_stored() -> str:
    """Every column of every row, as text."""
    stored = []
    for model in apps.get_models():
        stored += [str(value) for row in model._default_manager.all().values() for value in row.values()]
    return "\n".join(stored)


def test_neither_name_nor_number_nor_address_stands_anywhere(plan, browser, teacher, head, colleague):
    """Everywhere but in what people wrote: the plan here does not contain the name."""
    desk = Client()
    desk.force_login(make_superuser())
    fields = {"username": NUMBER, "name": NAME, "email": "jin@example.org", "is_active": "on"}
    fields |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    desk.post(f"/admin/accounts/user/{teacher.pk}/change/", fields)
    assert LogEntry.objects.filter(object_repr=NAME).exists()
    accounts.issue_codes(people=[teacher], actor=None)
    browser.post("/account/data/delete/")
    DeletionRequest.objects.update(due_at=timezone.now())
    before = everything_stored()
    assert all(word in before for word in (NAME, NUMBER, "jin@example.org"))

    operations.delete_person(person=teacher, actor=head)

    after = everything_stored()
    assert [word for word in (NAME, NUMBER, "jin@example.org") if word in after] == []


def test_counts_and_the_trail_stay_as_they_were(plan, browser, teacher, head):
    """Ledger, log, versions and memberships keep their rows; the chain is whole."""

    def counts():
        return (
            list(
                Event.objects.values("kind", "actor", "school_id")
                .annotate(n=Count("pk"))
                .order_by("kind", "actor")
            ),
            DocumentUpdate.objects.filter(user_id=teacher.pk).count(),
            plan.versions.count(),
            teacher.memberships.count(),
        )

    due(teacher)
    before, entries = counts(), AuditEntry.objects.count()
    operations.delete_person(person=teacher, actor=head)

    assert counts() == before
    assert AuditEntry.objects.count() == entries + 1
    assert AuditEntry.objects.order_by("-id").first().act == "person.deleted"
    assert verify() == []
    assert person_card(teacher.pk).name == "已离开的教师"


def test_plans_stay_for_those_who_may_read_them(plan, teacher, head, colleague):
    private = make_plan(teacher, title="没给人看过")
    due(teacher)

    operations.delete_person(person=teacher, actor=head)

    kept = LessonPlan.objects.select_related("owner").get(pk=plan.pk)
    assert kept.owner.name == "已离开的教师"
    assert rights(colleague, kept).write
    assert not rights(colleague, LessonPlan.objects.get(pk=private.pk)).read
    assert not rights(head, LessonPlan.objects.get(pk=private.pk)).read


def test_plans_are_handed_over(plan, teacher, head, colleague):
    due(teacher)

    operations.delete_person(person=teacher, successor=colleague, actor=head)

    handed = LessonPlan.objects.get(pk=plan.pk)
    assert handed.owner == colleague
    assert rights(colleague, handed).manage
    assert not PlanInvitation.objects.filter(plan=handed, user=colleague).exists()
    assert Notice.objects.filter(recipient=colleague, text__contains="1 份教案交给你").exists()
    assert AuditEntry.objects.get(act="person.deleted").details == {"plans_to": colleague.pk}


@pytest.mark.parametrize("who", ["stranger", "closed", "self"])
def test_plans_go_to_nobody_else(plan, teacher, head, colleague, who):
    due(teacher)
    successor = {"stranger": make_teacher(), "closed": colleague, "self": teacher}[who]
    if who == "closed":
        User.objects.filter(pk=colleague.pk).update(is_active=False)
        successor.refresh_from_db()

    with pytest.raises((Denied, AccountNotPossible)):
        operations.delete_person(person=teacher, successor=successor, actor=head)

    teacher.refresh_from_db()
    assert teacher.deleted_at is None
    assert LessonPlan.objects.get(pk=plan.pk).owner == teacher


def test_by_the_page(plan, teacher, head, colleague):
    desk = Client()
    desk.force_login(head)
    due(teacher)
    assert "注销这个帐号" in desk.get(f"/people/{teacher.pk}/account/").content.decode()

    wrong = desk.post(f"/people/{teacher.pk}/account/", {"do": "delete", "plans_to": "nobody"}, follow=True)
    assert "没有找到“nobody”" in wrong.content.decode()
    response = desk.post(f"/people/{teacher.pk}/account/", {"do": "delete", "plans_to": colleague.username})

    assert response["Location"] == "/people/accounts/"
    assert User.objects.get(pk=teacher.pk).deleted_at is not None
    assert LessonPlan.objects.get(pk=plan.pk).owner == colleague
    assert desk.get(f"/people/{teacher.pk}/account/").status_code == 404


def test_the_operator_need_not_wait(teacher):
    printed = StringIO()

    call_command("delete_person", NUMBER, "--yes", stdout=printed)

    assert "注销了" in printed.getvalue()
    assert User.objects.get(pk=teacher.pk).deleted_at is not None
    assert AuditEntry.objects.get().actor_id is None
    with pytest.raises(CommandError, match="没有这个帐号"):
        call_command("delete_person", NUMBER, "--yes")


def test_a_number_that_became_free_can_be_given_anew(teacher, head):
    due(teacher)
    operations.delete_person(person=teacher, actor=head)

    assert accounts.create_person(username=NUMBER, name="别人").pk != teacher.pk


def test_the_waiting_time_is_a_setting():
    assert settings.DELETION_WAIT_DAYS == 15
