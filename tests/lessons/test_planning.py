"""The plan for a lesson: chosen, shown with how ready it is, offered, prefilled."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.accounts.models import User
from foundation.ledger.models import Event
from lessons import planning
from lessons.errors import NotPossible, PlanNotFound
from lessons.models import LessonPlan, PlannedLesson
from teaching_centres.calendar.queries import lessons_of
from teaching_centres.calendar.timetables import change_lesson
from tests.factories import Tree, make_entry, make_plan, make_teacher, make_template, make_term, make_textbook

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def term(tree: Tree) -> None:
    make_term(tree.province)


def at(clock: str, day: date = MONDAY) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(f"{day.isoformat()}T{clock}"))


def readiness(user: User, clock: str = "07:00") -> list[str]:
    person = User.objects.get(pk=user.pk)
    return [
        each.readiness for each in planning.with_plans(person, lessons_of(person, MONDAY, MONDAY), at(clock))
    ]


def choose(user: User, plan: LessonPlan, period: int = 1, day: date = MONDAY) -> PlannedLesson:
    return planning.plan_lesson(actor=user, day=day, period=period, plan=plan)


def write(plan: LessonPlan, **outline: Any) -> None:
    plan.outline = {**plan.outline, **outline}
    plan.save(update_fields=["outline"])


def test_how_ready_a_lesson_is_follows_its_plan_and_the_clock(owner: User, plan: LessonPlan) -> None:
    make_entry(owner, 1, 1)
    assert readiness(owner) == ["unplanned"]
    choose(owner, plan)
    assert readiness(owner) == ["begun"]
    write(plan, missing=[])
    assert readiness(owner) == ["ready"]
    assert readiness(owner, "08:40") == ["unreflected"]
    write(plan, reflected=True)
    assert readiness(owner, "08:40") == ["reflected"]
    assert Event.objects.get(kind="plan.for_lesson").data == {"day": "2026-11-23", "period": 1}


def test_another_plan_takes_the_place_of_the_first(owner: User, plan: LessonPlan) -> None:
    make_entry(owner, 1, 1)
    choose(owner, plan)
    choose(owner, make_plan(owner, title="另一份"))
    assert PlannedLesson.objects.get().plan.title == "另一份"
    planning.unplan_lesson(actor=owner, day=MONDAY, period=1)
    assert readiness(owner) == ["unplanned"]


def test_a_plan_that_may_not_be_seen_any_more_is_not_shown(owner: User, colleague: User) -> None:
    make_entry(owner, 1, 1)
    theirs = make_plan(colleague, reach="province")
    choose(owner, theirs)
    assert readiness(owner) == ["begun"]
    LessonPlan.objects.update(reach="own")
    assert readiness(owner) == ["unplanned"]


def test_only_ones_own_lesson_and_a_plan_one_may_read(tree: Tree, owner: User, colleague: User) -> None:
    make_entry(owner, 1, 1)
    with pytest.raises(PlanNotFound):
        choose(owner, make_plan(colleague))
    with pytest.raises(NotPossible, match="没有课"):
        choose(owner, make_plan(owner), period=2)
    with pytest.raises(NotPossible, match="没有课"):
        choose(colleague, make_plan(colleague))
    assert not PlannedLesson.objects.exists()


def test_the_plan_stays_with_a_lesson_that_is_moved_or_handed_over(tree: Tree, owner: User) -> None:
    entry, other = make_entry(owner, 1, 1), make_teacher(tree.school)
    tuesday = MONDAY + timedelta(days=1)
    change_lesson(actor=owner, entry=entry, day=MONDAY, moved_to=tuesday, moved_period=3)
    found = planning.lesson_at(User.objects.get(pk=owner.pk), MONDAY, 1)
    assert found is not None
    assert (found.day, found.period) == (tuesday, 3)
    change_lesson(actor=owner, entry=entry, day=MONDAY, substitute=other)
    assert planning.lesson_at(User.objects.get(pk=owner.pk), MONDAY, 1) is None
    assert planning.lesson_at(other, MONDAY, 1) is not None


def test_plans_of_the_subject_and_grade_are_offered_own_first(owner: User, colleague: User) -> None:
    make_entry(owner, 1, 1)
    book, other = make_textbook("语文", 3), make_textbook("数学", 3)
    make_plan(owner, title="合适", textbook=book)
    make_plan(owner, title="没选教材")
    make_plan(owner, title="数学", textbook=other)
    make_plan(owner, title="收起", textbook=book, state="archived")
    make_plan(colleague, title="公开", textbook=book, reach="province")
    make_plan(colleague, title="没公开", textbook=book)
    [lesson] = lessons_of(owner, MONDAY, MONDAY)
    offered = planning.offered_for(owner, lesson)
    assert {row.title for row in offered.own} == {"合适", "没选教材"}
    assert [row.title for row in offered.open] == ["公开"]


def test_the_book_is_the_last_one_used_else_the_only_one_of_the_half_year(owner: User) -> None:
    make_entry(owner, 1, 1)
    [lesson] = lessons_of(owner, MONDAY, MONDAY)
    assert planning.book_for(owner, lesson) is None
    first = make_textbook("语文", 3)
    second = make_textbook("语文", 3, volume="second")
    assert planning.book_for(owner, lesson) == first
    make_textbook("语文", 3, edition="另一版")
    assert planning.book_for(owner, lesson) is None
    make_plan(owner, textbook=second)
    assert planning.book_for(owner, lesson) == second


# ---- pages -----------------------------------------------------------------------------------------
@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_a_new_plan_for_a_lesson_is_prefilled_and_belongs_to_it(
    tree: Tree, signed_in: Client, owner: User
) -> None:
    make_entry(owner, 1, 1)
    book, template = make_textbook("语文", 3), make_template(tree.province)
    page = signed_in.get("/plans/new/?lesson=2026-11-23-1").content.decode()
    assert "11月23日（周一）" in page
    assert f'value="{book.pk}" selected' in page
    answer = signed_in.post(
        "/plans/new/",
        {"title": "小兴安岭", "template": template.pk, "textbook": book.pk, "lesson": "2026-11-23-1"},
    )
    plan = LessonPlan.objects.get()
    assert answer["Location"] == f"/plans/{plan.pk}/"
    assert PlannedLesson.objects.get().plan == plan
    assert "11月23日（周一）第1节" in str(plan.first_content)


def test_the_page_of_a_lesson_chooses_and_takes_back(
    signed_in: Client, owner: User, plan: LessonPlan
) -> None:
    make_entry(owner, 1, 1)
    address = "/lessons/2026-11-23/1/"
    assert "山行" in signed_in.get(address).content.decode()
    assert signed_in.post(address, {"plan": str(plan.pk)})["Location"] == f"/plans/{plan.pk}/"
    assert PlannedLesson.objects.get().plan == plan
    signed_in.post(address, {"do": "none"})
    assert not PlannedLesson.objects.exists()


@pytest.mark.parametrize(
    "address", ["/lessons/2026-11-23/2/", "/lessons/2026-11-24/1/", "/lessons/2026-02-30/1/"]
)
def test_a_lesson_that_is_not_there_is_not_found(signed_in: Client, owner: User, address: str) -> None:
    make_entry(owner, 1, 1)
    assert signed_in.get(address).status_code == 404


@pytest.mark.parametrize("plan_id", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_plan_that_is_not_there_changes_nothing(signed_in: Client, owner: User, plan_id: str) -> None:
    make_entry(owner, 1, 1)
    assert signed_in.post("/lessons/2026-11-23/1/", {"plan": plan_id}).status_code == 404
    assert not PlannedLesson.objects.exists()


def test_the_week_shows_every_lesson_at_a_fixed_cost(
    signed_in: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for weekday in range(1, 6):
        for period in range(1, 5):
            make_entry(owner, weekday, period)
    with django_assert_max_num_queries(14):
        page = signed_in.get("/week/?day=2026-11-25").content.decode()
    assert page.count("还没备") + page.count("没有教案") == 20
    assert "这一周没有课" in signed_in.get("/week/?day=2027-02-10").content.decode()
