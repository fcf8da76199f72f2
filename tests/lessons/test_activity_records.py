"""The record of an activity: what it fills itself with, who may do what with it, the lists of a school and a centre."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry
from foundation.records import queries as records
from foundation.records.form import Facts
from foundation.records.models import Record, RecordTask
from foundation.records.opened import open_record
from foundation.records.operations import Change, sign, write
from lessons.activities.models import ActivityMember, PrepActivity
from lessons.discussion.models import Comment, Thread
from lessons.lineage.models import Contribution, Fork
from lessons.records import policies
from lessons.records.queries import ALL, filters_of, records_of
from lessons.records.source import facts_of
from teaching_centres.models import School
from teaching_centres.operations import merge_people
from teaching_centres.roles import Role
from tests import factories
from tests.lessons.activity_records import OPENED, Held, add, edited, make_activity, make_held
from tests.teaching_centres.test_rights_matrix import PLACEMENTS, Network, person_in
from tests.teaching_centres.test_rights_matrix import network as network  # the fixture


@pytest.fixture
def held(db: None) -> Held:
    return make_held()


def facts(held: Held) -> Facts:
    rows = PrepActivity.objects.select_related("plan", "school__county", "region", "settled_version")
    return facts_of(rows.get(pk=held.activity.pk))


def names(people: Any) -> list[str]:
    known = dict(User.objects.values_list("pk", "name"))
    return [known[person.user_id] for person in people]


def page(user: User, name: str, *arguments: Any, query: str = "") -> Any:
    browser = Client()
    browser.force_login(user)
    return browser.get(reverse(name, args=arguments) + query)


# ---- what happened -----------------------------------------------------------------------------------------
def test_an_activity_tells_who_took_part_and_who_did_not(held: Held) -> None:
    told = facts(held)
    assert names(told.participants) == ["城里组长", "主备老师", "乡里老师", "没答复的老师"]
    assert [(names([each.person])[0], each.reason) for each in told.absentees] == [
        ("请假老师", "请假：送教下乡")
    ]
    assert names([told.host, told.recorder]) == ["城里组长", "主备老师"]
    assert told.participants[2].school == held.tree.school.name
    assert [person.side for person in told.participants] == ["town", "town", "village", "town"]


def test_at_the_end_whoever_neither_answered_nor_wrote_is_absent(held: Held) -> None:
    PrepActivity.objects.update(state="closed", closed_at=datetime(2026, 11, 13, tzinfo=UTC))
    told = facts(held)
    assert [(names([each.person])[0], each.reason) for each in told.absentees] == [
        ("请假老师", "请假：送教下乡"),
        ("没答复的老师", "没有答复"),
    ]
    assert told.time == "2026年11月3日—2026年11月13日"
    edited(held.plan, held.silent, 1)
    assert "没答复的老师" in names(facts(held).participants)


def test_versions_changes_and_results(held: Held) -> None:
    told = facts(held)
    assert [(each.version, names([each.person])[0]) for each in told.versions] == [
        ("第1版 集研后", "主备老师")
    ]
    assert [(names([each.person])[0], each.changes) for each in told.contributions] == [
        ("乡里老师", 5),
        ("主备老师", 3),
    ]
    assert "共案定为第1版 集研后" in told.results
    assert "请来的 3 位老师里，1 位接收了共案。" in told.results
    assert [each.question for each in told.discussion] == ["第一课时要不要讲诗人？"]
    assert told.time == "2026年11月3日起"


def test_own_versions_and_what_came_back_from_them_are_results(held: Held) -> None:
    version = held.activity.settled_version
    for owner in (held.member, held.silent):
        plan = factories.make_plan(owner)
        fork = Fork.objects.create(plan=plan, upstream=held.plan, version=version)
    Contribution.objects.create(
        plan=held.plan, fork=fork, author=held.silent, part="a", title="导入", text={}, state="accepted"
    )
    lines = facts(held).results.splitlines()
    assert "做成个案 2 份，来自 2 所学校。" in lines
    assert "共案采用了个案里的改法 1 处。" in lines


def test_questions_viewpoints_and_consensus_come_from_the_discussion(held: Held) -> None:
    def thread(number: int, kind: str, *said: tuple[User, str, str], **fields: Any) -> None:
        found = Thread.objects.create(
            plan=held.plan, number=number, kind=kind, place="plan", created_by=held.lead, **fields
        )
        for author, how, text in said:
            Comment.objects.create(thread=found, author=author, kind=how, text=text)

    thread(
        1,
        "question",
        (held.lead, "plain", "没见过枫林的孩子怎么读懂这一句？"),
        (held.member, "viewpoint", "先看实物\n再读诗"),
        (held.silent, "plain", "同意"),
        (held.leader, "consensus", "先看实物。"),
        quote="霜叶红于二月花",
    )
    thread(2, "comment", (held.member, "plain", "这里少一个字"), state="resolved", resolved_at=timezone.now())
    thread(3, "comment", (held.member, "plain", "时间不够"))
    thread(4, "question", (held.member, "plain", "第一课时要不要讲诗人？"))
    told = facts(held)
    assert [each.question for each in told.discussion] == [
        "没见过枫林的孩子怎么读懂这一句？（原文：“霜叶红于二月花”）",
        "第一课时要不要讲诗人？",
    ]
    first = told.discussion[0]
    assert [(names([each.person])[0], each.text) for each in first.viewpoints] == [
        ("乡里老师", "先看实物\n再读诗"),
        ("没答复的老师", "同意"),
    ]
    assert first.consensus == "先看实物。"
    assert "批注 2 条，1 条处理好了。" in told.results
    PrepActivity.objects.update(state="closed")
    assert "没答复的老师" in names(facts(held).participants)


def test_two_accounts_of_one_person_changed_it_as_one(held: Held) -> None:
    administrator = factories.make_superuser()
    other = factories.make_teacher(held.tree.school, name="乡里老师")
    edited(held.plan, other, 2)
    merge_people(survivor=held.member, absorbed=other, actor=administrator)
    assert [each.changes for each in facts(held).contributions] == [7, 3]


def test_an_activity_without_anything_yet_still_has_a_record(db: None) -> None:
    school = factories.make_school()
    leader = factories.make_member(school, Role.GROUP_LEADER)
    activity = make_activity(leader, leader, school, opens_at=None)
    told = facts_of(activity)
    assert (told.time, told.results, told.versions, told.contributions) == ("", "", (), ())
    assert len(told.participants) == 1


def test_the_facts_take_the_same_queries_however_many_take_part(
    held: Held, django_assert_num_queries
) -> None:
    activity = PrepActivity.objects.select_related("plan", "school", "region", "settled_version").get()
    with django_assert_num_queries(13):
        facts_of(activity)
    for _number in range(15):
        person = factories.make_teacher(held.tree.school)
        add(activity, person, held.tree.school)
        edited(held.plan, person, 2)
    with django_assert_num_queries(13):
        facts_of(activity)


def test_a_draft_of_an_activity_has_no_record(held: Held) -> None:
    draft = PrepActivity.objects.create(
        theme="还没发起",
        subject=held.activity.subject,
        school_stage="primary",
        grade=3,
        leader=held.leader,
        lead_preparer=held.lead,
        school=held.activity.school,
        region=held.activity.region,
    )
    for wrong in (draft.pk, "x", "00000000-0000-0000-0000-000000000000"):
        assert page(held.leader, "record", "prep-activity", wrong).status_code == 404
    assert page(held.leader, "record", "nothing", held.activity.pk).status_code == 404


# ---- who -------------------------------------------------------------------------------------------------
def test_the_leader_signs_the_lead_preparer_writes_the_members_read(held: Held) -> None:
    def rights(user: User) -> tuple[bool, bool, bool]:
        found = policies.rights(user, held.activity)
        return found.see, found.edit, found.sign

    assert rights(held.leader) == (True, True, True)
    assert rights(held.lead) == (True, True, False)
    assert rights(held.member) == rights(held.silent) == (True, False, False)
    assert rights(factories.make_teacher(held.tree.school)) == (False, False, False)


def test_the_leader_of_a_school_that_was_called_sees_the_record_but_not_the_activity(held: Held) -> None:
    head = factories.make_member(held.tree.school, Role.GROUP_LEADER)
    answer = page(head, "record", *held.path)
    assert answer.status_code == 200
    assert reverse("activity", args=[held.activity.pk]) not in answer.content.decode()
    ActivityMember.objects.filter(school=held.tree.school).update(state=ActivityMember.State.DECLINED)
    assert page(head, "record", *held.path).status_code == 404


@pytest.mark.parametrize("state", ["open", "closed", "draft"])
def test_the_filter_and_the_check_agree_for_every_role_everywhere(
    network: Network, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    units = network.units
    outsider = factories.make_teacher()
    activities = []
    for unit in units.values():
        activity = make_activity(outsider, outsider, unit)
        for member_state in ActivityMember.State:
            person = factories.make_teacher()
            school = units["school"] if isinstance(unit, School) else units["far_school"]
            add(activity, person, school, state=member_state)
        activities.append(activity)
    if state == "draft":
        PrepActivity.objects.update(state=state, plan=None)
    PrepActivity.objects.update(state=state)
    checked = seen = 0
    for placement in PLACEMENTS:
        for standing in ("current", "ended", "inactive person", "school closed"):
            with person_in(network, placement, standing) as user:
                visible = set(policies.visible_to(user).values_list("pk", flat=True))
                for activity in PrepActivity.objects.select_related("school__county", "region"):
                    found = policies.rights(user, activity)
                    assert found.see == (activity.pk in visible), (
                        placement,
                        standing,
                        activity.unit_of_leader,
                    )
                    assert not found.edit and not found.sign
                    checked += 1
                seen += len(visible)
    assert (0 < seen < checked) if state != "draft" else seen == 0
    with capsys.disabled():
        print(f"\nrecords of activities that are {state}: {checked} pairs")  # noqa: T201


def test_administrators_and_inspectors_see_no_record(held: Held) -> None:
    for unit, role in (
        (held.activity.school, Role.ADMINISTRATOR),
        (held.tree.county, Role.ADMINISTRATOR),
        (held.tree.province, Role.INSPECTOR),
    ):
        user = factories.make_member(unit, role)
        assert page(user, "record", *held.path).status_code == 404
        assert not policies.visible_to(user).exists()


def test_what_is_written_and_signed_stands_in_the_trail_of_the_county(held: Held) -> None:
    opened = open_record(held.lead, *held.path)
    reflection = [{"reflection": "枫林要看实物。"}]
    assert write(opened=opened, changes={"reflection": Change(reflection, 0)}) == {}
    opened = open_record(held.leader, *held.path)
    revision = sign(opened=opened, seen=records.draft_of(opened).digest)
    held.plan.title = "别的"
    assert revision.body["reflection"] == reflection
    entry = AuditEntry.objects.get(act="record.signed")
    assert (entry.region_id, entry.school_id) == (held.tree.county.pk, held.activity.school_id)
    assert records.what_is_wrong([revision]) == {}


# ---- lists -----------------------------------------------------------------------------------------------
def in_list(user: User, unit: Any, term: str = ALL, subject: str = "") -> list[str]:
    return [each.theme for each in records_of(user, unit, filters_of(unit, term, subject))]


def test_a_school_has_the_records_it_held_and_those_its_teachers_were_called_to(held: Held) -> None:
    village, town = held.tree.school, held.activity.school
    for school, far in ((village, False), (town, False), (held.tree.far_school, True)):
        head = factories.make_member(school, Role.GROUP_LEADER)
        assert in_list(head, school) == ([] if far else ["一起备《山行》"])
    researcher = factories.make_member(held.tree.county, Role.RESEARCHER)
    assert in_list(researcher, held.tree.county) == ["一起备《山行》"]
    assert in_list(researcher, held.tree.sibling_county) == ["一起备《山行》"]
    assert in_list(factories.make_member(held.tree.sibling_county, Role.RESEARCHER), held.tree.county) == [
        "一起备《山行》"
    ]
    assert in_list(factories.make_member(held.tree.far_county, Role.RESEARCHER), held.tree.county) == []


def test_lists_are_narrowed_by_term_and_subject(held: Held) -> None:
    factories.make_term(held.tree.province, "2026-1")
    factories.make_term(held.tree.province, "2026-2", starts=date(2027, 3, 1), ends=date(2027, 7, 9))
    later = datetime(2027, 3, 1, 0, 30, tzinfo=timezone.get_default_timezone())
    maths = factories.make_textbook("数学").subject
    make_activity(held.leader, held.lead, held.activity.school, theme="下学期", opens_at=later, subject=maths)
    county, researcher = held.tree.county, factories.make_member(held.tree.county, Role.RESEARCHER)
    assert in_list(researcher, county) == ["下学期", "一起备《山行》"]
    assert in_list(researcher, county, "2026-1") == ["一起备《山行》"]
    assert in_list(researcher, county, "2026-2") == ["下学期"]
    assert in_list(researcher, county, subject=str(maths.pk)) == ["下学期"]
    assert in_list(researcher, county, "nothing", "x" * 30) == in_list(researcher, county, "")


def test_a_list_says_how_each_record_stands(held: Held) -> None:
    researcher = factories.make_member(held.tree.county, Role.RESEARCHER)
    centre = factories.make_centre(held.tree.county)
    assert "自动填好，没签字" in page(researcher, "centre-records", centre.pk).content.decode()
    opened = open_record(held.leader, *held.path)
    task = [{"key": "a", "task": "改第二环节", "person": {"user": held.member.pk}, "due": None}]
    write(opened=opened, changes={"tasks": Change(task, 0)})
    assert "写了一些，没签字" in page(researcher, "centre-records", centre.pk).content.decode()
    opened = open_record(held.leader, *held.path)
    sign(opened=opened, seen=records.draft_of(opened).digest)
    text = page(researcher, "centre-records", centre.pk).content.decode()
    assert "已定稿" in text and "1 项任务没做完" in text
    RecordTask.objects.update(done_at=timezone.now(), done_by=held.member)
    assert "没做完" not in page(researcher, "centre-records", centre.pk).content.decode()


def test_empty_lists_and_pages_that_are_not_there(held: Held) -> None:
    far = factories.make_member(held.tree.far_school, Role.GROUP_LEADER)
    assert "还没有集备记录" in page(far, "school-records", held.tree.far_school.pk).content.decode()
    head = factories.make_member(held.activity.school, Role.GROUP_LEADER)
    answer = page(head, "school-records", held.activity.school_id, query="?subject=999999")
    assert "没有找到" in answer.content.decode()
    assert page(head, "school-records", held.activity.school_id, query="?page=99&term=x").status_code == 200
    assert page(far, "school-records", held.activity.school_id).status_code == 403


def test_a_long_list_is_paged_and_takes_the_same_queries(held: Held, django_assert_max_num_queries) -> None:
    head = factories.make_member(held.activity.school, Role.GROUP_LEADER)
    for number in range(25):
        start = OPENED - timedelta(days=number + 1)
        make_activity(held.leader, held.lead, held.activity.school, theme=f"第{number}次", opens_at=start)
    browser = Client()
    browser.force_login(head)
    path = reverse("school-records", args=[held.activity.school_id])
    browser.get(path)
    with django_assert_max_num_queries(38):
        text = browser.get(path).content.decode()
    assert text.count("第") and "第18次" in text and "第19次" not in text
    assert "第19次" in browser.get(f"{path}?page=2").content.decode()


def test_the_table_holds_what_the_list_shows_and_its_export_is_entered(held: Held) -> None:
    head = factories.make_member(held.activity.school, Role.GROUP_LEADER)
    answer = page(head, "school-records-export", held.activity.school_id, query="?term=all")
    sheet = load_workbook(io.BytesIO(answer.content))["集备记录"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["主题", "学科", "年级", "发起单位"]
    assert rows[1][:6] == ["一起备《山行》", "语文", 3, held.activity.school.name, "城里组长", "主备老师"]
    assert rows[1][rows[0].index("记录")] == "自动填好，没签字"
    assert rows[1][rows[0].index("人数")] == 5
    assert AuditEntry.objects.get(act="record.exported").details == {"rows": 1}


def test_looking_at_a_list_makes_no_record(held: Held) -> None:
    page(held.leader, "school-records", held.activity.school_id)
    page(held.leader, "record", *held.path)
    assert not Record.objects.exists()
