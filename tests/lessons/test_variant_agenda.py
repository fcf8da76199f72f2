"""What town and village do differently is put on the agenda of the study."""

from datetime import date
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.catalogue.models import Stage
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.document import reconcile
from lessons.errors import Denied, NotPossible
from lessons.models import ActivityMember, AgendaItem, LessonPlan, PlanInvitation, PrepActivity
from lessons.standard_templates import form
from lessons.variants import sides_of
from lessons.variants.difference import difference_of
from lessons.variants.operations import raise_difference
from lessons.variants.policies import may_raise
from lessons.variants.queries import differences
from realtime import rooms
from tests.factories import make_plan, make_school, make_teacher, make_textbook, make_village_school

pytestmark = pytest.mark.django_db

Study = PrepActivity.Stage.STUDY
TOWN = {"variant": "town", "blocks": ["用手机拍一张树的照片，写三句话"]}
VILLAGE = {"variant": "village", "label": "青山小学", "blocks": ["带一片树叶来，写三句话"]}


def content(*homework: Any) -> dict[str, Any]:
    return plan_content(
        form("core"), header={"title": "山行"}, sections={"homework": list(homework)}, new_id=ids_of("agenda")
    )


@pytest.fixture
def lead() -> User:
    return make_teacher(make_school(), name="王秀兰")


@pytest.fixture
def member() -> User:
    return make_teacher(make_village_school(), name="李国强")


@pytest.fixture
def plan(lead: User) -> LessonPlan:
    return make_plan(lead, title="山行", content=content("都做", TOWN, VILLAGE))


@pytest.fixture
def activity(plan: LessonPlan, lead: User, member: User) -> PrepActivity:
    book = make_textbook()
    made = PrepActivity.objects.create(
        theme="山行",
        subject=book.subject,
        school_stage=Stage.PRIMARY,
        grade=3,
        leader=lead,
        lead_preparer=lead,
        school=plan.school,
        region=plan.region,
        plan=plan,
        state=PrepActivity.State.OPEN,
        stage=Study,
        first_draft_due=date(2026, 11, 20),
    )
    ActivityMember.objects.create(activity=made, user=member)
    return made


def block_of(plan: LessonPlan, side: str = "town") -> str:
    [place] = sides_of(plan.first_content)
    node = place.pair.of(side)
    assert node is not None
    return str(node["attrs"]["id"])


@pytest.mark.parametrize("side", ["town", "village"])
def test_a_pair_is_put_on_the_agenda_by_either_of_its_sides(
    activity: PrepActivity, plan: LessonPlan, member: User, side: str
) -> None:
    item = raise_difference(actor=member, plan=plan, block=block_of(plan, side))
    assert (item.activity, item.block, item.raised_by) == (activity, block_of(plan), member)
    assert item.text == "作业设计：城镇班、乡村班的做法不同"


def test_it_stands_there_once(activity: PrepActivity, plan: LessonPlan, lead: User, member: User) -> None:
    item = raise_difference(actor=member, plan=plan, block=block_of(plan))
    with pytest.raises(NotPossible, match="已经在议程里"):
        raise_difference(actor=lead, plan=plan, block=block_of(plan, "village"))
    item.state = AgendaItem.State.DONE
    item.save()
    raise_difference(actor=lead, plan=plan, block=block_of(plan))
    assert activity.agenda.count() == 2


@pytest.mark.parametrize("block", ["", "nothing", "aaaaaaaaaa"])
def test_what_is_no_pair_is_not_put_there(
    activity: PrepActivity, plan: LessonPlan, lead: User, block: str
) -> None:
    with pytest.raises(NotPossible, match="还没有城镇班、乡村班一对做法"):
        raise_difference(actor=lead, plan=plan, block=block)
    assert not activity.agenda.exists()


def test_one_side_alone_is_no_difference(activity: PrepActivity, plan: LessonPlan, lead: User) -> None:
    block = block_of(plan)
    rooms.change(plan.document, lambda doc: reconcile(doc, content("都做", TOWN)), actor_id=lead.pk)
    with pytest.raises(NotPossible):
        raise_difference(actor=lead, plan=plan, block=block)


def test_a_plan_without_activity_has_no_agenda(plan: LessonPlan, lead: User) -> None:
    assert not may_raise(lead, plan)
    with pytest.raises(NotPossible, match="不在备课活动里"):
        raise_difference(actor=lead, plan=plan, block=block_of(plan))


@pytest.mark.parametrize(
    ("state", "stage", "may"),
    [
        (PrepActivity.State.OPEN, Study, True),
        (PrepActivity.State.OPEN, PrepActivity.Stage.FIRST_DRAFT, True),
        (PrepActivity.State.OPEN, PrepActivity.Stage.SETTLED, False),
        (PrepActivity.State.CLOSED, Study, False),
    ],
)
def test_the_button_and_the_act_agree(
    activity: PrepActivity, plan: LessonPlan, member: User, state: str, stage: str, may: bool
) -> None:
    PrepActivity.objects.filter(pk=activity.pk).update(state=state, stage=stage)
    assert may_raise(member, plan) is may
    if may:
        raise_difference(actor=member, plan=plan, block=block_of(plan))
    else:
        with pytest.raises(Denied):
            raise_difference(actor=member, plan=plan, block=block_of(plan))
    assert activity.agenda.exists() is may


def test_who_reads_the_plan_without_taking_part_is_refused(
    client: Client, activity: PrepActivity, plan: LessonPlan, lead: User
) -> None:
    guest = make_teacher(name="孙玉梅")
    operations.invite(actor=lead, plan=plan, user=guest, level=PlanInvitation.Access.WRITE)
    client.force_login(guest)
    answer = client.post(f"/plans/{plan.pk}/agenda/", {"block": block_of(plan)})
    assert answer.status_code == 404
    assert not activity.agenda.exists()
    assert "plan-agenda" not in client.get(f"/plans/{plan.pk}/").content.decode()
    assert 'data-act="variant-agenda"' not in client.get(f"/plans/{plan.pk}/").content.decode()


def test_the_page_has_the_act_for_those_who_take_part(
    client: Client, activity: PrepActivity, plan: LessonPlan, member: User
) -> None:
    client.force_login(member)
    assert 'data-act="variant-agenda"' in client.get(f"/plans/{plan.pk}/").content.decode()
    answer = client.post(f"/plans/{plan.pk}/agenda/", {"block": block_of(plan)})
    assert (answer.status_code, answer.json()) == (201, {"text": "作业设计：城镇班、乡村班的做法不同"})
    again = client.post(f"/plans/{plan.pk}/agenda/", {"block": block_of(plan)})
    assert (again.status_code, again.json()["detail"]) == (403, "这一处已经在议程里。")


def test_a_stranger_learns_nothing(client: Client, activity: PrepActivity, plan: LessonPlan) -> None:
    client.force_login(make_teacher(name="路人"))
    assert client.post(f"/plans/{plan.pk}/agenda/", {"block": block_of(plan)}).status_code == 404


# ---- what the agenda shows --------------------------------------------------------------------------


def test_the_difference_marks_what_stands_on_one_side_alone(plan: LessonPlan) -> None:
    [place] = sides_of(plan.first_content)
    difference = difference_of(place)
    assert difference is not None
    shown = [[("*" if piece.own else "") + piece.text for piece in way.pieces] for way in difference.ways]
    assert shown == [["*用手机拍一张树的照片", "，写三句话"], ["*带一片树叶来", "，写三句话"]]
    assert [way.name for way in difference.ways] == ["城镇班", "乡村班 · 青山小学"]


def test_texts_with_nothing_in_common_are_not_marked() -> None:
    homework = [{**TOWN, "blocks": ["看短片"]}, {**VILLAGE, "blocks": ["摸一摸叶子"]}]
    difference = difference_of(sides_of(content(*homework))[0])
    assert difference is not None
    assert not any(piece.own for way in difference.ways for piece in way.pieces)


def test_every_character_of_both_sides_is_shown() -> None:
    long = "春夏秋冬，" * 1_000
    for words in (["a b", "b a c"], ["", "甲"], [long, "冬" + long]):
        homework = [{**TOWN, "blocks": [words[0]]}, {**VILLAGE, "blocks": [words[1]]}]
        difference = difference_of(sides_of(content(*homework))[0])
        assert difference is not None
        assert ["".join(piece.text for piece in way.pieces) for way in difference.ways] == words


def test_the_agenda_has_the_ways_as_they_stand_now(
    activity: PrepActivity, plan: LessonPlan, lead: User
) -> None:
    item = raise_difference(actor=lead, plan=plan, block=block_of(plan))
    other = AgendaItem.objects.create(activity=activity, text="怎样导入", raised_by=lead)
    later = content("都做", {**TOWN, "blocks": ["不用手机，写三句话"]}, VILLAGE)
    rooms.change(plan.document, lambda doc: reconcile(doc, later), actor_id=lead.pk)
    found = differences(plan, [item.block, other.block])
    assert list(found) == [item.block]
    assert "".join(piece.text for piece in found[item.block].town.pieces) == "不用手机，写三句话"
    rooms.change(plan.document, lambda doc: reconcile(doc, content("都做")), actor_id=lead.pk)
    assert differences(plan, [item.block, other.block]) == {}


def test_the_page_of_the_activity_shows_both_ways_to_those_who_may_read_the_plan(
    client: Client, activity: PrepActivity, plan: LessonPlan, lead: User, member: User
) -> None:
    raise_difference(actor=lead, plan=plan, block=block_of(plan))
    client.force_login(member)
    page = client.get(f"/activities/{activity.pk}/").content.decode()
    assert "<mark>用手机拍一张树的照片</mark>，写三句话" in page
    assert "乡村班 · 青山小学" in page
    assert f"/plans/{plan.pk}/#homework" in page


def test_who_oversees_the_activity_without_reading_the_plan_sees_the_item_alone(
    client: Client, activity: PrepActivity, plan: LessonPlan, lead: User
) -> None:
    raise_difference(actor=lead, plan=plan, block=block_of(plan))
    overseer = make_teacher(plan.school, name="赵组长")
    client.force_login(overseer)
    with mock.patch("lessons.activities.policies.allowed", return_value=True):
        page = client.get(f"/activities/{activity.pk}/").content.decode()
    assert "作业设计：城镇班、乡村班的做法不同" in page
    assert "用手机拍一张树的照片" not in page
