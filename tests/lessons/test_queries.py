"""The lists: what stands in them, in which order, and that their cost does not grow."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.accounts.models import User
from foundation.catalogue.models import Unit
from lessons import queries
from lessons.models import LessonPlan, PlanInvitation, PlanVisit
from lessons.queries import Filters, plan_page, templates_for
from tests.factories import Tree, make_plan, make_teacher, make_template, make_textbook


def titles(user: User, tab: queries.Tab = "mine", **filters: object) -> list[str]:
    return [row.title for row in plan_page(user, tab, Filters(**filters)).rows]  # type: ignore[arg-type]


def count_queries(function: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        function()
    return len(captured)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# ---- tabs ---------------------------------------------------------------------------------------


def test_each_tab_has_its_own_plans(tree: Tree, owner: User, colleague: User) -> None:
    make_plan(owner, title="我的")
    make_plan(owner, title="归档的", state="archived")
    make_plan(owner, title="删掉的", state="deleted")
    invited = make_plan(colleague, title="请我的")
    PlanInvitation.objects.create(plan=invited, user=owner, access="write", invited_by=colleague)
    school = make_plan(colleague, title="请我们学校的")
    PlanInvitation.objects.create(plan=school, school=tree.school, access="read", invited_by=colleague)
    make_plan(colleague, title="全省的", reach="province")
    make_plan(colleague, title="别人的")
    assert titles(owner) == ["我的"]
    assert titles(owner, archived=True) == ["归档的"]
    assert titles(owner, "bin") == ["删掉的"]
    assert set(titles(owner, "shared")) == {"请我的", "请我们学校的"}
    assert titles(owner, "unit") == ["全省的"]
    assert titles(owner, "recent") == []
    assert titles(colleague, "bin") == []


def test_recent_is_in_the_order_of_opening(owner: User) -> None:
    plans = [make_plan(owner, title=title) for title in ("甲", "乙", "丙")]
    for minutes, plan in zip((3, 1, 2), plans, strict=True):
        PlanVisit.objects.create(plan=plan, user=owner, at=timezone.now() - timedelta(minutes=minutes))
    make_plan(owner, title="没打开过")
    assert titles(owner, "recent") == ["乙", "丙", "甲"]


def test_a_plan_that_may_not_be_seen_any_more_leaves_recent(owner: User, colleague: User) -> None:
    plan = make_plan(colleague, reach="province")
    PlanVisit.objects.create(plan=plan, user=owner)
    assert len(titles(owner, "recent")) == 1
    LessonPlan.objects.update(reach="own")
    assert titles(owner, "recent") == []


# ---- search and filters -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["兴", "小兴安岭", "SONG", "100%", "_"])
def test_one_character_is_enough_to_find(owner: User, text: str) -> None:
    make_plan(owner, title="美丽的小兴安岭 Song 100% _")
    make_plan(owner, title="山行")
    assert titles(owner, text=text) == ["美丽的小兴安岭 Song 100% _"]


def test_subject_grade_and_state_narrow_the_list(owner: User) -> None:
    chinese, maths = make_textbook("语文", 3), make_textbook("数学", 4)
    make_plan(owner, title="语三", textbook=chinese)
    make_plan(owner, title="数四", textbook=maths)
    assert titles(owner, subject_id=chinese.subject_id) == ["语三"]
    assert titles(owner, grade=4) == ["数四"]
    assert titles(owner, grade=4, subject_id=chinese.subject_id) == []


# ---- paging -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["mine", "recent"])
def test_pages_follow_one_another_without_gap_or_double(owner: User, tab: queries.Tab) -> None:
    for number in range(queries.PAGE_SIZE * 2 + 3):
        plan = make_plan(owner, title=f"第{number}课")
        PlanVisit.objects.create(plan=plan, user=owner)
    LessonPlan.objects.update(edited_at=timezone.now())  # the same moment for all: the id decides
    seen: list[str] = []
    cursor = None
    for _page in range(3):
        page = plan_page(owner, tab, Filters(), cursor)
        seen += [row.title for row in page.rows]
        cursor = page.next
    assert cursor is None
    assert len(seen) == len(set(seen)) == queries.PAGE_SIZE * 2 + 3


# ---- rows ---------------------------------------------------------------------------------------


def test_a_row_says_what_a_teacher_wants_to_know(tree: Tree, owner: User, colleague: User) -> None:
    book = make_textbook()
    unit = Unit.objects.create(textbook=book, number=6, title="祖国之美")
    plan = make_plan(owner, title="小兴安岭", textbook=book, unit=unit, reach="county")
    PlanInvitation.objects.create(plan=plan, user=colleague, access="write", invited_by=owner)
    PlanInvitation.objects.create(plan=plan, school=tree.far_school, access="read", invited_by=owner)
    row = plan_page(colleague, "shared", Filters()).rows[0]
    assert row.facts == "语文 · 三年级上册 · 统编版 · 第6单元 祖国之美"
    assert (row.owner.name, row.mine, row.access) == ("李永梅", False, "write")
    assert row.invited == ["王春燕", tree.far_school.name]
    assert [person.name for person in row.editors] == ["李永梅"]
    assert "教学目标" in row.missing
    assert "教学反思" not in row.missing


@pytest.mark.parametrize("tab", ["mine", "shared", "unit", "recent"])
def test_the_list_costs_the_same_however_long(
    tree: Tree, owner: User, colleague: User, tab: queries.Tab
) -> None:
    def grow(count: int) -> None:
        for _number in range(count):
            mine, theirs = make_plan(owner, textbook=book), make_plan(colleague, textbook=book)
            make_plan(colleague, reach="province")
            PlanInvitation.objects.create(plan=theirs, user=owner, access="read", invited_by=colleague)
            PlanInvitation.objects.create(plan=mine, school=tree.far_school, access="read", invited_by=owner)
            PlanVisit.objects.create(plan=mine, user=owner)

    book = make_textbook()
    grow(1)
    few = count_queries(lambda: plan_page(fresh(owner), tab, Filters()))
    grow(8)
    assert count_queries(lambda: plan_page(fresh(owner), tab, Filters())) == few <= 9


# ---- templates ----------------------------------------------------------------------------------


def test_templates_are_offered_nearest_first_and_never_sideways(tree: Tree) -> None:
    province, prefecture = make_template(tree.province), make_template(tree.prefecture)
    county, school = make_template(tree.county), make_template(tree.school)
    make_template(tree.sibling_county)
    make_template(tree.same_county_school)
    make_template(tree.county, retired_at=timezone.now())
    assert templates_for(make_teacher(tree.school)) == [school, county, prefecture, province]
