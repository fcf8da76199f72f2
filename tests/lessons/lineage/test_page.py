"""The page 个案与共案: what it shows to whom, and every act on it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.accounts.models import User
from lessons import versions
from lessons.lineage import deciding, sending
from lessons.lineage.connection import text_of
from lessons.lineage.models import ChangeNote, Contribution, Decision, Fork
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from tests.factories import make_teacher
from tests.lessons.lineage.conftest import edit, offers_to, the_offer, words_of
from tests.lessons.lineage.edits import key_of, row_keys, say, say_in_row


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def changed(shared: LessonPlan, mine: LessonPlan) -> LessonPlan:
    """The own version after a new version of the shared plan that offers three things."""
    edit(mine, say, "board", "，我的板书", 1)
    edit(shared, say, "board", "，松鼠散步")
    edit(shared, say_in_row, row_keys(text_of(shared))[2], "，用手臂演一演")
    edit(shared, say, "goals", "，背诵课文")
    versions.name_version(actor=shared.owner, plan=shared, name="课后修订")
    return mine


def page(user: User, plan: LessonPlan) -> str:
    response = client_of(user).get(reverse("plan-lineage", args=[plan.pk]))
    assert response.status_code == 200
    return response.content.decode()


def decide(plan: LessonPlan, **fields: Any) -> str:
    client = client_of(plan.owner)
    response = client.post(reverse("plan-lineage-decide", args=[plan.pk]), fields, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_the_offers_stand_beside_what_one_has(changed: LessonPlan) -> None:
    text = page(changed.owner, changed)
    assert "第2版 课后修订" in text
    assert "共案第2版 课后修订有 <b>3 处</b>改动" in text
    assert "教学过程 · 品读春夏" in text
    assert "<ins>，松鼠散步</ins>" in text
    assert '<ins class="own">，我的板书</ins>' in text
    assert text.count("这一处你也改过") == 1
    assert text.count("你没改过") == 2
    assert "两段合着改" in text
    assert "3 处等你决定" in text


def test_every_act_of_the_page(changed: LessonPlan) -> None:
    goals, process, board = offers_to(changed)
    assert "采用了" in decide(changed, do="accept", part=goals.key, offered=goals.offered, shown=goals.shown)
    assert "都放进去了" in decide(
        changed, do="merge", part=board.key, offered=board.offered, shown=board.shown
    )
    text = decide(changed, do="decline", part=process.key, offered=process.offered, reason="没有地方演")
    assert "你写的原因：没有地方演" in text
    assert "没有等你决定的改动" in text
    assert "背诵课文" in words_of(changed)
    decision = Decision.objects.get(act="accept")
    text = decide(changed, do="undo", decision=decision.pk, shown=decision.result)
    assert "撤回了" in text
    assert the_offer(changed).key == goals.key
    assert "先放着的 1 处" in decide(changed, do="later", part=goals.key, offered=goals.offered)


def test_all_the_rest_at_once(changed: LessonPlan) -> None:
    each = [f"{offer.key} {offer.offered}" for offer in offers_to(changed)]
    assert "先放着的 3 处" in decide(changed, do="later", each=each)
    decide(changed, do="decline", each=each)
    assert offers_to(changed) == []
    assert Decision.objects.filter(act="decline").count() == 3


def test_what_changed_meanwhile_is_said_and_shown_anew(changed: LessonPlan) -> None:
    offer = offers_to(changed)[0]
    edit(changed, say, "goals", "，刚写的")
    text = decide(changed, do="accept", part=offer.key, offered=offer.offered, shown=offer.shown)
    assert "刚才又改过" in text
    assert "刚写的" in text
    assert "刚写的" in words_of(changed)


def test_what_is_no_decision_is_refused(changed: LessonPlan) -> None:
    client = client_of(changed.owner)
    address = reverse("plan-lineage-decide", args=[changed.pk])
    assert client.post(address, {"do": "burn"}).status_code == 422
    assert client.post(address, {"do": "undo", "decision": 999999}).status_code == 404
    follow = reverse("plan-lineage-follow", args=[changed.pk])
    assert client.post(follow, {"follows": "all"}).status_code == 422
    assert client.post(follow, {"follows": "present"}).status_code == 302
    assert Fork.objects.get().follows == "present"


def test_without_the_right_to_read_the_shared_plan_nothing_of_it_is_shown(changed: LessonPlan) -> None:
    LessonPlan.objects.exclude(pk=changed.pk).update(reach=LessonPlan.Reach.OWN)
    text = page(changed.owner, changed)
    assert "你现在看不到" in text
    assert "松鼠散步" not in text
    assert "采用" not in text.split("</head>")[1].replace("采用了，署你的名字", "")


def test_sending_back_and_answering(
    shared: LessonPlan, mine: LessonPlan, owner: User, colleague: User
) -> None:
    client = client_of(colleague)
    address = reverse("plan-lineage-send", args=[mine.pk])
    assert "没有可提的" in client.get(address).content.decode()
    edit(mine, say, "board", "，松鼠散步")
    assert "板书设计" in client.get(address).content.decode()
    key = key_of(text_of(mine), "board")
    refused = client.post(address, {"remark": "为什么"})
    assert refused.status_code == 422
    assert "选一处要提的" in refused.content.decode()
    sent = client.post(address, {"part": key, "remark": "孩子最爱说"}, follow=True).content.decode()
    assert "等回复" in sent
    text = page(owner, shared)
    assert "有 <b>1 处</b>改法等你看" in text
    assert "孩子最爱说" in text
    row = Contribution.objects.get()
    answer = reverse("plan-lineage-contribution", args=[shared.pk, row.pk])
    lead = client_of(owner)
    shown = sending.offer_of(row, parts_of(text_of(shared))).shown
    text = lead.post(answer, {"do": "decline", "shown": shown}, follow=True).content.decode()
    assert "写一句为什么不采用" in text
    text = lead.post(answer, {"do": "accept", "shown": shown}, follow=True).content.decode()
    assert "写进共案了" in text
    assert "松鼠散步" in words_of(shared)
    assert "你的 1 处被采用" in page(colleague, mine)


def test_where_a_text_came_from(shared: LessonPlan, mine: LessonPlan, owner: User, colleague: User) -> None:
    key = key_of(text_of(mine), "board")

    def origins(user: User, plan: LessonPlan) -> list[str]:
        response = client_of(user).get(reverse("plan-lineage-origins", args=[plan.pk]))
        return response.json()["parts"].get(key, [])

    assert origins(colleague, mine) == ["来自共案第1版 定稿"]
    assert origins(owner, shared) == []
    edit(mine, say, "board", "，松鼠散步")
    assert origins(colleague, mine) == ["来自共案第1版 定稿，改过"]
    row = sending.send(actor=colleague, plan=mine, part=key)
    shown = sending.offer_of(row, parts_of(text_of(shared))).shown
    sending.take(actor=owner, contribution=row, shown=shown)
    [line] = origins(owner, shared)
    assert line.startswith("王春燕（")
    assert "提的，" in line
    # another own version gets the text, and with it whose it is
    third = make_teacher(owner.memberships.get().school)
    later = versions.name_version(actor=owner, plan=shared)
    from lessons.lineage.operations import fork

    theirs = fork(actor=third, version=later)
    assert origins(third, theirs) == ["来自共案第2版", line]
    LessonPlan.objects.filter(pk=shared.pk).update(reach=LessonPlan.Reach.OWN)
    assert origins(third, theirs) == ["来自共案第2版"]


def test_making_an_own_version_from_the_page_of_a_version(
    version: PlanVersion, shared: LessonPlan, colleague: User
) -> None:
    client = client_of(colleague)
    assert "做我的个案" in client.get(reverse("plan-version", args=[shared.pk, version.pk])).content.decode()
    response = client.post(reverse("plan-fork", args=[shared.pk, version.pk]))
    mine = LessonPlan.objects.get(owner=colleague)
    assert response["Location"] == reverse("plan-editor", args=[mine.pk])


def test_a_plan_without_own_versions_says_how_to_get_some(shared: LessonPlan, owner: User) -> None:
    assert "还没有人从这份教案做个案" in page(owner, shared)


def test_the_lead_preparer_sees_who_works_with_the_plan(
    shared: LessonPlan, mine: LessonPlan, owner: User
) -> None:
    text = page(owner, shared)
    assert "1 人做了个案" in text
    assert "城镇 1 人中 1 人做了个案" in text
    assert "乡村 0 人中 0 人做了个案" in text


def test_a_reader_of_an_own_version_may_look_but_not_decide(changed: LessonPlan) -> None:
    reader = make_teacher(LessonPlan.objects.exclude(pk=changed.pk).get().school)
    PlanInvitation.objects.create(plan=changed, user=reader, access="write", invited_by=changed.owner)
    text = page(reader, changed)
    assert "由个案的主人决定" in text
    assert 'name="do"' not in text


def test_the_page_takes_as_many_queries_however_much_is_offered(
    shared: LessonPlan, changed: LessonPlan
) -> None:
    client = client_of(changed.owner)
    address = reverse("plan-lineage", args=[changed.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for number, key in enumerate(("key_points", "methods", "preparation", "homework")):
        edit(shared, say, key, f"更多{number}")
    versions.name_version(actor=shared.owner, plan=shared)
    first, *_rest = offers_to(changed)
    deciding.decline(actor=changed.owner, plan=changed, offers=[(first.key, first.offered)])
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 32


def test_today_names_what_waits_until_it_is_settled(
    shared: LessonPlan,
    mine: LessonPlan,
    owner: User,
    colleague: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    edit(shared, say, "board", "，松鼠散步")
    with django_capture_on_commit_callbacks(execute=True):
        versions.name_version(actor=owner, plan=shared)
    today = client_of(colleague).get("/").content.decode()
    assert "共案有 1 处改动等你决定" in today
    edit(mine, say, "board", "，松鼠散步")  # the same, by oneself
    assert "没有等你决定的改动" in page(colleague, mine)
    assert "处改动等你决定" not in client_of(colleague).get("/").content.decode()
    edit(mine, say, "goals", "，背诵")
    sending.send(actor=colleague, plan=mine, part=key_of(text_of(mine), "goals"))
    assert "你的共案有 1 处改法等你看" in client_of(owner).get("/").content.decode()


@pytest.mark.parametrize("plan_name", ["own", "shared"])
def test_to_strangers_no_address_exists_and_nothing_happens(
    plan_name: str, shared: LessonPlan, mine: LessonPlan, version: PlanVersion
) -> None:
    plan = mine if plan_name == "own" else shared
    LessonPlan.objects.filter(pk=shared.pk).update(reach=LessonPlan.Reach.OWN)
    edit(mine, say, "board", "，松鼠散步")
    Fork.objects.update(waiting=0)
    client, before = client_of(make_teacher()), (text_of(mine), text_of(shared), Fork.objects.values().get())
    for name in ("plan-lineage", "plan-lineage-send", "plan-lineage-origins"):
        assert client.get(reverse(name, args=[plan.pk])).status_code == 404
    for name, more, body in (
        ("plan-lineage-decide", [], {"do": "later", "part": "x"}),
        ("plan-lineage-follow", [], {"follows": "present"}),
        ("plan-lineage-send", [], {"part": key_of(text_of(mine), "board")}),
        ("plan-lineage-contribution", [1], {"do": "accept"}),
        ("plan-fork", [version.pk], {}),
        ("plan-lineage-notes", [version.pk], {"note x": "因为"}),
    ):
        assert client.post(reverse(name, args=[plan.pk, *more]), body).status_code == 404
    assert (text_of(mine), text_of(shared), Fork.objects.values().get()) == before
    assert not Contribution.objects.exists()


def test_the_lead_preparer_says_why_and_it_stands_beside_the_offer(
    changed: LessonPlan, shared: LessonPlan, owner: User
) -> None:
    text = page(owner, shared)
    assert "第2版 课后修订为什么这样改" in text
    board = key_of(text_of(shared), "board")
    client, version = client_of(owner), PlanVersion.objects.get(plan=shared, number=2)
    address = reverse("plan-lineage-notes", args=[shared.pk, version.pk])
    body = {f"note {board}": "孩子最爱说", "note nothing": "没有这一处", "other": "x"}
    assert "写好了" in client.post(address, body, follow=True).content.decode()
    assert [note.text for note in ChangeNote.objects.all()] == ["孩子最爱说"]
    assert "李永梅：“孩子最爱说”" in page(changed.owner, changed)
    client.post(address, {f"note {board}": "  "})
    assert not ChangeNote.objects.exists()
    reader = client_of(changed.owner)
    assert reader.post(address, {f"note {board}": "冒名"}).status_code == 403
    assert not ChangeNote.objects.exists()
    first = PlanVersion.objects.get(plan=shared, number=1)
    client.post(reverse("plan-lineage-notes", args=[shared.pk, first.pk]), {f"note {board}": "第一版"})
    assert not ChangeNote.objects.exists()
