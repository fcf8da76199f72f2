"""The term plan: units copied, rows as they are to stand, dates by the week, a row that becomes a call, the sheet."""

import io
from datetime import date, timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from foundation.catalogue.models import Unit
from foundation.notices.models import Notice
from foundation.office.tables import Refused
from lessons.activities import importing, operations, term_plans
from lessons.activities.models import PrepActivity, TermPlan
from lessons.activities.policies import ActivityNotFound, may_see_term_plan
from lessons.activities.term_plans import RowGiven
from lessons.errors import Denied, NotPossible
from teaching_centres.roles import Role
from tests.factories import make_member, make_teacher, make_textbook, make_user
from tests.lessons.activities.conftest import Group


@pytest.fixture
def plan(group: Group) -> TermPlan:
    book = make_textbook()
    for number, title in enumerate(("学校生活", "金秋时节", "预测"), start=1):
        Unit.objects.create(textbook=book, number=number, title=title)
    plan = term_plans.make(
        actor=group.leader,
        unit=group.tree.school,
        term="2026-1",
        subject=group.subject,
        school_stage="primary",
        grade=3,
        textbook=book,
    )
    called = {group.lead.pk: group.tree.same_county_school.pk, group.village.pk: None}
    term_plans.add_people(actor=group.leader, plan=plan, called=called)
    return plan


def test_the_units_of_the_book_become_rows_once(group: Group, plan: TermPlan) -> None:
    assert [str(row.unit) for row in plan.rows.all()] == ["1 学校生活", "2 金秋时节", "3 预测"]
    assert term_plans.copy_units(actor=group.leader, plan=plan) == 0
    plan.rows.first().delete()
    assert term_plans.copy_units(actor=group.leader, plan=plan) == 1
    assert [row.unit.number for row in plan.rows.all()] == [2, 3, 1]


def test_rows_are_changed_added_and_removed_and_new_lead_preparers_told(group: Group, plan: TermPlan) -> None:
    first, second, third = plan.rows.all()
    due = date(2026, 10, 12)
    rows = [
        RowGiven(id=first.pk, unit=first.unit, lesson="1 大青树下的小学", lead_preparer=group.lead),
        RowGiven(id=second.pk, unit=second.unit, first_draft_due=due, lead_preparer=group.lead),
        RowGiven(lesson="期末复习"),
    ]
    assert term_plans.save_rows(actor=group.leader, plan=plan, rows=rows, removed=[third.pk]) == 4
    assert [str(row) for row in plan.rows.all()] == ["1 大青树下的小学", "2 金秋时节", "期末复习"]
    assert plan.rows.all()[1].first_draft_due == due
    notice = Notice.objects.get(recipient=group.lead)
    assert notice.text == "周组长的语文学期计划里，请你主备 2 课"
    assert term_plans.save_rows(actor=group.leader, plan=plan, rows=rows[:2]) == 0
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"unit": None, "lesson": ""}, "每一行要有单元或课题"),
        ({"first_draft_due": date(2026, 10, 12), "study_ends": date(2026, 10, 1)}, "日期要一个比一个晚"),
    ],
)
def test_a_row_that_says_nothing_or_whose_days_run_backwards_is_refused(
    group: Group, plan: TermPlan, wrong: dict, reason: str
) -> None:
    row = plan.rows.first()
    given = RowGiven(**({"id": row.pk, "unit": row.unit} | wrong))
    with pytest.raises(NotPossible, match=reason):
        term_plans.save_rows(actor=group.leader, plan=plan, rows=[RowGiven(lesson="好的一行"), given])
    assert plan.rows.count() == 3


def test_nobody_prepares_who_cannot_and_no_unit_comes_from_another_book(group: Group, plan: TermPlan) -> None:
    head = make_member(group.tree.school, Role.ADMINISTRATOR, name="校长")
    with pytest.raises(NotPossible, match="校长现在没有任教"):
        term_plans.save_rows(actor=group.leader, plan=plan, rows=[RowGiven(lesson="课", lead_preparer=head)])
    other = Unit.objects.create(textbook=make_textbook(grade=4), number=1, title="自然之美")
    with pytest.raises(NotPossible, match="不是这本教材的单元"):
        term_plans.save_rows(actor=group.leader, plan=plan, rows=[RowGiven(unit=other)])
    assert plan.rows.count() == 3


def test_rows_without_a_date_get_one_a_week_and_lead_preparers_in_turn(group: Group, plan: TermPlan) -> None:
    first = date(2026, 9, 14)
    assert term_plans.schedule(actor=group.leader, plan=plan, first=first, weeks=2, in_turn=True) == 3
    rows = list(plan.rows.all())
    assert [row.first_draft_due for row in rows] == [first + timedelta(weeks=2 * n) for n in range(3)]
    assert [row.lead_preparer for row in rows] == [group.leader, group.lead, group.village]
    assert rows[0].own_versions_due == first + timedelta(days=8)
    assert term_plans.schedule(actor=group.leader, plan=plan, first=first, weeks=1, in_turn=True) == 0


def test_a_row_becomes_a_call_with_everything_filled_in(group: Group, plan: TermPlan) -> None:
    row = plan.rows.first()
    due = timezone.localdate() + timedelta(days=5)
    term_plans.save_rows(
        actor=group.leader,
        plan=plan,
        rows=[RowGiven(id=row.pk, unit=row.unit, lead_preparer=group.lead, first_draft_due=due)],
    )
    row.refresh_from_db()
    activity = term_plans.draft_of(actor=group.leader, row=row)
    assert (activity.theme, activity.unit, activity.lead_preparer) == ("学校生活", row.unit, group.lead)
    assert (activity.first_draft_due, activity.study_starts) == (due, due + timedelta(days=1))
    assert {member.user for member in activity.members.all()} == {group.leader, group.village}
    operations.open_activity(actor=group.leader, activity=activity)
    with pytest.raises(NotPossible, match="已经有活动了"):
        term_plans.draft_of(actor=group.leader, row=row)
    given = RowGiven(id=row.pk, unit=row.unit, lesson="改一改")
    assert term_plans.save_rows(actor=group.leader, plan=plan, rows=[given]) == 0
    with pytest.raises(NotPossible, match="已经发起活动的行不能删"):
        term_plans.save_rows(actor=group.leader, plan=plan, rows=[], removed=[row.pk])
    term_plans.remove(actor=group.leader, plan=plan)
    assert PrepActivity.objects.get().row is None


def test_who_sees_and_who_changes_a_term_plan(group: Group, plan: TermPlan) -> None:
    row = plan.rows.first()
    term_plans.save_rows(
        actor=group.leader, plan=plan, rows=[RowGiven(id=row.pk, unit=row.unit, lead_preparer=group.member)]
    )
    sees = {
        group.leader: True,
        group.lead: True,  # in the group
        group.member: True,  # prepares a lesson
        group.researcher: True,  # reviews in the county
        make_member(group.tree.school, Role.GROUP_LEADER): True,
        make_member(group.tree.prefecture, Role.RESEARCHER): True,
        make_member(group.tree.sibling_county, Role.RESEARCHER): False,
        make_member(group.tree.school, Role.ADMINISTRATOR): False,
        make_teacher(group.tree.school): False,
        group.outsider: False,
        make_user(is_superuser=True): False,
        make_member(group.tree.county, Role.RESEARCHER, is_active=False): False,
    }
    for person, want in sees.items():
        assert may_see_term_plan(person, plan) == want, person
        assert (plan in TermPlan.objects.visible_to(person)) == want, person
        if person != group.leader:
            with pytest.raises(Denied if want else ActivityNotFound):
                term_plans.copy_units(actor=person, plan=plan)
            with pytest.raises(Denied if want else ActivityNotFound):
                term_plans.remove(actor=person, plan=plan)
    assert plan.rows.count() == 3


def test_out_of_the_group_leaves_lessons_free_unless_they_are_activities(
    group: Group, plan: TermPlan
) -> None:
    first, second, _third = plan.rows.all()
    rows = [RowGiven(id=row.pk, unit=row.unit, lead_preparer=group.lead) for row in (first, second)]
    term_plans.save_rows(actor=group.leader, plan=plan, rows=rows)
    first.refresh_from_db()
    term_plans.draft_of(actor=group.leader, row=first)
    member = plan.members.get(user=group.lead)
    term_plans.remove_person(actor=group.leader, plan=plan, member=member)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.lead_preparer == group.lead and second.lead_preparer is None


# ---- the sheet -----------------------------------------------------------------------------------------


def sheet(*rows: tuple, heads: tuple = ("单元", "课题", "主备人", "学校", "初稿期限", "集研结束")) -> bytes:
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    page.title = "学期计划"
    for row in (heads, *rows):
        page.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_a_sheet_is_looked_at_first_and_then_carried_out(group: Group, plan: TermPlan) -> None:
    content = sheet(
        (1, "1 大青树下的小学", "王主备", None, "2026-10-12", date(2026, 10, 16)),
        (2, None, None, None, None, None),
        (None, "期末复习", "李村校", None, "2026年12月28日", None),
    )
    found = importing.preview(actor=group.leader, plan=plan, content=content)
    assert not found.troubles and found.same == 1
    assert [(line.what, line.lead, line.new) for line in found.lines] == [
        ("1 学校生活 1 大青树下的小学", "王主备", False),
        ("期末复习", "李村校", True),
    ]
    assert plan.rows.count() == 3 and not plan.rows.exclude(lesson="").exists()
    assert importing.carry_out(actor=group.leader, plan=plan, sealed=found.sealed) == 2
    assert [str(row) for row in plan.rows.all()] == ["1 大青树下的小学", "2 金秋时节", "3 预测", "期末复习"]
    assert plan.rows.first().study_ends == date(2026, 10, 16)
    again = importing.preview(actor=group.leader, plan=plan, content=content)
    assert (again.same, again.lines, again.sealed) == (3, [], "")


def test_what_is_wrong_is_said_at_its_cell_and_nothing_is_written(group: Group, plan: TermPlan) -> None:
    twin = make_teacher(group.tree.far_school, name="王主备")
    term_plans.add_people(actor=group.leader, plan=plan, called={twin.pk: None})
    content = sheet(
        (9, None, None, None, None, None),
        (1, None, "王主备", None, None, None),
        (2, None, "没这人", None, None, None),
        (3, None, None, None, "10月", None),
        (None, "课", None, None, "2026-10-12", "2026-10-01"),
        (None, None, "李村校", None, None, None),
    )
    found = importing.preview(actor=group.leader, plan=plan, content=content)
    said = {(each.cell, str(each.message)) for each in found.troubles}
    assert ("A2", "教材里没有第9单元。") in said
    assert ("C3", "备课组里有 2 位“王主备”，在“学校”一列写明是哪所学校的。") in said
    assert ("C4", "备课组里没有“没这人”。先把这位老师加进备课组。") in said
    assert ("F6", "集研结束比初稿期限早。") in said
    assert ("B7", "写单元的序号，或写课题。") in said
    assert any(cell == "E5" for cell, _message in said)
    assert len(found.troubles) == 6 and found.sealed == ""
    school = str(group.tree.far_school)
    fine = importing.preview(
        actor=group.leader, plan=plan, content=sheet((1, None, "王主备", school, None, None))
    )
    importing.carry_out(actor=group.leader, plan=plan, sealed=fine.sealed)
    assert plan.rows.first().lead_preparer == twin


def test_a_row_that_is_an_activity_is_not_changed_by_a_sheet(group: Group, plan: TermPlan) -> None:
    term_plans.draft_of(actor=group.leader, row=plan.rows.first())
    found = importing.preview(
        actor=group.leader, plan=plan, content=sheet((1, None, "王主备", None, None, None))
    )
    assert [str(each.message) for each in found.troubles] == ["这一课已经发起活动，要改请在活动里改。"]


def test_what_was_sealed_serves_its_own_plan_and_person_only(group: Group, plan: TermPlan) -> None:
    found = importing.preview(
        actor=group.leader, plan=plan, content=sheet((None, "课", None, None, None, None))
    )
    with pytest.raises(NotPossible, match="放得太久了"):
        importing.carry_out(actor=group.lead, plan=plan, sealed=found.sealed)
    with pytest.raises(NotPossible, match="放得太久了"):
        importing.carry_out(actor=group.leader, plan=plan, sealed="x" + found.sealed)
    assert plan.rows.count() == 3
    with pytest.raises(Refused):
        importing.preview(actor=group.leader, plan=plan, content=b"not a workbook")


def test_the_downloaded_plan_comes_back_unchanged_and_holds_no_phone_number(
    group: Group, plan: TermPlan
) -> None:
    row = plan.rows.first()
    given = RowGiven(id=row.pk, unit=row.unit, lesson="=1+1", lead_preparer=group.lead)
    term_plans.save_rows(actor=group.leader, plan=plan, rows=[given])
    content = importing.form_of(plan)
    found = importing.preview(actor=group.leader, plan=plan, content=content)
    assert (found.same, found.lines, found.troubles) == (3, [], [])
    cells = [str(cell.value) for page in load_workbook(io.BytesIO(content)) for line in page for cell in line]
    assert group.lead.name in cells and group.lead.username not in cells
