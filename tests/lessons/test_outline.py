"""What lists say is still missing must be what a teacher would say."""

from typing import Any

import pytest

from lessons.content import ids_of, plan_content
from lessons.outline import Step, count_characters, outline_of
from lessons.schema import SECTION_KEYS
from lessons.standard_templates import form

ALL_BUT_REFLECTION = [title for key, title in SECTION_KEYS.items() if key != "reflection"]


def outline(style: str = "core", **sections: Any):
    return outline_of(
        plan_content(form(style), header={"title": " 山 行 "}, sections=sections, new_id=ids_of("t"))
    )


@pytest.mark.parametrize("style", ["core", "three_dimensional"])
def test_a_fresh_plan_misses_everything_but_the_reflection(style: str) -> None:
    assert list(outline(style).missing) == ALL_BUT_REFLECTION


def test_the_words_of_the_template_are_not_the_teachers() -> None:
    found = outline(
        homework=["**基础**：", "**提高**：", "**实践**：量一量"],
        goals=[{"kind": "subheading", "text": "知识"}],
    )
    assert "作业设计" not in found.missing
    assert "教学目标" in found.missing


def test_a_process_with_only_names_and_minutes_is_missing() -> None:
    empty = outline(process=[{"process": [{"step": "导入新课", "minutes": 5}]}])
    assert "教学过程" in empty.missing
    assert empty.minutes == 5


def test_steps_take_their_subtitle_and_their_minutes() -> None:
    found = outline(
        process=[
            {
                "process": [
                    {"step": "导入新课", "teacher": "问", "minutes": 5},
                    {"step": "新课教学", "subtitle": "初读", "minutes": "10 分钟"},
                    {"step": "布置作业"},
                ]
            }
        ]
    )
    assert found.steps == (Step("导入新课", 5), Step("初读", 10), Step("布置作业", 0))
    assert found.minutes == 15


def test_the_title_is_one_line() -> None:
    assert outline().title == "山 行"


def test_hostile_text_and_keys_are_shown_as_text_that_a_database_keeps() -> None:
    page = {
        "type": "doc",
        "content": [
            {
                "type": "headerField",
                "attrs": {"key": "title"},
                "content": [{"type": "text", "text": "山\0行"}],
            },
            {"type": "section", "attrs": {"key": ["x"], "title": "目\0标"}},
        ],
    }
    assert outline_of(page).title == "山行"
    assert outline_of(page).missing == ("目标",)


@pytest.mark.parametrize("style", ["core", "three_dimensional"])
def test_a_fresh_plan_has_no_characters(style: str) -> None:
    assert outline(style).characters == 0


def test_only_what_the_teacher_wrote_is_counted() -> None:
    found = outline(
        "three_dimensional",
        homework=["**基础**：抄写", "**提高**："],
        process=[{"process": [{"step": "导入", "teacher": "看图", "minutes": 5}]}],
    )
    assert found.characters == len("基础：抄写看图")


def test_characters_are_counted_without_blanks() -> None:
    page = {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "霜 叶\u3000ab"}]}],
    }
    assert count_characters(page) == 4


def test_a_document_of_bare_paragraphs_has_an_outline_too() -> None:
    line = {"type": "paragraph", "content": [{"type": "text", "text": "x"}]}
    found = outline_of({"type": "doc", "content": [{"type": "paragraph"}, line]})
    assert (found.title, found.missing, found.steps, found.characters) == ("", (), (), 1)
