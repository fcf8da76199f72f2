"""A roster comes in whole or not at all: what would change is shown, what is wrong is said at its cell."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from foundation.accounts.models import User
from foundation.ledger.audit import verify
from foundation.ledger.models import AuditEntry, Event
from teaching_centres.errors import Denied, NotPossible
from teaching_centres.models import Leave, Membership, RosterDraft, RosterImport, School
from teaching_centres.operations import grant_membership
from teaching_centres.roles import Role
from teaching_centres.roster import imports, jobs
from teaching_centres.roster.checking import compare, read_file, write_plan
from teaching_centres.roster.plan import Plan
from tests import factories
from tests.support.rosters import county_roster, person, phone, roster, school

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
EndedAs = Membership.EndedAs


@pytest.fixture
def county() -> Any:
    return factories.make_county(name="甲县")


@pytest.fixture
def admin(county: Any) -> User:
    return factories.make_administrator(county)


def look(actor: User | None, schools: Any = (), people: Any = ()) -> Plan:
    return compare(read_file(roster(schools, people)), actor)


def bring(actor: User | None, schools: Any = (), people: Any = ()) -> Plan:
    with transaction.atomic():
        plan = look(actor, schools, people)
        assert said(plan) == []
        write_plan(plan, actor, None, lambda percent: None)
    return plan


def said(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.sheet, one.cell, one.message.said(gettext)) for one in plan.troubles]


def noted(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.sheet, one.cell, one.message.said(gettext)) for one in plan.notes]


def cells(plan: Plan) -> list[str]:
    return [f"{one.sheet}!{one.cell}" for one in plan.troubles]


def everything() -> tuple[Any, ...]:
    """All that an import could change."""
    return (
        list(School.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("username", "name", "is_staff")),
        list(Membership.objects.order_by("pk").values()),
        list(Leave.objects.order_by("pk").values()),
        Event.objects.count(),
    )


# ---- bringing up a county -----------------------------------------------------------------------------
def test_schools_people_and_memberships_come_from_nothing(county: Any, admin: User) -> None:
    schools = [
        school("北洼教学点", kind="教学点", urban_class="乡村", parent="柳条沟乡中心小学"),
        school("柳条沟乡中心小学", urban_class="乡村", is_rural_central="是", prep_point="是"),
    ]
    people = [
        person(1, "北洼教学点"),
        person(2, "柳条沟乡中心小学", role="管理员", subject=""),
        person(2, "柳条沟乡中心小学", role="教师"),
        person(3, "甲县", role="教研员", subject="数学"),
    ]
    plan = bring(admin, schools, people)
    point = School.objects.get(name="北洼教学点")
    central = School.objects.get(name="柳条沟乡中心小学")
    assert (point.county, point.parent) == (county, central)
    assert central.prep_point.opened == TODAY()
    held = {
        (row.user.username, str(row.unit), row.role, row.subject, row.starts)
        for row in Membership.objects.exclude(user=admin)
    }
    day = date(2024, 9, 1)
    assert held == {
        (phone(1), "北洼教学点", "teacher", "语文", day),
        (phone(2), "柳条沟乡中心小学", "administrator", "", day),
        (phone(2), "柳条沟乡中心小学", "teacher", "语文", day),
        (phone(3), "甲县", "researcher", "数学", day),
    }
    assert not any(user.has_usable_password() for user in User.objects.exclude(pk=admin.pk))
    assert list(User.objects.filter(is_staff=True).exclude(pk=admin.pk)) == [
        User.objects.get(username=phone(2))
    ]
    assert plan.counts() == {
        "school_new": 2,
        "person_new": 3,
        "membership_new": 4,
        "rows": 6,
    }


def test_what_came_in_is_recorded_and_in_the_audit_trail(admin: User) -> None:
    bring(admin, [school("一小")], [person(1, "一小"), person(2, "一小")])
    brought = Event.objects.exclude(kind="region.changed")
    kinds = list(brought.values_list("kind", flat=True))
    assert sorted(kinds) == ["membership.started", "membership.started", "school.opened"]
    assert {event.actor for event in brought} == {admin}
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))
    assert sorted(acts) == sorted(
        ["school.opened", *["person.created"] * 2, *["membership.granted"] * 2, "roster.imported"]
    )
    entry = AuditEntry.objects.get(act="roster.imported")
    assert (entry.details["rows"], entry.details["created"]) == (3, 3)
    assert verify() == []


def test_the_same_file_twice_changes_nothing(admin: User) -> None:
    schools, people = county_roster(4, 60)
    bring(admin, schools, people)
    before = everything()
    plan = bring(admin, schools, people)
    assert plan.changes_nothing
    assert everything() == before
    assert plan.counts() == {"school_unchanged": 4, "membership_unchanged": 60, "rows": 64}


def test_who_is_not_in_the_file_stays(admin: User) -> None:
    schools, people = county_roster(2, 10)
    bring(admin, schools, people)
    bring(admin, [], people[:3])
    assert Membership.objects.filter(ends__isnull=True).exclude(user=admin).count() == 10


def test_queries_do_not_grow_with_the_rows(admin: User, django_assert_max_num_queries: Any) -> None:
    schools, people = county_roster(10, 400)
    with django_assert_max_num_queries(60):
        bring(admin, schools, people)


# ---- updates ------------------------------------------------------------------------------------------
@pytest.fixture
def two_schools(admin: User) -> None:
    bring(admin, [school("一小"), school("二小")], [person(1, "一小"), person(2, "二小")])


def test_a_school_is_changed_where_the_file_says_so(admin: User, two_schools: None) -> None:
    plan = bring(admin, [school("一小", urban_class="城区"), school("二小")])
    assert plan.lines() == [
        {
            "kind": "school",
            "what": "changed",
            "sheet": "学校",
            "row": 2,
            "label": "一小",
            "about": "",
            "differences": [["城乡分类", "镇区", "城区"]],
        }
    ]
    assert School.objects.get(name="一小").urban_class == "city"


def test_a_renamed_school_is_the_same_school(admin: User, two_schools: None) -> None:
    before = School.objects.get(name="一小")
    bring(admin, [school("第一小学", former_name="一小")], [person(1, "第一小学")])
    before.refresh_from_db()
    assert before.name == "第一小学"
    assert [former.name for former in before.former_names.all()] == ["一小"]
    assert said(look(admin, [], [person(3, "一小")])) == [
        ("人员", "D2", "“一小”已改名“第一小学”。请写现在的校名。")
    ]


def test_an_end_in_the_file_ends_and_an_empty_cell_does_not_reopen(admin: User, two_schools: None) -> None:
    last = TODAY() - timedelta(days=30)
    bring(admin, [], [person(1, "一小", ends=last)])
    assert Membership.objects.get(user__username=phone(1)).ends == last
    plan = bring(admin, [], [person(1, "一小")])
    assert Membership.objects.get(user__username=phone(1)).ends == last
    assert [note[1] for note in noted(plan)] == ["H2"]


def test_a_subject_is_filled_in_and_another_one_is_a_second_membership(admin: User) -> None:
    bring(admin, [school("一小")], [person(1, "一小", subject="")])
    bring(admin, [], [person(1, "一小", subject="语文")])
    assert [row.subject for row in Membership.objects.filter(user__username=phone(1))] == ["语文"]
    plan = bring(admin, [], [person(1, "一小", subject="科学")])
    assert sorted(row.subject for row in Membership.objects.filter(user__username=phone(1))) == [
        "科学",
        "语文",
    ]
    assert "两项都留" in noted(plan)[0][2]


def test_another_first_day_is_noted_and_not_written(admin: User, two_schools: None) -> None:
    plan = bring(admin, [], [person(1, "一小", starts=date(2020, 9, 1))])
    assert noted(plan) == [("人员", "G2", "登记的是 2024-09-01 起，导入不改起始日期。")]
    assert Membership.objects.get(user__username=phone(1)).starts == date(2024, 9, 1)


def test_a_new_name_is_a_change_that_is_shown(admin: User, two_schools: None) -> None:
    plan = look(admin, [], [person(1, "一小", name="王新名")])
    assert plan.renames == 1
    assert [(line["kind"], line["differences"][0][1:]) for line in plan.lines()] == [
        ("rename", [plan.people[phone(1)].name, "王新名"])
    ]


# ---- changes with a day -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mark", "ended_as"), [("离任", "left"), ("调出", "moved"), ("退休", "retired"), ("调离", "moved")]
)
def test_who_leaves_is_marked_with_the_last_day(
    admin: User, two_schools: None, mark: str, ended_as: str
) -> None:
    last = TODAY() - timedelta(days=3)
    rows = [person(1, "一小", mark=mark, mark_on=last)]
    bring(admin, [], rows)
    membership = Membership.objects.get(user__username=phone(1))
    assert (membership.ends, membership.ended_as) == (last, ended_as)
    assert bring(admin, [], rows).changes_nothing


def test_retirement_ends_everything_a_person_holds(admin: User, two_schools: None) -> None:
    bring(admin, [], [person(1, "二小", role="备课组长")])
    bring(admin, [], [person(1, "一小", mark="退休", mark_on=TODAY())])
    held = Membership.objects.filter(user__username=phone(1))
    assert {(row.ends, row.ended_as) for row in held} == {(TODAY(), "retired")}
    assert held.count() == 2


def test_a_move_ends_the_old_school_the_day_before(admin: User, two_schools: None) -> None:
    first = TODAY() - timedelta(days=10)
    rows = [person(1, "二小", mark="调入", mark_on=first, starts=None)]
    bring(admin, [], rows)
    old, new = Membership.objects.filter(user__username=phone(1)).order_by("starts")
    assert (old.school.name, old.ends, old.ended_as) == ("一小", first - timedelta(days=1), "moved")
    assert (new.school.name, new.starts, new.ends) == ("二小", first, None)
    assert bring(admin, [], rows).changes_nothing


def test_leave_is_recorded_and_its_end_later(admin: User, two_schools: None) -> None:
    first, last = date(2026, 3, 1), date(2026, 8, 31)
    bring(admin, [], [person(1, "一小", mark="产假", mark_on=first)])
    leave = Leave.objects.get()
    assert (leave.kind, leave.starts, leave.ends, leave.recorded_by) == ("maternity", first, None, admin)
    bring(admin, [], [person(1, "一小", mark="产假", mark_on=first, mark_until=last)])
    leave.refresh_from_db()
    assert leave.ends == last
    assert Membership.objects.get(user__username=phone(1)).ends is None


# ---- what is wrong, at its cell -----------------------------------------------------------------------
WRONG: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "no such unit": (
        person(5, "三小学堂"),
        [("D2", "没有找到“三小学堂”。请先在“学校”表里加上，或核对校名。")],
    ),
    "a unit like another": (
        person(5, "第一实验小学校"),
        [("D2", "没有找到“第一实验小学校”。是不是“第一实验小学”？")],
    ),
    "no such county": (person(5, "一小", county="乙县"), [("C2", "没有叫“乙县”的县（市、区）。")]),
    "role does not fit": (
        person(5, "一小", role="教研员"),
        [("E2", "教研员不能在“一小”任职。教师、备课组长在学校，教研员、督导在县（市、区）以上。")],
    ),
    "end before start": (person(5, "一小", ends=date(2024, 8, 1)), [("H2", "结束日期早于开始日期。")]),
    "left without a day": (person(1, "一小", mark="离任"), [("J2", "请填变动日期：在这里的最后一天。")]),
    "left where they are not": (
        person(1, "二小", mark="离任", mark_on="2025-1-1"),
        [("I2", "王明明丽现在没有在“二小”任这个职。")],
    ),
    "left before they came": (
        person(1, "一小", mark="离任", mark_on="2023-1-1"),
        [("J2", "变动日期早于任职的第一天 2024-09-01。")],
    ),
    "a day without a change": (
        person(1, "一小", mark_on="2025-1-1"),
        [("I2", "填了变动日期，没有填是什么变动。")],
    ),
    "leave without a day": (person(1, "一小", mark="请假"), [("J2", "请填变动日期：离岗的第一天。")]),
    "leave ends before": (
        person(1, "一小", mark="请假", mark_on="2025-3-1", mark_until="2025-2-1"),
        [("K2", "结束日期早于开始日期。")],
    ),
    "move without a day": (
        person(1, "二小", mark="调入", starts=None),
        [("J2", "请填变动日期：到这里的第一天。")],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_of_people_is_said_at_its_cell(admin: User, two_schools: None, name: str) -> None:
    factories.make_school(admin.memberships.get().region, name="第一实验小学")
    row, expected = WRONG[name]
    assert said(look(admin, [], [row])) == [("人员", cell, text) for cell, text in expected]


def test_rows_that_contradict_each_other(admin: User, two_schools: None) -> None:
    rows = [person(5, "一小"), person(5, "二小", name="另一人"), person(5, "一小")]
    plan = look(admin, [], rows)
    assert cells(plan) == ["人员!B3", "人员!A4"]
    assert "第 2 行同一个号码" in said(plan)[0][2]
    assert said(plan)[1][2] == "和第 2 行重复：同一个人、单位、角色和学科。"


def test_a_time_that_overlaps_an_earlier_one(admin: User, two_schools: None) -> None:
    Membership.objects.filter(user__username=phone(1)).update(ends=TODAY() - timedelta(days=1))
    plan = look(admin, [], [person(1, "一小", starts=date(2025, 1, 1))])
    assert cells(plan) == ["人员!G2"]


@pytest.mark.parametrize(
    ("row", "cell", "part"),
    [
        (school("一小", county="乙县"), "A2", "没有叫“乙县”"),
        (school("三小", parent="没有的"), "E2", "没有叫“没有的”的学校"),
        (school("三小", parent="三小"), "E2", "自己不是中心校"),
        (school("三小", urban_class="乡村", prep_point="是"), "G2", "备课点设在农村中心校及以上学校"),
        (school("三小", kind="教学点", prep_point="是"), "G2", "教学点不设备课点"),
        (school("三小", former_name="没有的"), "I2", "没有叫“没有的”的学校"),
        (school("三小", kind="幼儿园"), "C2", "办学类型“幼儿园”不认得"),
    ],
)
def test_a_wrong_row_of_schools_is_said_at_its_cell(
    admin: User, two_schools: None, row: Any, cell: str, part: str
) -> None:
    plan = look(admin, [row])
    assert [(one[1], part in one[2]) for one in said(plan)] == [(cell, True)]


def test_the_same_school_twice(admin: User) -> None:
    assert said(look(admin, [school("一小"), school("一　小")])) == [
        ("学校", "B3", "和第 2 行是同一所学校。")
    ]


def test_a_mistake_in_a_school_does_not_make_its_people_wrong(admin: User) -> None:
    assert cells(look(admin, [school("一小", kind="幼儿园")], [person(1, "一小")])) == ["学校!C2"]


def test_a_closed_school_takes_nobody_in(admin: User, two_schools: None) -> None:
    School.objects.filter(name="一小").update(closed=TODAY() - timedelta(days=1))
    assert said(look(admin, [], [person(5, "一小")])) == [("人员", "D2", "“一小”已经撤并。")]


def test_an_empty_table_is_said(admin: User) -> None:
    assert said(look(admin)) == [("学校", "A2", "表里还没有内容。填好再传。")]


def test_namesakes_are_pointed_out(admin: User, two_schools: None) -> None:
    name = User.objects.get(username=phone(1)).name
    plan = look(
        admin,
        [],
        [person(7, "一小", name=name), person(8, "二小"), person(9, "二小", name=person(8, "")["name"])],
    )
    assert [note[1] for note in noted(plan)] == ["B2", "B4"]
    assert said(plan) == []


# ---- rights -------------------------------------------------------------------------------------------
def test_a_county_touches_only_its_own_schools(county: Any, admin: User) -> None:
    other = factories.make_school(factories.make_county(county.parent, name="乙县"), name="乙一小")
    factories.make_teacher(other, username=phone(9), name="别县的老师")
    before = everything()
    plan = look(
        admin,
        [school("新学校", county="乙县"), school("乙一小", county="乙县", urban_class="城区")],
        [
            person(1, "乙一小"),
            person(2, "乙县", role="管理员"),
            person(9, "甲县", role="教研员", name="改名"),
        ],
    )
    assert set(cells(plan)) == {"学校!A2", "学校!A3", "人员!D2", "人员!D3", "人员!B4"}
    assert all("不在你的任职范围内" in text for _sheet, _cell, text in said(plan))
    assert plan.denied == 5
    assert everything() == before


def test_a_school_touches_only_its_own_people(county: Any) -> None:
    own, other = factories.make_school(county, name="一小"), factories.make_school(county, name="二小")
    head = factories.make_administrator(own)
    teacher = factories.make_teacher(other, username=phone(1), name="老师")
    assert cells(look(head, [school("三小", county="甲县")])) == ["学校!A2"]
    assert cells(look(head, [], [person(2, "二小")])) == ["人员!D2"]
    move = person(1, "一小", name="老师", mark="调入", mark_on=TODAY())
    plan = look(head, [], [move])
    assert cells(plan) == ["人员!I2"]
    assert "不归你管" in said(plan)[0][2]
    assert cells(look(head, [], [person(2, "一小"), person(1, "一小", name="老师")])) == []
    assert teacher.memberships.count() == 1


def test_who_manages_nothing_imports_nothing(county: Any) -> None:
    teacher = factories.make_teacher(factories.make_school(county))
    with pytest.raises(Denied):
        imports.begin(actor=teacher, file_name="x.xlsx", content=roster([school("一小")]))
    assert not RosterImport.objects.exists()


# ---- with a row: upload, preview, confirmation ---------------------------------------------------------
@pytest.fixture
def upload(admin: User, django_capture_on_commit_callbacks: Any) -> Callable[..., RosterImport]:
    def begin(schools: Any = (), people: Any = (), actor: User | None = None) -> RosterImport:
        with django_capture_on_commit_callbacks(execute=True):
            found = imports.begin(
                actor=actor or admin, file_name="名册.xlsx", content=roster(schools, people)
            )
        found.refresh_from_db()
        return found

    return begin


def confirm(found: RosterImport, callbacks: Any, *, renames: bool = False) -> None:
    with callbacks(execute=True):
        imports.confirm(roster_import=found, actor=found.actor, renames=renames)
    found.refresh_from_db()


def test_nothing_is_written_before_it_is_confirmed(
    upload: Any, django_capture_on_commit_callbacks: Any
) -> None:
    before = everything()
    found = upload([school("一小")], [person(1, "一小")])
    assert found.state == "ready"
    assert everything() == before
    assert [line["label"] for line in found.draft.changes] == ["一小", "王明明丽", "王明明丽"]
    confirm(found, django_capture_on_commit_callbacks)
    assert found.state == "done"
    assert School.objects.filter(name="一小").exists()
    assert not RosterDraft.objects.exists()
    assert jobs.percent_of(found.pk) == 100


def test_one_mistake_and_nothing_can_be_written(upload: Any) -> None:
    before = everything()
    found = upload([school("一小"), school("二小", kind="幼儿园")], [person(1, "一小")])
    assert (found.state, found.counts["troubles"]) == ("wrong", 1)
    assert found.draft.troubles[0][:2] == ["学校", "C3"]
    with pytest.raises(NotPossible):
        imports.confirm(roster_import=found, actor=found.actor, renames=True)
    assert everything() == before


def test_what_another_wrote_meanwhile_makes_the_preview_stale(
    upload: Any, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    schools, people = [school("一小")], [person(1, "一小"), person(2, "一小")]
    first, second = upload(schools, people), upload(schools, people[:1])
    confirm(first, django_capture_on_commit_callbacks)
    before = everything()
    confirm(second, django_capture_on_commit_callbacks)
    assert second.state == "stale"
    assert everything() == before
    with django_capture_on_commit_callbacks(execute=True):
        imports.read_again(roster_import=second, actor=admin)
    second.refresh_from_db()
    assert (second.state, second.counts.get("membership_unchanged")) == ("ready", 1)


def test_names_that_change_have_to_be_agreed_to(upload: Any, django_capture_on_commit_callbacks: Any) -> None:
    confirm(upload([school("一小")], [person(1, "一小")]), django_capture_on_commit_callbacks)
    found = upload([], [person(1, "一小", name="王新名")])
    with pytest.raises(NotPossible, match="改名"):
        imports.confirm(roster_import=found, actor=found.actor, renames=False)
    assert not User.objects.filter(name="王新名").exists()
    confirm(found, django_capture_on_commit_callbacks, renames=True)
    assert User.objects.get(username=phone(1)).name == "王新名"


def test_rights_are_asked_again_when_it_is_written(
    upload: Any, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    """They may have ended between the look and the confirmation, or while the job waited."""
    found = upload([school("一小")])
    with django_capture_on_commit_callbacks() as waiting:
        imports.confirm(roster_import=found, actor=admin, renames=False)
    admin.memberships.update(ends=TODAY() - timedelta(days=1))
    for callback in waiting:
        callback()
    found.refresh_from_db()
    assert found.state == "stale"
    assert not School.objects.filter(name="一小").exists()


def test_a_job_that_runs_twice_writes_once(upload: Any, django_capture_on_commit_callbacks: Any) -> None:
    found = upload([school("一小")], [person(1, "一小")])
    confirm(found, django_capture_on_commit_callbacks)
    before = everything()
    jobs.write_previewed(found.pk)
    jobs.read_into_preview(found.pk)
    found.refresh_from_db()
    assert (found.state, everything()) == ("done", before)


def test_an_import_whose_process_died_is_carried_on(
    upload: Any, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    found = upload([school("一小")])
    with django_capture_on_commit_callbacks():  # the job is lost
        imports.confirm(roster_import=found, actor=admin, renames=False)
    jobs.sweep()
    found.refresh_from_db()
    assert found.state == "writing"  # not yet given up
    RosterImport.objects.update(touched_at=timezone.now() - jobs.ABANDONED - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        jobs.sweep()
    found.refresh_from_db()
    assert found.state == "done"


def test_a_preview_that_nobody_confirms_goes_with_its_names(upload: Any) -> None:
    found = upload([school("一小")])
    RosterImport.objects.update(touched_at=timezone.now() - jobs.KEPT_WAITING - timedelta(seconds=1))
    jobs.sweep()
    found.refresh_from_db()
    assert found.state == "dropped"
    assert not RosterDraft.objects.exists()


def test_what_is_dropped_is_gone(upload: Any, admin: User) -> None:
    found = upload([school("一小")])
    imports.drop(roster_import=found, actor=admin)
    assert not RosterDraft.objects.exists()
    with pytest.raises(NotPossible):
        imports.confirm(roster_import=found, actor=admin, renames=False)


@pytest.mark.parametrize("act", ["confirm", "drop", "read_again"])
def test_an_import_belongs_to_who_began_it(upload: Any, county: Any, act: str) -> None:
    found = upload([school("一小")])
    other = factories.make_administrator(county)
    arguments = {"renames": True} if act == "confirm" else {}
    with pytest.raises(Denied):
        getattr(imports, act)(roster_import=found, actor=other, **arguments)
    found.refresh_from_db()
    assert found.state == "ready"


def test_refused_rows_are_in_the_audit_trail(upload: Any, county: Any) -> None:
    factories.make_school(factories.make_county(county.parent, name="乙县"), name="乙一小")
    found = upload([], [person(1, "乙一小")])
    entry = AuditEntry.objects.get(act="roster.imported")
    assert (entry.allowed, entry.details["rows"], entry.subject_id) == (False, 1, str(found.pk))


def test_an_administrator_granted_meanwhile_does_not_double(
    upload: Any, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    confirm(upload([school("一小")], [person(1, "一小")]), django_capture_on_commit_callbacks)
    found = upload([], [person(1, "一小", role="备课组长")])
    user, unit = User.objects.get(username=phone(1)), School.objects.get(name="一小")
    grant_membership(
        user=user, role=Role.GROUP_LEADER, unit=unit, subject="语文", starts=date(2024, 9, 1), actor=admin
    )
    confirm(found, django_capture_on_commit_callbacks)
    assert found.state == "stale"
    assert user.memberships.filter(role=Role.GROUP_LEADER).count() == 1


def test_what_breaks_in_the_middle_leaves_nothing_half_done(
    upload: Any,
    admin: User,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError("in the middle")

    found = upload([school("一小")], [person(1, "一小")])
    before = everything()
    monkeypatch.setattr("teaching_centres.roster.writing.record_many", breaks)
    confirm(found, django_capture_on_commit_callbacks)
    assert (found.state, everything()) == ("failed", before)
    assert "再传一次" in found.reason[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_that_write_at_once_the_second_looks_again() -> None:
    admin = factories.make_administrator(factories.make_county(name="甲县"))
    waiting = []
    for number in (1, 2):
        found = imports.begin(
            actor=admin, file_name="", content=roster([school("一小")], [person(number, "一小")])
        )
        RosterImport.objects.filter(pk=found.pk).update(state="writing")
        waiting.append(found.pk)

    def write(import_id: Any) -> None:
        try:
            jobs.write_previewed(import_id)
        finally:
            connection.close()

    threads = [Thread(target=write, args=[import_id]) for import_id in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(RosterImport.objects.values_list("state", flat=True)) == ["done", "stale"]
    assert School.objects.filter(name="一小").count() == 1
    assert Membership.objects.filter(school__name="一小").count() == 1


# ---- the command line ---------------------------------------------------------------------------------
def run(*arguments: Any) -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("import_roster", *arguments, stdout=out)
    except CommandError:
        assert out.getvalue(), "a report comes also when it fails"
    return json.loads(out.getvalue())


def test_the_command_reports_in_json(county: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(roster([school("一小", county="甲县")], [person(1, "一小")]))
    bad.write_bytes(roster([school("二小", county="甲县", kind="幼儿园")]))
    before = everything()
    report = run(good, "--check")
    assert (report["imported"], report["errors"], report["counts"]["school_new"]) == (False, [], 1)
    report = run(bad)
    assert report["imported"] is False
    assert [(error["sheet"], error["cell"]) for error in report["errors"]] == [("学校", "C2")]
    assert everything() == before
    assert run(good)["imported"] is True
    assert School.objects.filter(name="一小").exists()


def test_the_command_takes_the_rights_of_a_person(county: Any, tmp_path: Path) -> None:
    factories.make_administrator(factories.make_school(county, name="一小"), username="head")
    file = tmp_path / "x.xlsx"
    file.write_bytes(roster([school("二小", county="甲县")]))
    report = run(file, "--actor", "head")
    assert [error["cell"] for error in report["errors"]] == ["A2"]
    assert not School.objects.filter(name="二小").exists()


def test_the_command_says_what_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("姓名,学校")
    report = run(file)
    assert report["imported"] is False
    assert "另存为" in report["errors"][0]["message"]


def test_the_command_writes_an_empty_form(tmp_path: Path) -> None:
    out = tmp_path / "form.xlsx"
    call_command("import_roster", "--template", str(out), stdout=StringIO())
    found = read_file(out.read_bytes())
    assert (found.rows, found.troubles) == ({"schools": [], "people": []}, [])
