"""What is written, recorded and told when people act on plans; and that a refusal changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons import operations
from lessons.document import plain_text, read_state, walk
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.models import LessonPlan, PlanInvitation, PlanTemplate, PlanVisit
from realtime import rooms
from teaching_centres.roles import Role
from tests.factories import Tree, make_member, make_plan, make_template, make_textbook, make_user

Level, Reach, State = PlanInvitation.Access, LessonPlan.Reach, LessonPlan.State
Closed = list[tuple[str, Any]]


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    """The documents whose sockets were closed, and whose."""
    calls: Closed = []
    monkeypatch.setattr(
        "realtime.access.changed", lambda document, user_ids: calls.append((document, user_ids))
    )
    return calls


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="plan.").order_by("id").values_list("kind", flat=True))


# ---- creating -----------------------------------------------------------------------------------


def test_a_new_plan_has_the_sections_of_its_template_and_stands_where_its_owner_stands(
    tree: Tree, owner: User
) -> None:
    template, book = make_template(tree.province), make_textbook()
    plan = operations.create_plan(
        actor=owner, template=template, title="山行", textbook=book, header={"lesson_type": "新授"}
    )
    content = read_state(rooms.state(plan.document).state)
    titles = [node["attrs"]["title"] for node in content["content"] if node["type"] == "section"]
    assert titles == [section["title"] for section in template.body["sections"]]
    assert "山行" in plain_text(content["content"][0])
    assert "新授" in plain_text(content["content"][0])
    assert (plan.owner, plan.school, plan.region, plan.reach) == (owner, tree.school, tree.county, Reach.OWN)
    assert list(plan.outline["missing"]) == [title for title in titles if title != "教学反思"]
    event = Event.objects.get(kind="plan.created")
    assert (event.actor, event.school_id, event.data["textbook_id"]) == (owner, tree.school.pk, book.pk)
    assert PlanVisit.objects.filter(plan=plan, user=owner).exists()


def test_every_block_of_a_new_plan_has_an_id_of_its_own(owner: User, tree: Tree) -> None:
    plan = operations.create_plan(actor=owner, template=make_template(tree.province), title="山行")
    with_id = ("header", "headerField", "section", "paragraph", "table", "tableRow")
    ids = [node["attrs"]["id"] for node in walk(plan.first_content) if node["type"] in with_id]
    assert len(set(ids)) == len(ids) > 20


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INSPECTOR])
def test_who_does_not_teach_creates_no_plan(tree: Tree, role: str) -> None:
    person = make_member(tree.province, role)
    with pytest.raises(Denied):
        operations.create_plan(actor=person, template=make_template(tree.province), title="山行")
    assert not LessonPlan.objects.exists()
    assert kinds() == []


def test_standard_templates_are_made_once_and_left_alone_when_changed(tree: Tree) -> None:
    first = operations.ensure_standard_templates(province=tree.province)
    assert {template.goal_style for template in first} == {"core", "three_dimensional"}
    PlanTemplate.objects.filter(pk=first[0].pk).update(body={"header": [], "sections": []})
    again = operations.ensure_standard_templates(province=tree.province)
    assert [template.pk for template in again] == [template.pk for template in first]
    assert again[0].body == {"header": [], "sections": []}


def test_only_who_manages_the_unit_saves_its_template(tree: Tree, owner: User) -> None:
    administrator = make_member(tree.county, Role.ADMINISTRATOR)
    template = make_template(tree.county)
    template.name = "县格式"
    operations.save_template(actor=administrator, template=template)
    with pytest.raises(Denied):
        operations.save_template(actor=owner, template=template)
    template.region = tree.far_county
    with pytest.raises(Denied):
        operations.save_template(actor=administrator, template=template)
    template.refresh_from_db()
    assert (template.name, template.region) == ("县格式", tree.county)


# ---- opening ------------------------------------------------------------------------------------


def test_opening_is_recorded_once_a_day_and_moves_the_plan_up_in_recent(
    plan: LessonPlan, owner: User
) -> None:
    operations.visit(actor=owner, plan=plan)
    first = PlanVisit.objects.get(plan=plan, user=owner).at
    operations.visit(actor=owner, plan=plan)
    assert PlanVisit.objects.get(plan=plan, user=owner).at > first
    assert kinds() == ["plan.opened"]


# ---- inviting -----------------------------------------------------------------------------------


def test_an_invited_person_is_told_and_judged_again(
    plan: LessonPlan,
    owner: User,
    colleague: User,
    closed: Closed,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    notice = Notice.objects.get(recipient=colleague)
    assert notice.text == "李永梅请你一起写教案《山行》"
    assert notice.path == f"/plans/{plan.pk}/"
    assert closed == [(plan.document, [colleague.pk])]
    event = Event.objects.get(kind="plan.invited")
    assert (event.data["user_id"], event.data["access"]) == (colleague.pk, "write")


def test_an_invited_school_tells_those_who_teach_there_now(tree: Tree, plan: LessonPlan, owner: User) -> None:
    teacher = make_member(tree.far_school)
    leader = make_member(tree.far_school, Role.GROUP_LEADER)
    make_member(tree.far_school, Role.ADMINISTRATOR)
    operations.invite(actor=owner, plan=plan, level=Level.READ, school=tree.far_school)
    assert set(Notice.objects.values_list("recipient_id", flat=True)) == {teacher.pk, leader.pk}


def test_inviting_again_changes_the_level_and_the_same_level_does_nothing(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    operations.invite(actor=owner, plan=plan, level=Level.READ, user=colleague)
    operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    assert PlanInvitation.objects.get().access == Level.WRITE
    assert kinds() == ["plan.invited", "plan.invitation_changed"]


def test_withdrawing_takes_the_right_away_at_once(
    plan: LessonPlan,
    owner: User,
    colleague: User,
    closed: Closed,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    invitation = operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    with django_capture_on_commit_callbacks(execute=True):
        operations.withdraw(actor=owner, plan=plan, invitation=invitation)
    assert closed == [(plan.document, [colleague.pk])]
    assert plan not in LessonPlan.objects.visible_to(colleague)
    assert kinds() == ["plan.invited", "plan.invitation_withdrawn"]


def test_the_owner_and_switched_off_accounts_cannot_be_invited(plan: LessonPlan, owner: User) -> None:
    for nobody in (owner, make_user(is_active=False)):
        with pytest.raises(NotPossible):
            operations.invite(actor=owner, plan=plan, level=Level.READ, user=nobody)
    assert not PlanInvitation.objects.exists()


# ---- reach and state ----------------------------------------------------------------------------


def test_a_wider_reach_lets_the_county_read(
    tree: Tree,
    plan: LessonPlan,
    owner: User,
    closed: Closed,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    neighbour = make_member(tree.same_county_school)
    with django_capture_on_commit_callbacks(execute=True):
        operations.change_reach(actor=owner, plan=plan, reach=Reach.COUNTY)
    assert plan in LessonPlan.objects.visible_to(neighbour)
    assert closed == [(plan.document, None)]
    assert Event.objects.get(kind="plan.reach_changed").data == {"before": "own", "after": "county"}


def test_a_plan_without_a_school_has_no_reach_of_a_school(tree: Tree) -> None:
    researcher = make_member(tree.county, Role.RESEARCHER)
    plan = make_plan(researcher)
    assert Reach.SCHOOL not in operations.reaches_of(plan)
    with pytest.raises(NotPossible):
        operations.change_reach(actor=researcher, plan=plan, reach=Reach.SCHOOL)
    plan.refresh_from_db()
    assert plan.reach == Reach.OWN


def test_a_deleted_plan_keeps_everything_and_comes_back(
    plan: LessonPlan,
    owner: User,
    colleague: User,
    closed: Closed,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    content = rooms.state(plan.document).state
    with django_capture_on_commit_callbacks(execute=True):
        operations.change_state(actor=owner, plan=plan, state=State.DELETED)
    assert closed == [(plan.document, None)]
    assert plan not in LessonPlan.objects.visible_to(colleague)
    operations.change_state(actor=owner, plan=plan, state=State.ACTIVE)
    assert plan in LessonPlan.objects.visible_to(colleague)
    assert rooms.state(plan.document).state == content
    assert kinds()[-2:] == ["plan.state_changed", "plan.state_changed"]


# ---- refusals -----------------------------------------------------------------------------------

MANAGING: dict[str, Callable[[User, LessonPlan], object]] = {
    "invite": lambda actor, plan: operations.invite(
        actor=actor, plan=plan, level=Level.READ, user=make_user()
    ),
    "withdraw": lambda actor, plan: operations.withdraw(
        actor=actor, plan=plan, invitation=PlanInvitation.objects.get(plan=plan)
    ),
    "reach": lambda actor, plan: operations.change_reach(actor=actor, plan=plan, reach=Reach.PROVINCE),
    "archive": lambda actor, plan: operations.change_state(actor=actor, plan=plan, state=State.ARCHIVED),
    "delete": lambda actor, plan: operations.change_state(actor=actor, plan=plan, state=State.DELETED),
}


@pytest.mark.parametrize("act", MANAGING.values(), ids=MANAGING)
@pytest.mark.parametrize("who", ["invited writer", "stranger"])
def test_only_the_owner_manages(
    tree: Tree,
    plan: LessonPlan,
    owner: User,
    colleague: User,
    who: str,
    act: Callable[[User, LessonPlan], object],
) -> None:
    operations.invite(actor=owner, plan=plan, level=Level.WRITE, user=colleague)
    before = (plan.reach, plan.state, kinds(), Notice.objects.count(), PlanInvitation.objects.count())
    actor = colleague if who == "invited writer" else make_member(tree.school, Role.ADMINISTRATOR)
    with pytest.raises(Denied if who == "invited writer" else PlanNotFound):
        act(actor, plan)
    plan.refresh_from_db()
    assert (plan.reach, plan.state, kinds(), Notice.objects.count(), PlanInvitation.objects.count()) == before


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DELETED])
def test_nobody_adds_a_picture_to_what_is_put_away(plan: LessonPlan, owner: User, state: str) -> None:
    LessonPlan.objects.filter(pk=plan.pk).update(state=state)
    plan.refresh_from_db()
    with pytest.raises(NotPossible):
        operations.add_picture(actor=owner, plan=plan, upload=SimpleUploadedFile("a.png", b"x"))
    assert not StoredFile.objects.exists()
    assert kinds() == []
