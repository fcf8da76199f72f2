"""What lesson plans bring: attached to tasks, exemplars, a school's plans by subject and week."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from foundation.ledger.models import AuditEntry
from foundation.notices.models import Notice
from lessons.errors import PlanNotFound
from lessons.models import LessonPlan
from lessons.policies import rights
from lessons.workspace import queries
from lessons.workspace.models import Exemplar
from lessons.workspace.operations import choose_exemplar, remove_exemplar
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.roles import Role
from teaching_centres.workspace import operations, seams
from tests import factories
from tests.workspaces.conftest import World

Reach = LessonPlan.Reach
ALL = queries.ExemplarFilters()


@pytest.fixture
def plan(world: World) -> LessonPlan:
    book = factories.make_textbook()
    return factories.make_plan(world.village_teacher, title="写观察日记", reach=Reach.COUNTY, textbook=book)


def value(plan: LessonPlan) -> str:
    return f"lesson-plan:{plan.pk}"


# ---- attached --------------------------------------------------------------------------------------------
def test_an_answer_carries_a_plan_and_opens_for_those_who_may_read_it(world: World, plan: LessonPlan) -> None:
    part = world.part(world.task())
    answer = operations.hand_in(receiver=part, text="", links=[value(plan)], actor=world.village_leader)
    assert answer.links == [{"kind": "lesson-plan", "id": str(plan.pk), "label": "《写观察日记》 乡里老师"}]
    [[seen]] = seams.links_for(world.researcher, [answer.links])
    assert seen.path == f"/plans/{plan.pk}/"
    [[closed]] = seams.links_for(world.administrator, [answer.links])
    assert (closed.label, closed.path) == ("《写观察日记》 乡里老师", "")


def test_a_draft_or_what_one_cannot_read_is_not_attached(world: World) -> None:
    draft = factories.make_plan(world.village_leader, title="草稿")
    strange = factories.make_plan(world.outsider)
    part = world.part(world.task())
    for plan, reason in ((draft, "谁能看"), (strange, "看不到")):
        with pytest.raises(NotPossible, match=reason):
            operations.hand_in(receiver=part, text="", links=[value(plan)], actor=world.village_leader)
    for wrong in ("lesson-plan:nonsense", "picture:1", "x"):
        with pytest.raises(NotPossible):
            operations.hand_in(receiver=part, text="", links=[wrong], actor=world.village_leader)
    assert not part.answers.exists()
    assert value(draft) not in {link.value for link in seams.link_choices(world.village_leader)}


def test_five_plans_at_most(world: World) -> None:
    plans = [factories.make_plan(world.researcher, reach=Reach.COUNTY) for _ in range(6)]
    with pytest.raises(NotPossible, match="最多 5 份"):
        world.task(links=map(value, plans))
    assert len(world.task(links=map(value, plans[:5])).links) == 5


# ---- exemplars -------------------------------------------------------------------------------------------
def choose(world: World, plan: LessonPlan, **fields) -> Exemplar:
    values = {"centre": world.centre, "plan": plan, "reason": "句子是学生自己的", "actor": world.researcher}
    return choose_exemplar(**(values | fields))


def test_a_chosen_plan_is_listed_with_who_chose_it_and_why(
    world: World, plan: LessonPlan, django_assert_num_queries
) -> None:
    row = choose(world, plan)
    assert Notice.objects.filter(recipient=world.village_teacher, kind="exemplar").count() == 1
    rows = queries.exemplars_of(world.town_teacher, world.centre, ALL)
    [line] = queries.exemplar_lines(rows, world.town_teacher)
    assert (line.plan.title, line.reason, line.chosen_by.name) == (
        "写观察日记",
        "句子是学生自己的",
        "县教研员",
    )
    third = queries.ExemplarFilters(grade=3, subject_id=plan.textbook.subject_id)
    assert queries.exemplars_of(world.town_teacher, world.centre, third).get() == row
    assert not queries.exemplars_of(
        world.town_teacher, world.centre, queries.ExemplarFilters(grade=4)
    ).exists()
    with pytest.raises(NotPossible, match="已经是范例"):
        choose(world, plan)
    remove_exemplar(exemplar=row, actor=world.researcher)
    assert not queries.exemplars_of(world.town_teacher, world.centre, ALL).exists()
    choose(world, plan)
    assert Exemplar.objects.filter(plan=plan).count() == 2


@pytest.mark.parametrize(
    ("reach", "county", "prefecture"),
    [("own", False, False), ("school", False, False), ("county", True, False), ("prefecture", True, True)],
)
def test_only_what_was_shared_with_the_region_can_be_chosen(
    world: World, reach: str, county: bool, prefecture: bool
) -> None:
    plan = factories.make_plan(world.village_teacher, reach=reach)
    assert queries.is_shared_with(plan, world.county) is county
    assert queries.is_shared_with(plan, world.tree.prefecture) is prefecture
    if not county:
        with pytest.raises((NotPossible, PlanNotFound)):
            choose(world, plan)
        assert not Exemplar.objects.exists()


def test_a_plan_that_is_closed_again_is_no_exemplar_to_anyone(world: World, plan: LessonPlan) -> None:
    choose(world, plan)
    LessonPlan.objects.filter(pk=plan.pk).update(reach=Reach.OWN)
    for user in (world.village_teacher, world.researcher, world.town_teacher):
        assert not queries.exemplars_of(user, world.centre, ALL).exists()
    LessonPlan.objects.filter(pk=plan.pk).update(reach=Reach.COUNTY, state=LessonPlan.State.DELETED)
    assert not queries.exemplars_of(world.village_teacher, world.centre, ALL).exists()


@pytest.mark.parametrize("who", ["administrator", "village_leader", "town_teacher", "outsider"])
def test_who_does_not_review_there_chooses_nothing(world: World, plan: LessonPlan, who: str) -> None:
    row = choose(world, plan)
    other = factories.make_plan(world.town_teacher, reach=Reach.COUNTY)
    actor = getattr(world, who)
    with pytest.raises(Denied):
        choose(world, other, actor=actor)
    with pytest.raises(Denied):
        remove_exemplar(exemplar=row, actor=actor)
    row.refresh_from_db()
    assert row.removed_at is None and Exemplar.objects.count() == 1
    assert AuditEntry.objects.filter(act__startswith="exemplar.", allowed=False).count() == 2


def test_the_filter_of_exemplars_and_the_plans_rights_agree(world: World, plan: LessonPlan) -> None:
    row = choose(world, plan)
    people = [
        factories.make_member(unit, role)
        for unit in (world.village, world.town, world.tree.sibling_county_school)
        for role in (Role.TEACHER, Role.ADMINISTRATOR)
    ] + [world.researcher, world.administrator, world.outsider, factories.make_superuser()]
    for person in people:
        assert Exemplar.objects.visible_to(person).filter(pk=row.pk).exists() == rights(person, plan).read


# ---- a school's plans --------------------------------------------------------------------------------------
def test_plans_are_counted_by_subject_and_week_and_only_readable_ones_are_listed(
    world: World, plan: LessonPlan, django_assert_num_queries
) -> None:
    factories.make_plan(world.village_leader, title="草稿", textbook=plan.textbook)
    factories.make_plan(factories.make_teacher(world.tree.point), title="教学点的", reach=Reach.SCHOOL)
    factories.make_plan(world.village_leader, title="扔掉的", state=LessonPlan.State.DELETED)
    monday = queries.week_of(timezone.localdate()).monday
    last_week = timezone.make_aware(datetime.combine(monday - timedelta(days=1), time(23, 59)))
    old = factories.make_plan(
        world.village_teacher, title="上周的", reach=Reach.SCHOOL, textbook=plan.textbook
    )
    LessonPlan.objects.filter(pk=old.pk).update(edited_at=last_week)
    with django_assert_num_queries(1):
        found = queries.school_plans(world.village)
    assert [week.monday for week in found.weeks] == [monday - timedelta(weeks=back) for back in range(6)]
    counts = {row.subject: [cell.count for cell in row.cells] for row in found.subjects}
    assert counts == {"语文": [2, 1, 0, 0, 0, 0], "没有选教材": [1, 0, 0, 0, 0, 0]}
    assert found.total == 3
    listed = queries.readable_in_week(world.village_teacher, world.village, found.week)
    assert {row.title for row in listed.lines} == {"写观察日记", "教学点的"}
    elsewhere = queries.readable_in_week(world.town_teacher, world.village, found.week)
    assert {row.title for row in elsewhere.lines} == {"写观察日记"}
    assert queries.readable_in_week(world.administrator, world.village, found.week).lines == []
    before = queries.school_plans(world.village, monday - timedelta(days=3))
    assert (before.total, before.week.monday) == (1, monday - timedelta(weeks=1))
