"""The pages: what a form keeps and says, who is let in, what a page costs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from foundation.ledger.models import AuditEntry
from lessons.models import LessonPlan
from teaching_centres.workspace import operations
from teaching_centres.workspace.models import (
    Circular,
    Expertise,
    LineMeasurement,
    Pairing,
    SupportTicket,
    Task,
    TaskReceiver,
    Visit,
    WeakSchool,
)
from tests import factories
from tests.workspaces.conftest import World, everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(world: World):
    def make(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


def held(user) -> int:
    return user.memberships.get().pk


def test_a_task_is_given_by_the_form_and_what_is_wrong_is_said_in_it(world: World, signed_in) -> None:
    client = signed_in(world.researcher)
    address = reverse("centre-task-new", args=[world.centre.pk])
    assert '会发给 <b class="num">2</b> 个单位' in client.get(address).content.decode()
    sent = {"title": "交个案", "expected": "一份", "due": "2000-01-01", "schools": "on"}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "期限已经过了" in page and 'value="交个案"' in page
    assert not Task.objects.exists()
    due = (world.today + timedelta(days=3)).isoformat()
    picked = f"school:{world.village.pk}"
    answer = client.post(address, {**sent, "due": due, "picked": [picked]}, follow=True)
    assert "布置好了，1 个单位收到。" in answer.content.decode()
    assert TaskReceiver.objects.get().school == world.village


def test_how_many_it_is_for_is_counted_while_choosing(world: World, signed_in) -> None:
    client = signed_in(world.researcher)
    address = reverse("centre-audience", args=[world.centre.pk])
    page = client.get(address, {"schools": "on", "side": "village", "with_point": "1"}).content.decode()
    assert '<b class="num">1</b>' in page and world.village.name in page and world.town.name not in page
    page = client.get(address, {"schools": "on", "roles": ["teacher"]}).content.decode()
    assert '3</b> 个单位的 <b class="num">2</b> 人' in page
    assert "没有单位会收到" in client.get(address).content.decode()


def test_the_other_forms(world: World, signed_in) -> None:
    client, county = signed_in(world.researcher), [world.centre.pk]
    client.post(
        reverse("centre-circular-new", args=county),
        {"title": "开会", "text": "周三", "schools": "on", "roles": ["teacher"]},
    )
    assert Circular.objects.get().receipts.count() == 2
    client.post(
        reverse("centre-weak-school-new", args=county), {"school": world.village.pk, "reason": "缺人"}
    )
    assert WeakSchool.objects.get().school == world.village
    day = world.today.isoformat()
    client.post(
        reverse("centre-pairing-new", args=county),
        {"town": world.town.pk, "village": world.village.pk, "starts": day},
    )
    pairing = Pairing.objects.get()
    activity = {"day": day, "kind": "lesson", "title": "上一节", "giver": "town", "people": 20}
    client.post(reverse("workspace-pairing", args=[pairing.pk]), activity)
    assert pairing.activities.get().people == 20
    visit = {"kind": "sent", "person": held(world.town_teacher), "to_school": world.village.pk}
    visit |= {"starts": day, "ends": day, "subject": "语文", "hours": 2}
    client.post(reverse("centre-visit-new", args=county), visit)
    assert (Visit.objects.get().person, Visit.objects.get().origin) == (world.town_teacher, world.town)
    grade = {"person": held(world.town_teacher), "grade": "backbone", "subject": "语文", "starts": day}
    signed_in(world.administrator).post(reverse("centre-expert-new", args=county), grade)
    assert Expertise.objects.get().user == world.town_teacher


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("centre-circular-new", {"title": "", "text": "", "schools": "on"}),
        ("centre-weak-school-new", {}),
        ("centre-pairing-new", {"town": "x", "village": "999999"}),
        ("centre-visit-new", {"person": "1e9", "hours": "-1"}),
    ],
)
def test_nonsense_is_answered_in_the_form_and_writes_nothing(world: World, signed_in, name, sent) -> None:
    answer = signed_in(world.researcher).post(reverse(name, args=[world.centre.pk]), sent)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode() or 'class="err"' in answer.content.decode()
    assert not any(model.objects.exists() for model in (Circular, WeakSchool, Pairing, Visit))


@pytest.mark.parametrize(
    "name",
    [
        "centre-tasks",
        "centre-task-new",
        "centre-circulars",
        "centre-circular-new",
        "centre-support",
        "centre-weak-school-new",
        "centre-pairings",
        "centre-visits",
        "centre-schools",
        "centre-expert-new",
        "centre-exemplar-new",
        "centre-audience",
    ],
)
def test_what_a_teacher_does_not_do_in_a_centre_is_refused_with_the_reason(
    world: World, signed_in, name
) -> None:
    answer = signed_in(world.village_teacher).get(reverse(name, args=[world.centre.pk]))
    assert answer.status_code == 403
    assert "任职范围" in answer.content.decode()


ATTEMPTS = {
    "centre-task-new": "task.given",
    "centre-circular-new": "circular.sent",
    "centre-expert-new": "expertise.granted",
    "centre-weak-school-new": "support.listed",
    "centre-pairing-new": "pairing.started",
    "centre-visit-new": "visit.registered",
    "centre-exemplar-new": "exemplar.chosen",
    "school-visit-new": "visit.registered",
    "school-help": "ticket.opened",
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_form_sent_without_the_right_stands_in_the_audit_trail(world: World, signed_in, name) -> None:
    """From a stranger too, and even if what was sent is wrong; nothing but the entry is written."""
    address = reverse(name, args=[(world.village if name.startswith("school") else world.centre).pk])
    attacker, before = world.outsider, everything()
    assert signed_in(attacker).get(address).status_code == 403
    assert not AuditEntry.objects.exists()
    assert signed_in(attacker).post(address, {}).status_code == 403
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.allowed, entry.actor_id) == (ATTEMPTS[name], False, attacker.pk)
    assert everything() == before


def test_the_people_of_a_school_come_page_by_page_and_by_subject(
    world: World, signed_in, django_assert_max_num_queries
) -> None:
    for number in range(60):
        person = factories.make_user(name=f"老师{number:02}")
        factories.make_membership(person, world.village, "teacher", subject="数学" if number < 40 else "语文")
    factories.make_membership(person, world.village, "group_leader", subject="语文")
    gone = factories.make_user(name="走了的")
    factories.make_membership(gone, world.village, subject="数学", ends=world.today - timedelta(days=1))
    client, address = signed_in(world.village_leader), reverse("school-people", args=[world.village.pk])
    client.get(reverse("today"))
    with django_assert_max_num_queries(20):
        first = client.get(address).content.decode()
    second = client.get(address, {"page": "2"}).content.decode()
    assert first.index("数学") < first.index("语文") and "没有填学科" not in first
    assert second.index("语文") < second.index("没有填学科") and "数学" not in second
    assert "20 人</span>" in first and "20 人</span>" in second
    seen = [f"<b>老师{number:02}</b>" for number in range(60)]
    assert all((first + second).count(name) == 1 for name in seen) and "走了的" not in first + second
    assert "教师、备课组长" in second or "备课组长、教师" in second


def test_a_school_that_closed_is_told_apart_among_those_that_have_not_handed_in(
    world: World, signed_in
) -> None:
    task = world.task()
    world.village.closed = world.today - timedelta(days=1)
    world.village.save(update_fields=["closed"])
    page = signed_in(world.researcher).get(reverse("workspace-task", args=[task.pk])).content.decode()
    assert page.count("已撤并") == 1
    assert page.index(world.village.name) < page.index("已撤并")


def test_only_the_province_is_offered_what_only_it_grants(world: World, signed_in) -> None:
    factories.make_centre(world.tree.province)
    at_home = signed_in(world.administrator).get(reverse("centre-expert-new", args=[world.centre.pk]))
    assert '"backbone"' in at_home.content.decode() and '"special"' not in at_home.content.decode()
    above = signed_in(factories.make_administrator(world.tree.province))
    page = above.get(reverse("centre-expert-new", args=[world.tree.province.centre.pk])).content.decode()
    assert '"special"' in page


def test_strangers_see_neither_the_centre_nor_the_school_nor_what_moves_between(
    world: World, signed_in
) -> None:
    client = signed_in(world.outsider)
    task, ticket, pairing = world.task(), world.ticket(), world.pairing()
    part = world.part(task)
    for name, arguments in (("centre", [world.centre.pk]), ("school", [world.village.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == 403
    for name, arguments in (
        ("workspace-task", [task.pk]),
        ("workspace-task-receiver", [task.pk, part.pk]),
        ("workspace-ticket", [ticket.pk]),
        ("workspace-pairing", [pairing.pk]),
        ("workspace-circular", [world.circular().pk]),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 404
    assert (
        client.post(reverse("workspace-ticket-move", args=[ticket.pk]), {"act": "close"}).status_code == 404
    )


def test_opening_a_task_marks_it_seen_and_a_notice_read(world: World, signed_in) -> None:
    task, circular = world.task(), world.circular()
    client = signed_in(world.village_leader)
    answer = client.get(reverse("workspace-task", args=[task.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse(
        "workspace-task-receiver", args=[task.pk, world.part(task).pk]
    )
    assert world.part(task).state == "seen"
    client.get(reverse("workspace-circular", args=[circular.pk]))
    assert circular.receipts.filter(read_at__isnull=False).get().user == world.village_leader


def test_a_withdrawn_notice_shows_why_and_not_what(world: World, signed_in) -> None:
    circular = world.circular(text="周三下午三点开会")
    operations.withdraw_circular(circular=circular, because="时间改了", actor=world.researcher)
    page = (
        signed_in(world.village_leader)
        .get(reverse("workspace-circular", args=[circular.pk]))
        .content.decode()
    )
    assert "时间改了" in page and "三点开会" not in page


def test_a_button_that_comes_too_late_says_so_on_the_page(world: World, signed_in) -> None:
    part = world.part(world.task())
    client = signed_in(world.researcher)
    address = reverse("workspace-task-judge", args=[part.task_id, part.pk])
    page = client.post(address, {"verdict": "accepted"}, follow=True).content.decode()
    assert "还没有交，或已经验收过" in page
    page = client.post(address, {"verdict": "nonsense"}, follow=True).content.decode()
    assert world.part(part.task).state == "new"


def test_a_ticket_from_asking_to_closing_by_the_pages(world: World, signed_in) -> None:
    village, county = signed_in(world.village_teacher), signed_in(world.researcher)
    sent = {"need": "想看一节习作课", "subject": "语文", "urgency": "normal"}
    village.post(reverse("school-help", args=[world.village.pk]), sent)
    ticket = SupportTicket.objects.get()
    move = reverse("workspace-ticket-move", args=[ticket.pk])
    until = world.today.isoformat()
    county.post(move, {"act": "take", "assigned_to": world.researcher.pk, "until": until})
    county.post(move, {"act": "answer", "text": "周四去"})
    village.post(move, {"act": "say", "text": "好"})
    village.post(move, {"act": "close"})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.messages.count()) == ("closed", 4)
    assert county.post(move, {"act": "explode"}).status_code == 404
    trail = signed_in(world.administrator).get(reverse("audit-trail")).content.decode()
    assert all(word in trail for word in ("状态 有人在办", "状态 已答复", "状态 已办结"))


def test_finding_people_and_schools_of_the_region(world: World, signed_in) -> None:
    client, address = signed_in(world.researcher), reverse("workspace-find")
    query = {"what": "person", "name": "person", "in": world.county.pk, "q_person": "老师"}
    page = client.get(address, query).content.decode()
    assert "城里老师" in page and "外县老师" not in page
    query = {"what": "school", "name": "town", "in": world.county.pk, "side": "town", "q_town": "小学"}
    page = client.get(address, query).content.decode()
    assert world.town.name in page and world.village.name not in page
    assert client.get(address, {"name": "<script>", "in": world.county.pk}).status_code == 404
    assert signed_in(factories.make_user()).get(address, query).status_code == 404


def test_what_a_page_measured_is_kept_or_refused_with_a_sentence(world: World, signed_in) -> None:
    address = reverse("school-line-measure", args=[world.village.pk])
    answer = signed_in(world.village_teacher).post(
        address, {"kind": "click", "down_kbit": 640, "latency_ms": 90}
    )
    assert (answer.status_code, answer.json()) == (201, {"state": "slow", "says": "640 kbit/s，慢"})
    answer = signed_in(world.village_teacher).post(address, {"kind": "click", "down_kbit": "fast"})
    assert answer.status_code == 422 and "没有记" in answer.json()["detail"]
    answer = signed_in(world.researcher).post(address, {"kind": "click", "down_kbit": 640})
    assert answer.status_code == 403 and "自己的人" in answer.json()["detail"]
    assert LineMeasurement.objects.count() == 1
    assert AuditEntry.objects.filter(act="line.measured", allowed=False).count() == 1


def test_what_has_not_begun_is_not_offered_to_confirm(world: World, signed_in) -> None:
    coming = world.visit(starts=world.today + timedelta(days=2), ends=world.today + timedelta(days=2))
    client, path = signed_in(world.village_leader), reverse("school-visits", args=[world.village.pk])
    decide = reverse("workspace-visit-decide", args=[coming.pk])
    page = client.get(path).content.decode()
    assert "确认城里老师来过" not in page and decide in page  # it can still be said to be wrong
    world.visit()
    assert client.get(path).content.decode().count("确认城里老师来过") == 1


def test_the_register_goes_out_as_a_table_and_that_is_audited(world: World, signed_in) -> None:
    world.visit()
    answer = signed_in(world.researcher).get(
        reverse("centre-visits-export", args=[world.centre.pk]) + "?kind=sent"
    )
    assert answer["Content-Type"].endswith("sheet") and answer.content[:2] == b"PK"
    entry = AuditEntry.objects.filter(act="visit.exported").get()
    assert entry.details == {"rows": 1}


def test_what_cannot_stand_in_a_table_does_not_keep_the_register_from_going_out(
    world: World, signed_in
) -> None:
    world.visit(note="一\x08\x0b二")
    answer = signed_in(world.researcher).get(reverse("centre-visits-export", args=[world.centre.pk]))
    assert answer.status_code == 200


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "²", "-1"])
def test_a_number_that_no_row_can_have_is_nobodys(world: World, signed_in, number: str) -> None:
    client = signed_in(world.researcher)
    circular = world.circular()
    centre = [world.centre.pk]
    asked = [
        (reverse("workspace-circular-receipts", args=[circular.pk]), {"unit": f"school:{number}"}),
        (reverse("centre-audience", args=centre), {"schools": "on", "counties": number}),
        (reverse("centre-experts", args=centre), {"county": number}),
    ]
    assert [client.get(path, given).status_code for path, given in asked] == [200, 200, 200]
    found = client.get(reverse("workspace-find"), {"in": number, "name": "person"})
    assert found.status_code == 404


def test_navigation_leads_to_ones_places(world: World, signed_in) -> None:
    page = signed_in(world.village_teacher).get(reverse("today")).content.decode()
    assert reverse("school", args=[world.village.pk]) in page
    assert reverse("centre", args=[world.centre.pk]) not in page
    page = signed_in(world.researcher).get(reverse("today")).content.decode()
    assert reverse("centre", args=[world.centre.pk]) in page


def test_what_a_phone_has_no_room_for_stands_behind_me(world: World, signed_in) -> None:
    response = signed_in(world.administrator).get(reverse("today"))
    shell = response.context["shell"]
    assert shell.tabs + shell.beyond_tabs == shell.entries
    accounts = f'<a class="btn on-phones" href="{reverse("people-accounts")}"'
    assert accounts in response.content.decode()


def test_pages_cost_the_same_however_much_there_is(
    world: World, signed_in, django_assert_max_num_queries
) -> None:
    for _number in range(12):
        world.circular()
        ticket = world.ticket()
        part = world.part(world.task())
        operations.hand_in(receiver=part, text="交", actor=world.village_leader)
        operations.answer_ticket(ticket=ticket, text="来", actor=world.researcher)
    for ago in range(20):
        day = world.today - timedelta(days=ago)
        world.visit(starts=day, ends=day)
        factories.make_plan(world.village_teacher, reach=LessonPlan.Reach.COUNTY)
    centre, school = [world.centre.pk], [world.village.pk]
    for user, name, arguments, most in (
        (world.researcher, "centre", centre, 50),
        (world.researcher, "centre-tasks", centre, 20),
        (world.researcher, "centre-support", centre, 25),
        (world.researcher, "centre-visits", centre, 22),
        (world.researcher, "centre-calendar", centre, 22),
        (world.village_leader, "school", school, 50),
        (world.village_leader, "school-visits", school, 22),
        (world.village_leader, "school-plans", school, 22),
    ):
        client = signed_in(user)
        client.get(reverse("today"))
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name, args=arguments)).status_code == 200
