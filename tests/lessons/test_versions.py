"""Named and automatic versions, and going back to one as a change that everyone sees."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons import comparison, versions
from lessons.collaboration import LessonPlanKind
from lessons.document import plain_text, read_state
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from realtime import rooms
from tests.factories import make_teacher


def write(plan: LessonPlan, text: str, actor: User) -> None:
    """Append a paragraph, as a browser would."""

    def change(doc: Doc) -> None:
        block = XmlElement("paragraph")
        doc.get("default", type=XmlFragment).children.append(block)
        words = XmlText()
        block.children.append(words)
        words.insert(0, text)

    rooms.change(plan.document, change, actor_id=actor.pk)


def settle(plan: LessonPlan, *editors: User) -> None:
    now = rooms.state(plan.document)
    LessonPlanKind().settled(
        document_id=plan.pk,
        state=now.state,
        editor_ids={editor.pk for editor in editors},
        through_id=now.through_id,
    )


def text_of(plan: LessonPlan) -> str:
    return plain_text(read_state(rooms.state(plan.document).state))


def test_a_named_version_freezes_what_is_stored_and_gets_the_next_number(
    plan: LessonPlan, owner: User
) -> None:
    write(plan, "第一稿", owner)
    first = versions.name_version(actor=owner, plan=plan, name="集研前")
    write(plan, "第二稿", owner)
    second = versions.name_version(actor=owner, plan=plan)
    assert (first.number, first.name, second.number) == (1, "集研前", 2)
    assert "第二稿" not in plain_text(read_state(bytes(first.state)))
    assert set(first.editors.all()) == {owner}
    assert second.characters == first.characters + 3
    assert versions.label(first) == "第1版 集研前"
    assert Event.objects.filter(kind="plan.version_named").count() == 2


def test_a_version_names_everyone_who_wrote_since_the_one_before(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    write(plan, "一", owner)
    versions.name_version(actor=owner, plan=plan)
    write(plan, "二", colleague)
    assert set(versions.name_version(actor=owner, plan=plan).editors.all()) == {colleague}


def test_an_automatic_version_is_kept_when_a_stretch_of_work_ends(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    write(plan, "接着写", owner)
    settle(plan, owner, colleague)
    version = PlanVersion.objects.get(plan=plan)
    assert (version.number, version.created_by) == (None, None)
    assert set(version.editors.all()) == {owner, colleague}
    assert set(Event.objects.filter(kind="plan.edited").values_list("actor_id", flat=True)) == {
        owner.pk,
        colleague.pk,
    }


def test_no_automatic_version_when_nothing_changed(plan: LessonPlan, owner: User) -> None:
    settle(plan, owner)
    assert not PlanVersion.objects.exists()
    write(plan, "写了", owner)
    settle(plan, owner)
    settle(plan, owner)
    assert PlanVersion.objects.count() == 1
    write(plan, "再写", owner)
    versions.name_version(actor=owner, plan=plan)
    settle(plan, owner)
    assert PlanVersion.objects.count() == 2


def test_a_name_is_given_to_the_automatic_version_that_holds_the_same(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    write(plan, "写完了", colleague)
    settle(plan, colleague)
    named = versions.name_version(actor=owner, plan=plan, name="定稿")
    assert list(plan.versions.all()) == [named]
    assert (named.number, named.name, named.created_by) == (1, "定稿", owner)
    assert set(named.editors.all()) == {colleague}
    versions.name_version(actor=owner, plan=plan, name="再定一次")
    assert [version.number for version in plan.versions.order_by("id")] == [1, 2]


def test_compared_with_now_is_the_last_named_version_that_differs(plan: LessonPlan, owner: User) -> None:
    assert comparison.last_version_that_differs(plan) is None
    write(plan, "第一稿", owner)
    first = versions.name_version(actor=owner, plan=plan)
    write(plan, "中间", owner)
    settle(plan, owner)
    assert comparison.last_version_that_differs(plan) == first
    versions.name_version(actor=owner, plan=plan)
    assert comparison.last_version_that_differs(plan) == first
    write(plan, "后来", owner)
    assert comparison.last_version_that_differs(plan) == plan.versions.get(number=2)


def test_without_a_named_version_the_last_automatic_one_that_differs_is_compared(
    plan: LessonPlan, owner: User
) -> None:
    write(plan, "一", owner)
    settle(plan, owner)
    write(plan, "二", owner)
    settle(plan, owner)
    assert comparison.last_version_that_differs(plan) == plan.versions.order_by("id").first()


def test_a_failure_of_the_automatic_version_stays_out_of_the_room(
    plan: LessonPlan, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(versions, "keep_automatic_version", fail)
    settle(plan, owner)
    assert not PlanVersion.objects.exists()


def test_restoring_makes_the_old_text_the_present_one_and_keeps_what_was_there(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    PlanInvitation.objects.create(plan=plan, user=colleague, access="write", invited_by=owner)
    write(plan, "第一稿", owner)
    version = versions.name_version(actor=owner, plan=plan)
    write(plan, "后来写的", colleague)
    versions.restore_version(actor=owner, plan=plan, version=version)
    assert "第一稿" in text_of(plan)
    assert "后来写的" not in text_of(plan)
    kept = PlanVersion.objects.get(plan=plan, number=None)
    assert "后来写的" in plain_text(read_state(bytes(kept.state)))
    assert set(kept.editors.all()) == {colleague}
    assert Notice.objects.get().text == "李永梅把教案《山行》恢复到第1版"
    assert Notice.objects.get().recipient == colleague
    assert Event.objects.get(kind="plan.version_restored").data == {"version_id": version.pk}


def test_the_restore_is_an_ordinary_change_under_the_name_of_who_did_it(
    plan: LessonPlan, owner: User
) -> None:
    write(plan, "第一稿", owner)
    version = versions.name_version(actor=owner, plan=plan)
    live = Doc()
    live.apply_update(rooms.state(plan.document).state)
    live.get("default", type=XmlFragment)
    write(plan, "后来写的", owner)
    versions.restore_version(actor=owner, plan=plan, version=version)
    live.apply_update(rooms.state(plan.document).state)
    assert read_state(live.get_update()) == read_state(bytes(version.state))


@pytest.mark.parametrize("state", ["archived", "deleted"])
def test_what_is_put_away_gets_no_version_and_is_not_restored(
    plan: LessonPlan, owner: User, state: str
) -> None:
    version = versions.name_version(actor=owner, plan=plan)
    before = rooms.state(plan.document)
    plan.state = state
    plan.save()
    with pytest.raises(NotPossible):
        versions.name_version(actor=owner, plan=plan)
    with pytest.raises(NotPossible):
        versions.restore_version(actor=owner, plan=plan, version=version)
    assert PlanVersion.objects.count() == 1
    assert rooms.state(plan.document) == before


def test_a_reader_names_nothing_and_restores_nothing(plan: LessonPlan, owner: User, colleague: User) -> None:
    PlanInvitation.objects.create(plan=plan, user=colleague, access="read", invited_by=owner)
    version = versions.name_version(actor=owner, plan=plan)
    write(plan, "写", owner)
    before = rooms.state(plan.document)
    for actor, refusal in ((colleague, Denied), (make_teacher(), PlanNotFound)):
        with pytest.raises(refusal):
            versions.name_version(actor=actor, plan=plan)
        with pytest.raises(refusal):
            versions.restore_version(actor=actor, plan=plan, version=version)
    assert PlanVersion.objects.count() == 1
    assert rooms.state(plan.document) == before
    assert not Notice.objects.exists()


def test_the_comparison_says_whose_every_character_is(plan: LessonPlan, owner: User, colleague: User) -> None:
    write(plan, "一", owner)
    version = versions.name_version(actor=owner, plan=plan)
    write(plan, "二", colleague)
    data = comparison.compare_data(plan, version, None)
    assert set(data["owners"].values()) == {owner.pk, colleague.pk}
    assert data["people"][str(colleague.pk)]["name"] == "王春燕"
    assert data["from"]["label"] == "第1版"
    assert data["to"]["id"] == "now"
    assert comparison.compare_data(plan, None, version)["from"]["id"] == "first"


def test_the_list_of_versions_takes_the_same_queries_however_long(plan: LessonPlan, owner: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            comparison.version_page(plan, None)
        return len(captured)

    write(plan, "零", owner)
    versions.name_version(actor=owner, plan=plan)
    few = queries()
    for text in "一二三四五":
        write(plan, text, owner)
        versions.name_version(actor=owner, plan=plan)
    assert queries() == few <= 4
