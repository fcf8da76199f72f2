"""Variants for town and village: what a plan may hold, and what is read from it."""

import hashlib
from typing import Any

import pytest

from lessons import schema
from lessons.collaboration import LessonPlanKind
from lessons.content import ids_of, plan_content, table
from lessons.document import plain_text, read_state, reconcile, seed
from lessons.document.reading import open_state, read
from lessons.outline import outline_of
from lessons.schema import SCHEMA_VERSION, is_legal
from lessons.standard_templates import form
from lessons.variants import Pair, name_of, one_side, paired, sides_of

TOWN = {"variant": "town", "blocks": ["用手机拍一张照片"]}
VILLAGE = {
    "variant": "village",
    "label": "青山小学 11 人",
    "blocks": ["画一片树叶", {"table": [["叶"], ["枝"]]}],
}


def plan(**sections: Any) -> dict[str, Any]:
    return plan_content(form("core"), header={"title": "山行"}, sections=sections, new_id=ids_of("v"))


def places(**sections: Any) -> list[tuple[str, str, str]]:
    return [
        (place.section_title, _text(place.pair.town), _text(place.pair.village))
        for place in sides_of(plan(**sections))
    ]


def homework_of(document: dict[str, Any]) -> dict[str, Any]:
    [homework] = [part for part in document["content"] if part["attrs"].get("key") == "homework"]
    return homework


def _text(node: dict[str, Any] | None) -> str:
    return "" if node is None else plain_text(node)


# ---- the schema ------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["section", "tableCell", "tableHeader"])
def test_a_variant_stands_in_sections_and_cells(inside: str) -> None:
    assert LessonPlanKind().allows_element("variant", inside)


@pytest.mark.parametrize("inside", ["", "variant", "paragraph", "header", "table", "tableRow"])
def test_a_variant_stands_nowhere_else(inside: str) -> None:
    assert not LessonPlanKind().allows_element("variant", inside)


@pytest.mark.parametrize("block", ["paragraph", "table", "image"])
def test_a_variant_holds_blocks(block: str) -> None:
    assert LessonPlanKind().allows_element(block, "variant")


@pytest.mark.parametrize(
    ("name", "value", "legal"),
    [
        ("side", "town", True),
        ("side", "village", True),
        ("side", "city", False),
        ("side", 1, False),
        ("label", "青山小学", True),
        ("label", "长" * 201, False),
        ("id", "abcdefghij", True),
        ("kind", "body", False),
    ],
)
def test_its_attributes_are_checked(name: str, value: Any, legal: bool) -> None:
    assert is_legal("variant", name, value) is legal


def test_a_plan_with_variants_comes_back_as_it_went_in() -> None:
    content = plan(homework=["都做", TOWN, VILLAGE])
    assert read_state(seed(content, document="lesson-plan:1")) == content


def test_going_back_to_a_version_brings_the_frame_back() -> None:
    before = plan(homework=[TOWN, VILLAGE])
    doc = open_state(seed(plan(homework=["没有框"]), document="lesson-plan:1"))
    reconcile(doc, before)
    assert read(doc) == before


# ---- from the schema without variants to the one with them -------------------------------------------


def test_what_was_made_under_the_first_schema_is_the_same_to_the_byte() -> None:
    """A room that is rebuilt must get the bytes that clients already have, or its text would double."""
    content = plan(
        goals=["认读生字", {"kind": "bullet", "text": "**说**清"}], homework=[{"table": [["甲"], ["乙"]]}]
    )
    made = hashlib.sha256(seed(content, document="lesson-plan:1")).hexdigest()
    assert SCHEMA_VERSION == 2
    assert made == "af7f791fc8dc5af1cd5675c7fe53be8547daf7e962360ed3740b8a2e59efbee8"


# ---- what is read ------------------------------------------------------------------------------------


def test_two_that_follow_one_another_are_a_pair() -> None:
    assert places(homework=["都做", TOWN, VILLAGE]) == [
        ("作业设计", "用手机拍一张照片", "画一片树叶\n叶\n枝"),
    ]


def test_the_order_does_not_matter_and_one_may_stand_alone() -> None:
    assert places(homework=[VILLAGE, TOWN], preparation=[VILLAGE]) == [
        ("教学准备", "", "画一片树叶\n叶\n枝"),
        ("作业设计", "用手机拍一张照片", "画一片树叶\n叶\n枝"),
    ]


def test_two_of_one_side_are_no_pair() -> None:
    assert [
        (bool(town), bool(village)) for _title, town, village in places(homework=[VILLAGE, VILLAGE, TOWN])
    ] == [
        (False, True),
        (True, True),
    ]


def test_pairs_in_the_cells_of_the_teaching_process_are_found() -> None:
    step = {"step": "导入", "teacher": ["看图", TOWN, VILLAGE], "minutes": 5}
    assert places(process=[{"process": [step]}]) == [("教学过程", "用手机拍一张照片", "画一片树叶\n叶\n枝")]


def test_a_pair_is_named_and_anchored() -> None:
    [place] = sides_of(plan(homework=[TOWN, VILLAGE]))
    assert place.pair.town is not None and place.pair.village is not None
    assert (name_of(place.pair.town), name_of(place.pair.village)) == ("城镇班", "乡村班 · 青山小学 11 人")
    assert place.pair.id == place.pair.town["attrs"]["id"]
    assert place.pair.of("village") is place.pair.village


def test_blocks_come_in_their_order_with_pairs_as_one() -> None:
    homework = homework_of(plan(homework=["前", TOWN, VILLAGE, "后"]))
    kinds = [part if isinstance(part, Pair) else plain_text(part) for part in paired(homework["content"])]
    assert [kind if isinstance(kind, str) else "pair" for kind in kinds] == ["前", "pair", "后"]


@pytest.mark.parametrize(
    ("side", "words"),
    [("town", "都做\n用手机拍一张照片"), ("village", "都做\n画一片树叶\n叶\n枝")],
)
def test_one_side_of_a_plan_has_its_own_ways_as_ordinary_blocks(side: str, words: str) -> None:
    document = one_side(plan(homework=["都做", TOWN, VILLAGE]), side)
    assert plain_text(homework_of(document)) == words
    assert sides_of(document) == []


def test_a_section_of_the_other_side_alone_is_empty_not_gone() -> None:
    document = one_side(plan(homework=[VILLAGE]), "town")
    assert homework_of(document)["content"] == [{"type": "paragraph"}]


def test_reading_one_side_changes_nothing() -> None:
    document = plan(homework=["都做", TOWN, VILLAGE])
    before = repr(document)
    one_side(document, "town")
    assert repr(document) == before


# ---- what lists show -----------------------------------------------------------------------------------


def test_words_in_a_variant_are_written_words() -> None:
    found = outline_of(plan(homework=[TOWN], preparation=[{"variant": "village", "blocks": [""]}]))
    assert "作业设计" not in found.missing
    assert "教学准备" in found.missing
    assert found.characters == len("用手机拍一张照片")


def test_the_minutes_of_a_step_are_read_past_its_variants() -> None:
    minutes = [{"variant": "town", "blocks": ["8"]}, {"variant": "village", "blocks": ["12"]}]
    rows = [["环节", "教师活动", "时间"], ["导入", [TOWN, VILLAGE], "5"], ["练习", "做题", minutes]]
    page = {"type": "doc", "content": [table(ids_of("v"), rows, kind="process")]}
    assert [(step.name, step.minutes) for step in outline_of(page).steps] == [("导入", 5), ("练习", 8)]


def test_both_languages_know_the_same_sides() -> None:
    assert list(schema.VARIANT_SIDES) == ["town", "village"]
