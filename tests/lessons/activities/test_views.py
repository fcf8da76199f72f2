"""The pages over HTTP: what is shown to whom, what is refused in Chinese, and that a refusal changes nothing."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons.activities import operations, term_plans
from lessons.activities.models import ActivityMember, AgendaItem, PrepActivity, TermPlan, TermPlanRow
from lessons.activities.policies import Act
from lessons.activities.urls import urlpatterns
from lessons.discussion.models import Comment, Thread
from lessons.models import LessonPlan
from tests.factories import make_teacher, make_textbook
from tests.lessons.activities.conftest import Group, at
from tests.lessons.activities.test_term_plans import sheet

OF_NONE = {"activity-list", "activity-export", "activity-create", "activity-group-fields", "term-plan-list",
           "term-plan-create"}  # fmt: skip
GET_ONLY = {"activity", "activity-people-export", "term-plan-sheet"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *args: object, query: str = "", status: int = 200) -> str:
    answer = client_of(user).get(reverse(name, args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def press(user: User, name: str, *args: object, **data: object) -> str:
    """POSTs and returns the page that follows."""
    answer = client_of(user).post(reverse(name, args=args), data, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def everything() -> tuple[object, ...]:
    return (
        list(
            PrepActivity.objects.order_by("pk").values_list("pk", "state", "stage", "theme", "lead_preparer")
        ),
        list(ActivityMember.objects.order_by("pk").values_list("pk", "state", "reason")),
        list(TermPlanRow.objects.order_by("pk").values_list("pk", "lesson", "first_draft_due")),
        *(model.objects.count() for model in (TermPlan, AgendaItem, LessonPlan, Notice, Event)),
    )


@pytest.fixture
def plan(group: Group) -> TermPlan:
    return term_plans.make(
        actor=group.leader,
        unit=group.tree.school,
        term="2026-1",
        subject=group.subject,
        school_stage="primary",
        grade=3,
    )


def addresses(
    activity_id: object, plan_id: object, member: int, item: int, group_member: int
) -> dict[str, str]:
    found = {}
    for pattern in urlpatterns:
        name, route = str(pattern.name), str(pattern.pattern)
        if name in OF_NONE:
            continue
        values = {"activity_id": activity_id, "term_plan_id": plan_id, "item_id": item}
        values["member_id"] = member if "activity_id" in route else group_member
        wanted = {key: values[key] for key in pattern.pattern.converters}
        found[name] = reverse(name, kwargs=wanted)
    return found


# ---- refusals --------------------------------------------------------------------------------------------


def test_what_one_may_not_see_looks_as_if_it_did_not_exist(
    group: Group, opened: PrepActivity, plan: TermPlan
) -> None:
    item = operations.raise_item(actor=group.member, activity=opened, text="议题")
    member, in_group = opened.members.get(user=group.member), plan.members.get()
    stranger, before = client_of(group.outsider), everything()
    for ids in ((opened.pk, plan.pk), (uuid4(), uuid4())):
        for name, url in addresses(*ids, member.pk, item.pk, in_group.pk).items():
            answers = [stranger.get(url)] if name in GET_ONLY else [stranger.post(url, {"do": "close"})]
            for answer in answers:
                assert answer.status_code == 404, name
                assert "读出景色的美" not in answer.content.decode()
    assert everything() == before


def test_who_takes_part_but_does_not_lead_is_refused_and_nothing_changes(
    group: Group, opened: PrepActivity, plan: TermPlan
) -> None:
    term_plans.add_people(actor=group.leader, plan=plan, called={group.member.pk: None})
    item = operations.raise_item(actor=group.village, activity=opened, text="议题")
    member, in_group = opened.members.get(user=group.village), plan.members.get(user=group.member)
    before, client = everything(), client_of(group.member)
    urls = addresses(opened.pk, plan.pk, member.pk, item.pk, in_group.pk)
    leads = ("activity-change", "activity-people", "activity-person", "activity-lead", "activity-discard",
             "agenda-finish", "term-plan", "term-plan-units", "term-plan-schedule", "term-plan-remove",
             "term-plan-people", "term-plan-person", "term-plan-import")  # fmt: skip
    for name in leads:
        answer = client.post(urls[name], {"do": "appoint", "who": f"user:{group.outsider.pk}"})
        assert answer.status_code == 403, name
        assert any(words in answer.content.decode() for words in ("只有发起人能", "议题由", "由定它的")), name
    for do in ("open", "hand_in", "settle", "start_own", "step_back", "close", "reopen"):
        answer = client.post(urls["activity-move"], {"do": do})
        assert answer.status_code == 403, do
    assert everything() == before


def test_an_act_out_of_its_stage_says_when_it_can_be_done(group: Group, opened: PrepActivity) -> None:
    before = everything()
    text = press(group.leader, "activity-move", opened.pk, do="settle")
    assert "现在是“初备”阶段，到“集研”时才能定稿。" in text
    assert "现在是“初备”阶段" in press(group.member, "activity-answer", opened.pk, do="receive")
    assert "现在是“初备”阶段" in press(group.member, "activity-own", opened.pk)
    assert "现在是“初备”" not in press(group.leader, "activity-move", opened.pk, do="nonsense")
    assert everything() == before


def test_who_hosts_nowhere_gets_no_form(group: Group) -> None:
    for name in ("activity-create", "term-plan-create"):
        assert "发起活动要有备课组长或教研员的任职" in page(group.member, name, status=403)
    assert "发起活动" not in page(group.member, "activity-list")


# ---- from the call to reflection -------------------------------------------------------------------------


def form_of(group: Group, **changed: object) -> dict[str, object]:
    today = timezone.localdate()
    days = {"first_draft_due": 3, "study_starts": 4, "study_ends": 8, "own_versions_due": 11}
    return {
        "theme": "读出景色的美",
        "kind": "shared_plan",
        "school_stage": "primary",
        "subject": group.subject.pk,
        "grade": 3,
        "template": group.template.pk,
        **{name: (today + timedelta(days=ahead)).isoformat() for name, ahead in days.items()},
        **changed,
    }


def test_a_call_is_written_people_are_called_and_it_is_opened(group: Group) -> None:
    text = press(group.leader, "activity-create", **form_of(group))
    activity = PrepActivity.objects.get()
    assert (activity.theme, activity.leader, activity.school) == (
        "读出景色的美",
        group.leader,
        group.tree.school,
    )
    assert "还没有请人。在上面找到学校" in text
    assert "先请参加的老师或学校" in page(group.leader, "activity", activity.pk)
    assert "还没有请人" in press(group.leader, "activity-move", activity.pk, do="open")
    school = group.tree.same_county_school
    found = page(group.leader, "activity-people", activity.pk, query=f"?q={school.name}")
    assert "请这所学校" in found
    text = press(group.leader, "activity-people", activity.pk, who=f"school:{school.pk}")
    assert "新加 2 人" in text and "王主备" in text and "孙参备" in text
    assert "已经请过了" in press(group.leader, "activity-people", activity.pk, who=f"school:{school.pk}")
    lead = activity.members.get(user=group.lead)
    assert "现在由王主备主备" in press(group.leader, "activity-person", activity.pk, lead.pk, do="appoint")
    assert "发起了，大家会收到消息" in press(group.leader, "activity-move", activity.pk, do="open")
    activity.refresh_from_db()
    assert activity.state == "open" and activity.plan.owner == group.lead
    assert "改好了" in press(group.leader, "activity-change", activity.pk, **form_of(group, theme="新主题"))


def test_a_form_with_mistakes_says_each_where_it_was_made(group: Group) -> None:
    today = timezone.localdate().isoformat()
    form = form_of(group, theme="", subject="", study_ends=today, grade=9, template=0)
    answer = client_of(group.leader).post(reverse("activity-create"), form)
    assert answer.status_code == 422
    text = answer.content.decode()
    for words in ("写上主题", "选学科。", "不能早于“集研开始”", "这个学段没有这个年级", "这种格式现在不能用"):
        assert words in text
    assert not PrepActivity.objects.exists()


def test_the_selects_follow_each_other(group: Group) -> None:
    book = make_textbook(grade=3)
    query = f"?school_stage=primary&subject={group.subject.pk}&grade=3&textbook=&unit="
    text = page(group.leader, "activity-group-fields", query=query)
    assert f'value="{book.pk}" selected' in text  # the only one that fits
    assert "六年级" in text and "七年级" not in text
    assert "id_unit" not in page(group.leader, "activity-group-fields", query=query.removesuffix("&unit="))


def test_the_page_says_what_is_expected_and_shows_the_way(group: Group, opened: PrepActivity) -> None:
    lead = page(group.lead, "activity", opened.pk)
    assert "写初稿，写好交集研" in lead and "交初稿，开始集研" in lead
    member = page(group.member, "activity", opened.pk)
    assert "交初稿" not in member and "这次集研来不了" in member and "看共案" in member
    press(group.lead, "activity-move", opened.pk, do="hand_in")
    member = page(group.member, "activity", opened.pk)
    assert "参加集研：看、改、批注" in member and "去写共案" in member
    assert "请好假了" in press(
        group.village, "activity-answer", opened.pk, do="take_leave", reason="外出培训"
    )
    assert "请假：外出培训" in page(group.leader, "activity", opened.pk)
    assert "外出培训" not in page(group.member, "activity", opened.pk)
    press(group.lead, "activity-move", opened.pk, do="settle")
    member = page(group.member, "activity", opened.pk)
    assert "接收共案" in member and "第1版 定稿" in member
    assert "接收了" in press(group.member, "activity-answer", opened.pk, do="receive")
    answer = client_of(group.member).post(reverse("activity-own", args=[opened.pk]))
    own = LessonPlan.objects.get(owner=group.member)
    assert answer.headers["Location"] == reverse("plan-editor", args=[own.pk])
    text = page(group.leader, "activity", opened.pk)
    assert "1 人接收，1 人做了个案，0 人写了反思" in text
    assert "有个案" in text and reverse("plan-editor", args=[own.pk]) not in text  # it is its owner's
    LessonPlan.objects.filter(pk=own.pk).update(outline={"reflected": True})
    assert "1 人写了反思" in page(group.leader, "activity", opened.pk)
    reviewer = page(group.researcher, "activity", opened.pk)
    assert "共案是参加的老师的" in reviewer and "接收共案" not in reviewer


def test_the_agenda_on_the_page(group: Group, opened: PrepActivity) -> None:
    assert "写一句要议什么" in press(group.village, "agenda-raise", opened.pk, text=" ")
    assert "作业分几层" in press(group.village, "agenda-raise", opened.pk, text="作业分几层")
    item = AgendaItem.objects.get()
    assert "待议" in page(group.member, "activity", opened.pk)
    assert "标成“议过”了" in press(group.leader, "agenda-finish", opened.pk, item.pk)


# ---- lists and tables -----------------------------------------------------------------------------------


def test_the_lists_show_each_their_own(group: Group, opened: PrepActivity) -> None:
    theme, empty = "读出景色的美", "还没有"
    assert theme in page(group.member, "activity-list")
    assert theme in page(group.leader, "activity-list", query="?tab=led")
    assert empty in page(group.leader, "activity-list")
    assert theme in page(group.researcher, "activity-list", query="?tab=all")
    assert theme not in page(group.outsider, "activity-list", query="?tab=all")
    assert "没有找到" in page(group.member, "activity-list", query="?state=closed")
    assert theme in page(group.member, "activity-list", query="?cursor=nonsense&q=景色&state=open&grade=3")


def test_the_export_has_the_columns_that_leaders_ask_for(group: Group, opened: PrepActivity) -> None:
    activity = at(group, opened, PrepActivity.Stage.SETTLED)
    operations.make_own(actor=group.village, activity=activity)
    operations.answer(actor=group.member, activity=activity, act=Act.DECLINE, reason="版本不同")
    thread = Thread.objects.create(
        plan=activity.plan, number=1, place=Thread.Place.PLAN, created_by=group.member
    )
    for said in ("先看图", "再读", "同意", "说错了"):
        comment = Comment.objects.create(thread=thread, author=group.member, text=said)
    Comment.objects.filter(pk=comment.pk).update(deleted_at=timezone.now())
    answer = client_of(group.leader).get(reverse("activity-people-export", args=[opened.pk]))
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["备课活动", "参加的老师"]
    heads, row = [[cell.value for cell in line] for line in book["备课活动"].iter_rows()]
    found = dict(zip(heads, row, strict=True))
    assert (found["活动名称"], found["发起人"], found["主备人"]) == ("读出景色的美", "周组长", "王主备")
    assert (found["参加人数"], found["接收人数"], found["个案数"], found["状态"]) == (2, 1, 1, "个案")
    assert (found["讨论"], found["回复"], found["推荐"], found["资源数"]) == (1, 2, 0, 0)
    people = [[cell.value for cell in line] for line in book["参加的老师"].iter_rows(min_row=2)]
    assert {(line[2], line[3], line[6]) for line in people} == {
        ("孙参备", "不接收", "版本不同"),
        ("李村校", "已接收", None),
    }
    answer = client_of(group.member).get(reverse("activity-people-export", args=[opened.pk]))
    told = [cell.value for line in load_workbook(io.BytesIO(answer.content))["参加的老师"] for cell in line]
    assert "版本不同" not in told
    listed = client_of(group.researcher).get(reverse("activity-export") + "?tab=all")
    assert load_workbook(io.BytesIO(listed.content)).active.max_row == 2


# ---- the term plan -----------------------------------------------------------------------------------------


def rows_form(plan: TermPlan, *rows: dict[str, object], **more: object) -> dict[str, object]:
    there = list(plan.rows.filter(activity=None))
    form: dict[str, object] = {"rows-TOTAL_FORMS": len(there) + 3, "rows-INITIAL_FORMS": len(there), **more}
    for number, row in enumerate(there):
        form |= {f"rows-{number}-id": row.pk, f"rows-{number}-lesson": row.lesson}
    for number, typed in enumerate(rows):
        form |= {f"rows-{number}-{name}": value for name, value in typed.items()}
    return form


def test_the_table_is_saved_and_a_row_is_opened_with_what_was_just_typed(
    group: Group, plan: TermPlan
) -> None:
    due = timezone.localdate() + timedelta(days=6)
    text = press(group.leader, "term-plan", plan.pk, **rows_form(plan, {"lesson": "1 大青树下的小学"}))
    assert "存好了" in text and "1 大青树下的小学" in text
    row = plan.rows.get()
    form = rows_form(plan, {"first_draft_due": due.isoformat()}, {"lesson": "2 花的学校"}, open=row.pk)
    text = press(group.leader, "term-plan", plan.pk, **form)
    assert "都按计划填好了" in text
    assert plan.rows.count() == 2
    activity = PrepActivity.objects.get()
    assert (activity.row, activity.first_draft_due) == (row, due)
    assert reverse("activity", args=[activity.pk]) in page(group.leader, "term-plan", plan.pk)


def test_a_wrong_cell_is_said_at_the_cell_and_no_row_is_saved(group: Group, plan: TermPlan) -> None:
    wrong = {"lesson": "一课", "first_draft_due": "2026-10-12", "study_ends": "2026-10-01"}
    answer = client_of(group.leader).post(
        reverse("term-plan", args=[plan.pk]), rows_form(plan, {"lesson": "好的"}, wrong)
    )
    assert answer.status_code == 422
    assert "比前一个日期早" in answer.content.decode() and "一行也还没有存" in answer.content.decode()
    assert not plan.rows.exists()


def test_a_term_plan_from_making_to_a_sheet(group: Group) -> None:
    form = {"term": "2026-1", "school_stage": "primary", "subject": group.subject.pk, "grade": 4}
    text = press(group.leader, "term-plan-create", **form)
    plan = TermPlan.objects.get()
    assert "计划建好了" in text and "备课组里还只有你" in text
    school = group.tree.same_county_school
    assert "新加 2 人" in press(group.leader, "term-plan-people", plan.pk, who=f"school:{school.pk}")
    member = plan.members.get(user=group.member)
    assert "孙参备不在组里了" in press(group.leader, "term-plan-person", plan.pk, member.pk)
    upload = SimpleUploadedFile("计划.xlsx", sheet((None, "观潮", "没这人", None, None, None)))
    answer = client_of(group.leader).post(reverse("term-plan-import", args=[plan.pk]), {"file": upload})
    assert answer.status_code == 422 and "C2" in answer.content.decode()
    upload = SimpleUploadedFile("计划.xlsx", sheet((None, "观潮", "王主备", None, None, None)))
    client = client_of(group.leader)
    answer = client.post(reverse("term-plan-import", args=[plan.pk]), {"file": upload})
    sealed = answer.context["found"].sealed
    assert "看一眼，对不对" in answer.content.decode() and not plan.rows.exists()
    assert "导入了" in press(group.leader, "term-plan-import", plan.pk, confirm=sealed)
    first = timezone.localdate().isoformat()
    text = press(group.leader, "term-plan-schedule", plan.pk, first=first, weeks=1)
    assert "日期排好了" in text and plan.rows.get().first_draft_due.isoformat() == first
    assert "填上日期" in press(group.leader, "term-plan-schedule", plan.pk, first="", weeks=1)
    assert "观潮" in page(group.lead, "term-plan", plan.pk)
    assert client.get(reverse("term-plan-sheet", args=[plan.pk])).status_code == 200
    assert "没有单元可抄" in press(group.leader, "term-plan-units", plan.pk)
    assert "计划删掉了" in press(group.leader, "term-plan-remove", plan.pk)


def test_a_broken_file_is_refused_in_its_field(group: Group, plan: TermPlan) -> None:
    for content in (b"PK\x03\x04 no workbook", b"plain text"):
        upload = SimpleUploadedFile("计划.xlsx", content)
        answer = client_of(group.leader).post(reverse("term-plan-import", args=[plan.pk]), {"file": upload})
        assert answer.status_code == 422
    answer = client_of(group.leader).post(reverse("term-plan-import", args=[plan.pk]))
    assert answer.status_code == 422 and "先选一个文件" in answer.content.decode()


def test_a_teacher_in_no_group_sees_what_will_come(group: Group, plan: TermPlan) -> None:
    assert "还没有你在里面的学期计划" in page(make_teacher(), "term-plan-list")
    assert "三年级语文" in page(group.leader, "term-plan-list")
