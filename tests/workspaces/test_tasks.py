"""Tasks: to whom, how each stands, what is said to whom, reminders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.notices.models import Notice
from teaching_centres.errors import NotPossible
from teaching_centres.models import School
from teaching_centres.roles import Role
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience, value_of
from teaching_centres.workspace.models import TaskReceiver
from teaching_centres.workspace.operations.tasks import remind_due
from teaching_centres.workspace.queries import tasks as queries
from tests import factories
from tests.workspaces.conftest import World

State = TaskReceiver.State


def told(user) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("text", flat=True))


def receivers(task) -> set[str]:
    return {str(row.unit) for row in task.receivers.select_related("school", "region")}


# ---- to whom -----------------------------------------------------------------------------------------
def test_schools_with_a_prep_point_get_it_and_no_others(world: World) -> None:
    factories.make_school(world.county)
    closed = factories.make_prep_point(factories.make_school(world.county))
    closed.closed = world.today - timedelta(days=1)
    closed.save()
    shut = factories.make_school(world.county, closed=world.today - timedelta(days=1))
    factories.make_prep_point(shut)
    factories.make_prep_point(world.tree.sibling_county_school)
    assert receivers(world.task()) == {world.town.name, world.village.name}


@pytest.mark.parametrize(("side", "wanted"), [("village", "village"), ("town", "town")])
def test_town_or_village_only(world: World, side: str, wanted: str) -> None:
    task = world.task(audience=Audience(schools=True, side=side))
    assert receivers(task) == {getattr(world, wanted).name}


def test_only_the_schools_that_were_picked(world: World) -> None:
    outside = world.tree.far_school
    factories.make_prep_point(outside)
    picked = (value_of(world.village), value_of(outside))
    assert receivers(world.task(audience=Audience(schools=True, picked=picked))) == {world.village.name}


def test_a_prefecture_asks_its_counties_centres_and_schools_of_one_county(world: World) -> None:
    tree = world.tree
    factories.make_centre(tree.sibling_county)
    factories.make_prep_point(tree.sibling_county_school)
    given = {
        "centre": tree.prefecture.centre,
        "actor": factories.make_member(tree.prefecture, Role.RESEARCHER),
    }
    both = world.task(**given, audience=Audience(centres=True))
    assert receivers(both) == {"甲一县", "甲二县"}
    assert both.audience == "甲市：2 个备课中心"
    one = world.task(**given, audience=Audience(schools=True, county_ids=(tree.sibling_county.pk,)))
    assert receivers(one) == {tree.sibling_county_school.name}


# ---- how it goes ---------------------------------------------------------------------------------------
def test_the_way_of_a_task(world: World) -> None:
    task = world.task()
    part = world.part(task)
    assert told(world.village_leader) == [
        f"甲一县备课中心布置了任务“交一份个案”，{task.due.month}月{task.due.day}日前交"
    ]
    operations.look_at_task(receiver=part, actor=world.village_teacher)
    assert part.state == State.NEW
    operations.look_at_task(receiver=part, actor=world.village_leader)
    assert part.state == State.SEEN
    operations.begin_task(receiver=part, actor=world.village_leader)
    operations.hand_in(receiver=part, text="改了两处", actor=world.village_leader)
    assert told(world.researcher) == [f"{world.village}交了“交一份个案”"]
    operations.judge(receiver=part, verdict="returned", reason="没附教案", actor=world.researcher)
    assert part.state == State.RETURNED
    operations.hand_in(receiver=part, text="附上了", actor=world.village_leader)
    operations.judge(receiver=part, verdict="accepted", actor=world.researcher)
    assert world.part(task).state == State.DONE
    history = [(row.text, row.verdict, row.reason) for row in part.answers.order_by("at")]
    assert history == [("改了两处", "returned", "没附教案"), ("附上了", "accepted", "")]
    assert "“交一份个案”退回了，请看原因，改好再交" in told(world.village_leader)
    with pytest.raises(NotPossible):
        operations.hand_in(receiver=part, text="再交", actor=world.village_leader)


def test_what_cannot_be(world: World) -> None:
    part = world.part(world.task())
    for verdict, reason in (("accepted", ""), ("returned", "改")):
        with pytest.raises(NotPossible):
            operations.judge(receiver=part, verdict=verdict, reason=reason, actor=world.researcher)
    with pytest.raises(NotPossible):
        operations.hand_in(receiver=part, text="  ", actor=world.village_leader)
    operations.hand_in(receiver=part, text="交", actor=world.village_leader)
    with pytest.raises(NotPossible):
        operations.judge(receiver=part, verdict="returned", reason=" ", actor=world.researcher)
    assert world.part(part.task).state == State.HANDED_IN


def test_two_judge_at_once_and_the_second_is_told(world: World) -> None:
    part = world.part(world.task())
    operations.hand_in(receiver=part, text="交", actor=world.village_leader)
    first, second = world.part(part.task), world.part(part.task)
    operations.judge(receiver=first, verdict="accepted", actor=world.researcher)
    with pytest.raises(NotPossible, match="刚刚变过"):
        operations.judge(receiver=second, verdict="accepted", actor=world.administrator)
    assert part.answers.get().judged_by == world.researcher


def test_a_withdrawn_task_wants_nothing_more(world: World) -> None:
    task = world.task()
    operations.withdraw_task(task=task, because="重复了", actor=world.researcher)
    part = world.part(task)
    with pytest.raises(NotPossible, match="撤回"):
        operations.hand_in(receiver=part, text="交", actor=world.village_leader)
    operations.look_at_task(receiver=part, actor=world.village_leader)
    assert world.part(task).state == State.NEW
    assert "任务“交一份个案”撤回了，不用交" in told(world.village_leader)
    assert not TaskReceiver.objects.outstanding().exists()


# ---- reminders -------------------------------------------------------------------------------------------
def test_reminders_go_to_those_who_have_not_handed_in_once_a_day(world: World) -> None:
    task = world.task(due=timezone.localdate() + timedelta(days=3))
    operations.hand_in(receiver=world.part(task, world.town), text="交", actor=world.town_leader)
    Notice.objects.all().delete()
    assert remind_due() == 1
    assert told(world.village_leader) == ["任务“交一份个案”还有 3 天到期，还没有交"]
    assert told(world.town_leader) == []
    assert remind_due() == 0
    assert remind_due(task.due - timedelta(days=2)) == 0
    assert remind_due(task.due - timedelta(days=1)) == 1
    assert remind_due(task.due + timedelta(days=1)) == 1
    assert told(world.village_leader)[-1] == "任务“交一份个案”昨天到期，还没有交"
    assert remind_due(task.due + timedelta(days=2)) == 0


# ---- what pages read -----------------------------------------------------------------------------------
def test_the_bar_its_table_and_the_pages_of_six_hundred_schools(
    world: World, django_assert_num_queries
) -> None:
    prefecture = world.tree.prefecture
    schools = School.objects.bulk_create(
        School(county=world.tree.sibling_county, name=f"村小{n:03}", kind="primary", urban_class="village")
        for n in range(600)
    )
    for school in schools:
        factories.make_prep_point(school)
    actor = factories.make_member(prefecture, Role.RESEARCHER)
    task = world.task(centre=prefecture.centre, actor=actor)
    ids = list(task.receivers.order_by("pk").values_list("pk", flat=True))
    task.receivers.filter(pk__in=ids[:150]).update(state=State.DONE)
    task.receivers.filter(pk__in=ids[150:152]).update(state=State.HANDED_IN)
    with django_assert_num_queries(3):
        view = queries.task_view(actor, task, with_states=True)
    counts = {share.key: share.count for share in view.states}
    assert (counts["done"], counts["handed_in"], counts["new"], view.states[0].total) == (150, 2, 450, 602)
    assert [(line.name, line.states[0].total) for line in view.counties] == [("甲一县", 2), ("甲二县", 600)]
    assert sum(share.count for line in view.counties for share in line.states) == 602
    with django_assert_num_queries(2):
        page = queries.receivers_page(task, queries.ReceiverFilters(), 1)
    assert page.page.paginator.num_pages == 13
    assert [line.receiver.state for line in page.lines[:3]] == ["handed_in", "handed_in", "done"]
    found = queries.receivers_page(task, queries.ReceiverFilters(text="村小59", state="new"), 1)
    assert found.page.paginator.count == 10
    with django_assert_num_queries(3):
        assert queries.given_page(prefecture.centre).lines[0].total == 602
