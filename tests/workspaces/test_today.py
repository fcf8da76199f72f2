"""What the workspaces bring to 今日 and to someone's own calendar."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.workspace import operations, today
from teaching_centres.workspace.models import Visit
from tests.workspaces.conftest import World

DAY = timedelta(days=1)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def coming(user: User) -> list[tuple[str, str]]:
    found = today.contribution(fresh(user), timezone.localtime())
    return [(each.kind, each.title) for block in found.side for each in block.data.dates]


def own_calendar(world: World, user: User) -> list[Any]:
    return today.appointments_of(fresh(user), world.today - 30 * DAY, world.today + 60 * DAY)


def test_the_next_days_have_what_one_hands_in_and_who_comes(world: World) -> None:
    world.task(title="交一份个案")
    world.visit(starts=world.today + 2 * DAY, ends=world.today + 2 * DAY)
    visit = ("送教", f"语文，到{world.village}")
    assert coming(world.village_leader) == [visit, ("任务到期", "交一份个案")]
    assert coming(world.town_teacher)[0] == visit
    assert coming(world.researcher) == [visit, ("任务到期", "交一份个案")]
    assert coming(world.outsider) == []


def test_what_is_far_off_over_refused_or_handed_in_is_not_there(world: World) -> None:
    world.task(title="远", due=world.today + 40 * DAY)
    world.visit()  # three days ago
    refused = world.visit(starts=world.today, ends=world.today)
    operations.decide_visit(
        visit=refused, state=Visit.State.REFUSED, reason="没来", actor=world.village_leader
    )
    near = world.task(title="近")
    operations.hand_in(receiver=world.part(near), text="交了", links=[], actor=world.village_leader)
    assert coming(world.village_leader) == []


def test_a_long_stay_counts_while_it_lasts(world: World) -> None:
    world.visit(kind=Visit.Kind.ROTATION, starts=world.today - 60 * DAY, ends=world.today + 5 * DAY)
    assert coming(world.village_leader) == [("交流轮岗", f"语文，到{world.village}")]
    assert own_calendar(world, world.town_teacher) == []  # weeks on end would cover the rest


def test_more_than_fits_is_counted_and_leads_to_all_of_it(world: World) -> None:
    for number in range(today.SHOWN + 2):
        world.task(title=f"任务 {number}", due=world.today + DAY)
    [block] = today.contribution(fresh(world.village_leader), timezone.localtime()).side
    assert (len(block.data.dates), block.data.more) == (today.SHOWN, 2)
    assert block.data.path == f"/schools/{world.village.pk}/"


def test_what_is_overdue_waits_for_whoever_hands_it_in(world: World) -> None:
    task = world.task(title="该交的")
    task.due = world.today - DAY
    task.save()

    def waiting(user: User) -> list[str]:
        return [line.detail for line in today.contribution(fresh(user), timezone.localtime()).waiting]

    assert waiting(world.village_leader) == [f"《该交的》· {world.village}"]
    assert waiting(world.village_teacher) == waiting(world.researcher) == waiting(world.outsider) == []
    operations.hand_in(receiver=world.part(task), text="交了", links=[], actor=world.village_leader)
    assert waiting(world.village_leader) == []


def test_ones_own_calendar_has_ones_own_visits_and_deadlines_only(world: World) -> None:
    world.task(title="交一份个案")
    visit = world.visit(starts=world.today + 2 * DAY, ends=world.today + 3 * DAY)
    [mine] = own_calendar(world, world.town_teacher)
    assert (mine.key, mine.starts, mine.ends) == (f"visit:{visit.pk}", visit.starts, visit.ends)
    assert (mine.summary, mine.location, mine.cancelled) == ("送教 语文", str(world.village), False)
    [due] = own_calendar(world, world.village_leader)
    assert (due.summary, due.starts) == ("任务到期：交一份个案", world.today + 7 * DAY)
    assert own_calendar(world, world.village_teacher) == own_calendar(world, world.outsider) == []


def test_a_refused_visit_is_taken_out_of_the_calendar(world: World) -> None:
    visit = world.visit()
    operations.decide_visit(visit=visit, state=Visit.State.REFUSED, reason="没来", actor=world.village_leader)
    [mine] = own_calendar(world, world.town_teacher)
    assert (mine.key, mine.cancelled, mine.sequence) == (f"visit:{visit.pk}", True, 1)


@pytest.mark.parametrize("who", ["village_leader", "researcher"])
def test_the_number_of_queries_does_not_grow(who: str, world: World) -> None:
    def count() -> int:
        user = fresh(getattr(world, who))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            today.contribution(user, timezone.localtime())
        return len(queries)

    def fill(make: Callable[[int], object], times: int = 3) -> None:
        for number in range(times):
            make(number)

    fill(lambda number: world.task(title=f"任务 {number}"), 1)
    world.visit(starts=world.today, ends=world.today)
    before = count()
    fill(lambda number: world.task(title=f"又一件 {number}"))
    fill(lambda number: world.visit(starts=world.today + (number + 1) * DAY, ends=world.today + 9 * DAY))
    assert count() == before <= 12
