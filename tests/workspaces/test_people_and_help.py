"""Grades, the list of weak schools, tickets, pairing, the exchange register, lines, the calendar."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from foundation.ledger.models import Event
from foundation.notices.models import Notice
from teaching_centres.errors import NotPossible
from teaching_centres.roles import Role
from teaching_centres.workspace import operations, seams
from teaching_centres.workspace.models import Expertise, LineMeasurement, SupportTicket, Visit, WeakSchool
from teaching_centres.workspace.operations.support import remind_overdue
from teaching_centres.workspace.queries import calendar, exchange, expertise, line, pairing, support
from tests import factories
from tests.workspaces.conftest import World

DAY = timedelta(days=1)


# ---- grades ----------------------------------------------------------------------------------------------
def grant(world: World, **fields) -> Expertise:
    values = {
        "person": world.town_teacher,
        "grade": "backbone",
        "region": world.county,
        "subject": "语文",
        "starts": world.today - 10 * DAY,
        "actor": world.administrator,
    }
    return operations.grant_expertise(**(values | fields))


def test_grades_are_shown_by_subject_the_highest_first_and_kept_when_over(world: World) -> None:
    admin = factories.make_administrator(world.tree.province)
    special = grant(
        world, person=world.village_leader, grade="special", region=world.tree.province, actor=admin
    )
    backbone = grant(world)
    grant(world, person=world.village_teacher, subject="数学")
    lines = expertise.experts_page(world.county, expertise.ExpertFilters()).lines
    assert [(each.subject, each.label) for each in lines] == [
        ("数学", "县级骨干教师"),
        ("语文", "特级教师"),
        ("语文", "县级骨干教师"),
    ]
    operations.end_expertise(expertise=backbone, on=world.today - DAY, actor=world.administrator)
    now = expertise.experts_page(world.county, expertise.ExpertFilters(subject="语文")).lines
    assert [each.id for each in now] == [special.pk]
    past = expertise.experts_page(world.county, expertise.ExpertFilters(subject="语文", past=True)).lines
    assert {each.id for each in past} == {special.pk, backbone.pk}
    [row] = expertise.history_of(world.town_teacher)
    assert (row.ends, row.current) == (world.today - DAY, False)
    assert Expertise.objects.filter(pk=backbone.pk).exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"grade": "special"}, "省里评定"),
        ({"person": "outsider"}, "不在“甲一县”任职"),
        ({"ends": date(2000, 1, 1)}, "早于"),
    ],
)
def test_a_grade_that_cannot_be(world: World, fields, reason: str) -> None:
    if "person" in fields:
        fields = {"person": getattr(world, fields["person"])}
    with pytest.raises(NotPossible, match=reason):
        grant(world, **fields)
    assert not Expertise.objects.exists()


def test_the_same_grade_twice_at_a_time_is_refused(world: World) -> None:
    first = grant(world, ends=world.today)
    with pytest.raises(NotPossible, match="已经登记过"):
        grant(world, starts=world.today)
    grant(world, starts=world.today + DAY)
    assert first.is_current() and Expertise.objects.count() == 2


def test_who_moved_away_is_no_longer_among_the_countys_experts(world: World) -> None:
    row = grant(world)
    world.town_teacher.memberships.update(ends=world.today - DAY)
    factories.make_membership(world.town_teacher, world.tree.far_school)
    assert not expertise.experts_in(world.county).exists()
    assert list(expertise.experts_in(world.tree.far_county)) == [row]


# ---- the list and tickets --------------------------------------------------------------------------------
def test_the_list_is_kept_and_no_school_stands_on_it_twice(world: World) -> None:
    row = world.weak_school()
    with pytest.raises(NotPossible, match="已经在名单里"):
        world.weak_school()
    with pytest.raises(NotPossible, match="不在"):
        world.weak_school(school=world.tree.far_school)
    operations.unlist_school(row=row, actor=world.researcher)
    assert row.ends == world.today
    WeakSchool.objects.update(starts=world.today - 9 * DAY, ends=world.today - DAY)
    world.weak_school()
    assert support.weak_page(world.researcher, world.centre).page.paginator.count == 1
    assert support.weak_page(world.researcher, world.centre, past=True).page.paginator.count == 2


def test_a_ticket_goes_to_the_nearest_centre_and_its_people_hear_of_it(world: World) -> None:
    ticket = world.ticket(urgency="urgent")
    assert (ticket.centre, ticket.opened_by_centre) == (world.centre, False)
    texts = Notice.objects.filter(recipient=world.researcher).values_list("text", flat=True)
    assert list(texts) == [f"{world.village}求助（急）"]
    world.centre.region.centre.tickets.all().delete()
    opened = world.ticket(actor=world.researcher)
    assert opened.opened_by_centre
    assert Notice.objects.filter(recipient=world.village_leader, kind="ticket").exists()


def test_it_is_given_to_the_centres_people_and_to_experts_of_the_county_only(world: World) -> None:
    ticket = world.ticket()
    assert {card.name for card in support.helper_choices(ticket)} == {"县教研员", "县管理员"}
    with pytest.raises(NotPossible, match="名单里选"):
        operations.take_ticket(
            ticket=ticket, assigned_to=world.town_teacher, until=world.today, actor=world.researcher
        )
    grant(world)
    operations.take_ticket(
        ticket=ticket, assigned_to=world.town_teacher, until=world.today, actor=world.researcher
    )
    assert ticket.assigned_to == world.town_teacher
    assert SupportTicket.objects.visible_to(world.town_teacher).get() == ticket
    assert not SupportTicket.objects.visible_to(world.town_leader).exists()


def test_an_overdue_ticket_is_marked_and_told_of_once(world: World) -> None:
    ticket = world.ticket()
    operations.take_ticket(
        ticket=ticket, assigned_to=world.researcher, until=world.today, actor=world.administrator
    )
    assert not ticket.is_overdue()
    tomorrow = world.today + DAY
    assert ticket.is_overdue(tomorrow)
    assert SupportTicket.objects.overdue(tomorrow).get() == ticket
    assert remind_overdue(tomorrow) == 2
    assert remind_overdue(tomorrow + DAY) == 0
    operations.answer_ticket(ticket=ticket, text="来听课", actor=world.researcher)
    assert not ticket.is_overdue(tomorrow)
    assert not SupportTicket.objects.overdue(tomorrow).exists()


def test_a_ticket_that_nobody_wrote_the_help_of_is_not_answered(world: World) -> None:
    ticket = world.ticket()
    with pytest.raises(NotPossible):
        operations.answer_ticket(ticket=ticket, text=" ", actor=world.researcher)
    operations.answer_ticket(ticket=ticket, text="周四来", actor=world.researcher)
    assert ticket.assigned_to == world.researcher
    with pytest.raises(NotPossible, match="先重开"):
        operations.take_ticket(
            ticket=ticket, assigned_to=world.researcher, until=world.today, actor=world.researcher
        )
    assert [each.state for each in support.messages_of(ticket)] == ["已答复"]


# ---- pairing ---------------------------------------------------------------------------------------------
def log(world: World, row, giver: str, **fields) -> None:
    values = {"day": world.today, "kind": "prepared", "title": "一起备课", "people": 3, "hours": 2}
    operations.log_activity(pairing=row, giver=giver, actor=world.village_leader, **(values | fields))


def test_reciprocity_is_what_each_side_gave(world: World) -> None:
    row = world.pairing()
    [before] = pairing.pairings_page(pairing.pairings_in(world.researcher, world.county)).lines
    assert (before.times, before.both_ways) == (0, False)
    log(world, row, "town")
    log(world, row, "town", hours=None)
    log(world, row, "village", people=5)
    [after] = pairing.pairings_page(pairing.pairings_of(world.town_teacher, world.town)).lines
    assert after.by_town == pairing.Given(times=2, people=6, hours=2)
    assert after.by_village == pairing.Given(times=1, people=5, hours=2)
    assert after.both_ways
    assert (after.town_percent, after.village_percent) == ("66.67", "33.33")


def test_a_pair_is_a_town_and_a_village_school_and_once_at_a_time(world: World) -> None:
    for fields, reason in (
        ({"town": world.village, "village": world.village}, "两所学校"),
        ({"town": world.village, "village": world.town}, "不是城镇学校"),
        ({"ends": world.today - 90 * DAY}, "早于"),
    ):
        with pytest.raises(NotPossible, match=reason):
            world.pairing(**fields)
    row = world.pairing()
    with pytest.raises(NotPossible, match="已经结对"):
        world.pairing()
    operations.end_pairing(pairing=row, on=world.today - DAY, actor=world.researcher)
    world.pairing(starts=world.today)


@pytest.mark.parametrize(("day", "reason"), [(1, "还没到"), (-61, "起止日期")])
def test_what_is_logged_was_done_while_they_were_a_pair(world: World, day: int, reason: str) -> None:
    row = world.pairing()
    with pytest.raises(NotPossible, match=reason):
        log(world, row, "town", day=world.today + day * DAY)
    assert not row.activities.exists()


def test_a_pair_across_counties_is_made_above_both(world: World) -> None:
    across = {"town": world.tree.sibling_county_school, "village": world.village}
    with pytest.raises(Exception, match="任职范围"):
        world.pairing(**across)
    researcher = factories.make_member(world.tree.prefecture, Role.RESEARCHER)
    assert world.pairing(**across, actor=researcher).pk


# ---- the register ----------------------------------------------------------------------------------------
def test_only_what_the_receiving_school_confirmed_is_counted(world: World) -> None:
    visit = world.visit()
    sums = {each.label: (each.times, each.hours) for each in exchange.sums_by_kind(Visit.objects.all())}
    assert sums["送教"] == (0, 0)
    operations.decide_visit(visit=visit, state="confirmed", actor=world.village_leader)
    sums = {each.label: (each.times, each.hours) for each in exchange.sums_by_kind(Visit.objects.all())}
    assert (sums["送教"], sums["支教"]) == ((1, 2), (0, 0))
    assert Event.objects.filter(kind="visit.confirmed").count() == 1
    operations.decide_visit(visit=visit, state="refused", reason="记错了日子", actor=world.village_leader)
    assert Notice.objects.filter(recipient=world.town_leader, text__contains="不属实").exists()
    with pytest.raises(NotPossible, match="已经是"):
        operations.decide_visit(visit=visit, state="refused", reason="再说", actor=world.village_leader)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ends": date(2000, 1, 1)}, "早于"),
        ({"to_school": "town"}, "两个单位"),
        ({"person": "outsider"}, "不在"),
    ],
)
def test_a_visit_that_cannot_be(world: World, fields, reason: str) -> None:
    fields = {
        key: getattr(world, value) if isinstance(value, str) else value for key, value in fields.items()
    }
    with pytest.raises(NotPossible, match=reason):
        world.visit(**fields)
    assert not Visit.objects.exists()


def test_a_visit_is_registered_once_and_confirmed_when_it_has_begun(world: World) -> None:
    visit = world.visit(starts=world.today + DAY, ends=world.today + 3 * DAY)
    with pytest.raises(NotPossible, match="登记过"):
        world.visit(starts=world.today + DAY, ends=world.today + 3 * DAY, actor=world.village_leader)
    with pytest.raises(NotPossible, match="还没开始"):
        operations.decide_visit(visit=visit, state="confirmed", actor=world.village_leader)


def test_someone_from_the_centre_comes_too(world: World) -> None:
    visit = world.visit(person=world.researcher, origin=world.county, actor=world.researcher)
    assert (visit.origin, visit.from_school) == (world.county, None)
    assert [each.origin.name for each in exchange.visit_lines([visit])] == ["甲一县备课中心"]


def test_the_table_that_goes_out(world: World, django_assert_num_queries) -> None:
    world.visit(note="=1+1")
    world.visit(starts=world.today, ends=world.today, hours=7)
    with django_assert_num_queries(4):
        content = exchange.as_xlsx(exchange.visits_in(world.researcher, world.county))
    sheet = load_workbook(io.BytesIO(content))["交流登记"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("种类", "教师", "派出单位")
    assert [row[10] for row in rows[1:]] == [7, 2]
    assert rows[2][1:3] == ("城里老师", world.town.name)
    assert sheet["M3"].value == "=1+1" and sheet["M3"].data_type == "s"


# ---- the line --------------------------------------------------------------------------------------------
def measure(world: World, **fields) -> LineMeasurement:
    values = {"school": world.village, "kind": "click", "down_kbit": 2000, "latency_ms": 90}
    return operations.measure(**(values | {"actor": world.village_teacher} | fields))


@pytest.mark.parametrize(
    ("kbit", "ms", "state"),
    [
        (2000, 90, "normal"),
        (999, 90, "slow"),
        (1000, 799, "normal"),
        (5000, 800, "slow"),
        (None, None, "down"),
    ],
)
def test_when_a_line_is_slow(kbit, ms, state: str) -> None:
    assert line.state_of(kbit, ms) == state


def test_idle_measures_once_a_day_and_a_click_at_most_thirty_times(world: World) -> None:
    measure(world, kind="idle")
    with pytest.raises(NotPossible, match="自动测过"):
        measure(world, kind="idle", actor=world.village_leader)
    measure(world, school=world.town, kind="idle", actor=world.town_teacher)
    for _number in range(30):
        measure(world)
    with pytest.raises(NotPossible, match="明天再测"):
        measure(world)
    assert LineMeasurement.objects.filter(school=world.village).count() == 31
    LineMeasurement.objects.update(at=timezone.now() - timedelta(hours=21))
    measure(world, kind="idle")


@pytest.mark.parametrize("values", [{"down_kbit": None}, {"down_kbit": 10**9}, {"latency_ms": 10**7}])
def test_a_speed_that_no_line_has_is_not_kept(world: World, values) -> None:
    with pytest.raises(NotPossible, match="不对"):
        measure(world, **values)
    assert not LineMeasurement.objects.exists()


def test_an_outage_keeps_its_moment_and_no_speed(world: World) -> None:
    then = timezone.now() - timedelta(hours=5)
    row = measure(world, kind="outage", at=then, down_kbit=7)
    assert (row.at, row.down_kbit) == (then, None)
    for moment in (timezone.now() - timedelta(days=8), timezone.now() + timedelta(hours=1)):
        with pytest.raises(NotPossible, match="断线的时间"):
            measure(world, kind="outage", at=moment)


def test_the_chart_begins_at_nought_and_ends_above_the_fastest(
    world: World, django_assert_num_queries
) -> None:
    measure(world, down_kbit=2600)
    measure(world, kind="outage", at=timezone.now() - 3 * DAY)
    LineMeasurement.objects.create(
        school=world.village, at=timezone.now() - 45 * DAY, kind="click", down_kbit=90_000
    )
    with django_assert_num_queries(1):
        found = line.line_of(world.village)
    assert [each.label for each in found.chart.speeds] == ["0", "2.5 M", "5 M"]
    assert (len(found.chart.measured), len(found.chart.outages)) == (1, 1)
    assert found.state == "normal" and not found.wants_idle
    assert found.chart.base >= found.chart.measured[0].y > 0
    assert line.line_of(world.town).chart is None and line.line_of(world.town).wants_idle


def test_one_huge_measurement_does_not_press_the_others_flat(world: World) -> None:
    for kbit in (1800, 2600, 940_000, 2100):
        measure(world, down_kbit=kbit)
    chart = line.line_of(world.village).chart
    assert [each.label for each in chart.speeds] == ["0", "2.5 M", "5 M"]
    beyond = [point for point in chart.measured if point.beyond]
    assert [(point.kbit, point.y) for point in beyond] == [(940_000, chart.speeds[-1].at)]


def test_a_line_that_became_faster_for_good_has_the_axis_it_needs(world: World) -> None:
    for kbit in (2000, 2000, 2000, 90_000, 90_000, 90_000):
        measure(world, down_kbit=kbit)
    chart = line.line_of(world.village).chart
    assert chart.speeds[-1].label == "100 M"
    assert not any(point.beyond for point in chart.measured)


# ---- the calendar ----------------------------------------------------------------------------------------
def test_a_month_has_due_dates_visits_help_and_what_apps_above_bring(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = world.task(due=world.today + 2 * DAY)
    world.visit(starts=world.today, ends=world.today + DAY)
    log(world, world.pairing(), "town")
    ticket = world.ticket()
    operations.take_ticket(
        ticket=ticket, assigned_to=world.researcher, until=world.today + DAY, actor=world.researcher
    )
    brought = seams.CalendarDate(world.today, "教研", "怎样带学生读出景色的美", "/live/1/")
    monkeypatch.setattr(seams, "calendar_dates", [lambda *_: [brought]])
    monkeypatch.setattr(calendar, "calendar_dates", seams.calendar_dates)
    dates = calendar.dates_between(world.researcher, world.centre, world.today, world.today + 7 * DAY)
    assert {(each.kind, each.day) for each in dates} == {
        ("任务到期", task.due),
        ("送教", world.today),
        ("结对", world.today),
        ("求助到期", world.today + DAY),
        ("教研", world.today),
    }
    teacher = calendar.dates_between(world.outsider, world.centre, world.today, world.today + 7 * DAY)
    assert teacher == [brought]
    month = calendar.month_of(world.researcher, world.centre, world.today.replace(day=1))
    assert all(len(week) == 7 and week[0].day.weekday() == 0 for week in month.weeks)
    assert month.after.day == month.before.day == 1


def test_moments_from_a_browser_are_utc() -> None:
    from teaching_centres.workspace.forms import MeasureForm

    form = MeasureForm({"kind": "outage", "at": "1767225600000"})
    assert form.is_valid()
    assert form.cleaned_data["at"] == datetime(2026, 1, 1, tzinfo=UTC)
