"""Lesson plans as a kind of document: what the room asks, and what it tells."""

import pytest
from django.core.management import call_command

from foundation.accounts.models import User
from lessons import derived, schema
from lessons.collaboration import LessonPlanKind
from lessons.content import ids_of, plan_content
from lessons.document import read_state, walk
from lessons.models import LessonPlan, PlanVisit
from lessons.standard_templates import form
from realtime import rooms
from realtime.kinds import Access, get
from realtime.models import DocumentUpdate
from tests.lessons.test_versions import write

KIND = LessonPlanKind()


def test_the_kind_is_registered() -> None:
    assert isinstance(get("lesson-plan"), LessonPlanKind)


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("header", ""),
        ("section", ""),
        ("paragraph", ""),
        ("headerField", "header"),
        ("paragraph", "section"),
        ("table", "section"),
        ("tableCell", "tableRow"),
        ("image", "tableCell"),
        ("hardBreak", "paragraph"),
    ],
)
def test_elements_are_allowed_where_the_schema_has_them(name: str, inside: str) -> None:
    assert KIND.allows_element(name, inside)


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("doc", ""),
        ("text", "paragraph"),
        ("script", "section"),
        ("heading", ""),
        ("", ""),
        ("section", "section"),
        ("section", "tableCell"),
        ("paragraph", "header"),
        ("paragraph", "paragraph"),
        ("headerField", ""),
        ("tableCell", "table"),
        ("tableRow", ""),
        ("paragraph", "nothing"),
    ],
)
def test_elements_are_refused_elsewhere(name: str, inside: str) -> None:
    assert not KIND.allows_element(name, inside)


def test_text_stands_in_lines_only() -> None:
    assert KIND.allows_text("paragraph")
    assert KIND.allows_text("headerField")
    assert not KIND.allows_text("")
    assert not KIND.allows_text("section")
    assert not KIND.allows_text("tableCell")


def test_marks_and_attributes_outside_the_schema_are_not_allowed() -> None:
    assert KIND.allows_mark("bold")
    assert KIND.allows_mark("highlight--hash")
    assert KIND.allows_mark("comment--pvlsMLNG")
    assert not KIND.allows_mark("style")
    assert KIND.allows_attribute("paragraph", "kind", "heading")
    assert not KIND.allows_attribute("paragraph", "style", "color: red")
    assert not KIND.allows_attribute("nothing", "id", "x")


@pytest.mark.parametrize(
    ("element", "name", "value"),
    [
        ("paragraph", "kind", "heading"),
        ("paragraph", "level", 2.0),
        ("paragraph", "checked", True),
        ("paragraph", "align", None),
        ("tableCell", "colwidth", [120, None]),
        ("image", "width", 640),
        ("table", "kind", "process"),
    ],
)
def test_values_that_editors_write_are_allowed(element: str, name: str, value: object) -> None:
    assert KIND.allows_attribute(element, name, value)


@pytest.mark.parametrize(
    ("element", "name", "value"),
    [
        ("paragraph", "kind", "script"),
        ("paragraph", "kind", ["body"]),
        ("paragraph", "level", 10**9),
        ("paragraph", "level", float("nan")),
        ("paragraph", "checked", "yes"),
        ("paragraph", "id", "x" * 1000),
        ("tableCell", "colspan", 10**7),
        ("tableCell", "colspan", 0),
        ("tableCell", "colwidth", "100"),
        ("section", "title", {"a": 1}),
    ],
)
def test_values_that_no_editor_can_show_are_refused(element: str, name: str, value: object) -> None:
    assert not KIND.allows_attribute(element, name, value)


def test_the_seeds_of_all_templates_keep_to_the_schema() -> None:
    for style in ("core", "three_dimensional"):
        content = plan_content(form(style), header={"title": "山行"}, new_id=ids_of("x"))
        for node in walk(content):
            assert node["type"] in schema.NODES
            for name, value in (node.get("attrs") or {}).items():
                assert KIND.allows_attribute(node["type"], name, value)


def test_the_seed_stays_the_same_while_title_and_template_change(plan: LessonPlan) -> None:
    seed = KIND.seed(plan.pk)
    LessonPlan.objects.filter(pk=plan.pk).update(title="改过的课题", outline={})
    assert KIND.seed(plan.pk) == seed
    assert read_state(seed) == read_state(rooms.state(plan.document).state)


def test_the_stamp_beside_a_cursor_names_person_school_and_side(plan: LessonPlan, owner: User) -> None:
    stamp = KIND.access(user_id=owner.pk, document_id=plan.pk).identity
    assert stamp == {
        "id": owner.pk,
        "name": "李永梅",
        "colour": owner.colour,
        "school": plan.school.name if plan.school else "",
        "side": "village",
    }


def test_a_deleted_plan_is_told_as_deleted_only_to_those_who_had_it(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    LessonPlan.objects.filter(pk=plan.pk).update(reach="province", state="deleted")
    had = KIND.access(user_id=colleague.pk, document_id=plan.pk)
    assert (had.access, had.deleted) == (Access.NONE, True)
    LessonPlan.objects.filter(pk=plan.pk).update(reach="own")
    never = KIND.access(user_id=colleague.pk, document_id=plan.pk)
    assert (never.access, never.found, never.deleted) == (Access.NONE, False, False)


def test_who_had_a_plan_open_is_told_that_the_right_is_gone(plan: LessonPlan, colleague: User) -> None:
    PlanVisit.objects.create(plan=plan, user=colleague)
    decision = KIND.access(user_id=colleague.pk, document_id=plan.pk)
    assert (decision.access, decision.found) == (Access.NONE, True)


def store(plan: LessonPlan, *editors: User) -> None:
    now = rooms.state(plan.document)
    KIND.stored(
        document_id=plan.pk,
        state=now.state,
        editor_ids={editor.pk for editor in editors},
        through_id=now.through_id,
    )


def test_what_lists_show_follows_the_document_in_one_query(
    plan: LessonPlan, owner: User, colleague: User, django_assert_num_queries
) -> None:
    characters = plan.outline["characters"]
    write(plan, "霜叶红于二月花", colleague)
    now = rooms.state(plan.document)
    with django_assert_num_queries(1):
        KIND.stored(
            document_id=plan.pk, state=now.state, editor_ids={colleague.pk}, through_id=now.through_id
        )
    before = plan.edited_at
    plan.refresh_from_db()
    assert plan.outline["characters"] == characters + 7
    assert plan.edited_by == [colleague.pk]
    assert plan.edited_at > before


def test_an_older_state_that_arrives_late_changes_nothing(plan: LessonPlan, owner: User) -> None:
    old = rooms.state(plan.document)
    write(plan, "新的", owner)
    store(plan, owner)
    plan.refresh_from_db()
    shown = plan.outline
    KIND.stored(document_id=plan.pk, state=old.state, editor_ids={owner.pk}, through_id=old.through_id)
    plan.refresh_from_db()
    assert plan.outline == shown


def test_a_state_that_cannot_be_read_stays_out_of_the_room(plan: LessonPlan, owner: User) -> None:
    KIND.stored(document_id=plan.pk, state=b"\xff\xff", editor_ids={owner.pk}, through_id=99)
    plan.refresh_from_db()
    assert plan.derived_through_id == 0


def test_after_a_crash_the_lists_catch_up_with_the_log(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    store(plan, owner)
    write(plan, "还没算进去的", colleague)
    call_command("refresh_plans", verbosity=0)
    plan.refresh_from_db()
    newest = DocumentUpdate.objects.order_by("id").last()
    assert newest is not None
    assert (plan.edited_by, plan.edited_at) == ([colleague.pk], newest.at)
    assert plan.derived_through_id == newest.pk
    assert derived.refresh_behind() == 0


def test_one_broken_document_does_not_keep_the_others_from_catching_up(plan: LessonPlan, owner: User) -> None:
    broken = LessonPlan.objects.create(
        owner=owner,
        region=plan.region,
        title="坏",
        first_content={"type": "doc", "content": [{"no": "type"}]},
    )
    write(plan, "好的", owner)
    assert derived.refresh_all() == 1
    broken.refresh_from_db()
    assert broken.title == "坏"
