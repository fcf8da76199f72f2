"""What a Word file says is put where a plan has it, and nothing of it gets lost on the way."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.office.docx.reading import read
from lessons.content import ids_of
from lessons.document import Node, attribute, normal, plain_text, read_state, seed, walk
from lessons.outline import outline_of
from lessons.schema import CHILDREN, NODES, PROCESS_COLUMNS, is_legal
from lessons.standard_templates import form
from lessons.word_in.recognising import Recognised, plan_of, recognise
from tests.support import docx_files as make
from tests.support.docx_expected import bare


def recognised(*body: str, **options: Any) -> Recognised:
    return recognise(read(make.docx(*body, **options))[0])


def texts(found: Recognised) -> dict[str, list[str]]:
    return {section.key: [plain_text(block) for block in section.blocks] for section in found.sections}


def plan(found: Recognised) -> Node:
    return plan_of(found, form("core"), title=found.title or "课题", header={}, new_id=ids_of("plan"))


# ---- headings ----------------------------------------------------------------------------------------------
def test_sections_by_their_headings_in_the_usual_spellings() -> None:
    found = recognised(
        make.heading("《散步》教学设计"),
        make.paragraph("课型：新授　课时：第一课时"),
        make.heading("一、教学目标", 2),
        make.paragraph("认识生字"),
        make.paragraph("【学情分析】"),
        make.paragraph("学生会读"),
        make.paragraph("教学重点：理清思路"),
        make.paragraph("三、教学难点："),
        make.paragraph("以小见大"),
        make.heading("设计理念", 2),
        make.paragraph("以读代讲"),
        make.heading("教学过程", 2),
        make.heading("导入新课", 3),
        make.paragraph("听歌"),
        make.paragraph("板书设计"),
        make.paragraph("散步"),
    )
    assert found.title == "散步"
    assert found.header == {"lesson_type": "新授", "period": "第一课时"}
    assert found.opening == []
    names = {section.title: [plain_text(block) for block in section.blocks] for section in found.sections}
    assert names == {
        "教学目标": ["认识生字"],
        "学情分析": ["学生会读"],
        "教学重点": ["理清思路"],
        "教学难点": ["以小见大"],
        "设计理念": ["以读代讲"],
        "教学过程": ["导入新课", "听歌"],
        "板书设计": ["散步"],
    }


def test_a_numbered_list_item_may_be_a_heading() -> None:
    numbers = make.numbering(
        {0: make.levels(("chineseCounting", "%1、"))}, {1: '<w:abstractNumId w:val="0"/>'}
    )
    found = recognised(
        make.item("教学目标", 1),
        make.paragraph("认字"),
        make.item("教学准备", 1),
        make.paragraph("卡片"),
        parts={"word/numbering.xml": numbers},
        relations={"rN": ("numbering", "numbering.xml")},
    )
    assert texts(found) == {"goals": ["认字"], "preparation": ["卡片"]}


def test_the_same_section_a_second_time_goes_on_under_its_name() -> None:
    found = recognised(
        make.heading("教学过程"),
        make.paragraph("第一节"),
        make.heading("第二课时 教学过程"),
        make.paragraph("第二节"),
    )
    assert texts(found) == {"process": ["第一节", "第二课时 教学过程", "第二节"]}


def test_a_sentence_with_such_a_word_is_no_heading() -> None:
    found = recognised(
        make.heading("教学目标"), make.paragraph("教学过程要有层次。"), make.paragraph("重点是朗读")
    )
    assert texts(found) == {"goals": ["教学过程要有层次。", "重点是朗读"]}


def test_a_file_without_any_of_it_comes_as_text() -> None:
    found = recognised(make.paragraph("春天来了"), make.table(make.row("甲", "乙")))
    assert [block["type"] for block in found.opening] == ["paragraph", "table"]
    made = plan(found)
    first = made["content"][1]
    assert (attribute(first, "title"), first["content"][0]["content"][0]["text"]) == ("正文", "春天来了")


# ---- forms -------------------------------------------------------------------------------------------------
def test_a_plan_that_is_one_table() -> None:
    found = recognise(read(make.form_plan())[0])
    assert found.title == "散步"
    assert found.header == {"lesson_type": "新授", "taught_by": ""}
    assert found.other_fields == {"年级": "七年级"}
    assert texts(found) | {"process": []} == {
        "goals": ["知识与技能", "会写“铺、霎”等生字。", "过程与方法", "有感情地朗读课文。"],
        "key_points": ["理清思路"],
        "difficult_points": ["以小见大"],
        "process": [],
        "board": ["散步", "分歧——和解"],
        "reflection": [],
    }
    assert [attribute(block, "kind") for block in found.sections[0].blocks] == [
        "subheading",
        None,
        "subheading",
        None,
    ]


def test_the_teaching_process_becomes_the_process_table() -> None:
    found = recognise(read(make.form_plan())[0])
    (table,) = next(section.blocks for section in found.sections if section.key == "process")
    assert attribute(table, "kind") == "process"
    rows = [[plain_text(cell) for cell in row["content"]] for row in table["content"]]
    assert rows == [
        list(PROCESS_COLUMNS),
        ["导入", "播放歌曲\n板书课题", "听歌，谈感受\n齐读课题", "激趣", "3分钟"],
        ["作业布置", "布置作业", "记作业", "", "2"],
    ]
    outline = outline_of(plan(found))
    assert [(step.name, step.minutes) for step in outline.steps] == [("导入", 3), ("作业布置", 2)]


def test_columns_that_do_not_fit_leave_the_table_as_it_is() -> None:
    found = recognised(
        make.heading("教学过程"),
        make.table(
            make.row("环节", "教师活动", "学生活动", "我的想法"),
            make.row("导入", "提问", "回答", "要快"),
        ),
    )
    (table,) = found.sections[0].blocks
    assert attribute(table, "kind") is None
    assert plain_text(table).split("\n") == [
        "环节",
        "教师活动",
        "学生活动",
        "我的想法",
        "导入",
        "提问",
        "回答",
        "要快",
    ]


def test_the_empty_column_for_handwriting_is_no_reason_to_leave_the_table() -> None:
    found = recognised(
        make.table(
            make.row(make.cell("教学过程", span=3), make.cell("复备栏", merge="restart")),
            make.row("环节", "教师活动", "学生活动", make.cell(merge="continue")),
            make.row("导入", "提问", "回答", make.cell(merge="restart")),
            make.row("新授", "讲", "听", make.cell(merge="continue")),
        )
    )
    (table,) = found.sections[0].blocks
    assert [plain_text(row["content"][0]) for row in table["content"]] == ["环节", "导入", "新授"]


def test_what_follows_a_form_belongs_to_none_of_its_sections() -> None:
    found = recognised(make.FORM, make.paragraph("备注：集体讨论过。"))
    assert (found.sections[-1].title, plain_text(found.sections[-1].blocks[0])) == (
        "其他",
        "备注：集体讨论过。",
    )


def test_a_frame_around_the_board_is_no_table_and_an_own_section_may_come_first() -> None:
    found = recognised(
        make.paragraph("教　案"),
        make.heading("设计理念（一）"),
        make.paragraph("以读代讲"),
        make.heading("板书设计"),
        make.table(make.row(make.cell("散步", "分歧"))),
    )
    names = {section.title: [plain_text(block) for block in section.blocks] for section in found.sections}
    assert names == {"设计理念（一）": ["以读代讲"], "板书设计": ["散步", "分歧"]}
    assert found.opening == []


def test_a_table_that_is_no_form_stays_whole() -> None:
    table = make.table(make.row("姓名", "得分"), make.row("甲", "90"))
    found = recognised(make.heading("学情分析"), table)
    assert found.sections[0].blocks == read(make.docx(table))[0]["content"][:1]


# ---- the plan ----------------------------------------------------------------------------------------------
def test_the_plan_is_what_the_editor_would_write() -> None:
    found = recognise(read(make.form_plan())[0])
    made = plan(found)
    for node in walk(made):
        assert node["type"] in NODES
        assert all(is_legal(node["type"], name, value) for name, value in node.get("attrs", {}).items())
        assert {child["type"] for child in node.get("content", [])} <= CHILDREN[node["type"]]
    blocks = [node for node in walk(made) if node["type"] in ("paragraph", "table", "tableRow", "section")]
    ids = [attribute(node, "id") for node in blocks]
    assert len(set(ids)) == len(ids) and None not in ids
    assert read_state(seed(made, document="lesson-plan:x")) == normal(made)


def test_the_template_stays_where_word_says_nothing() -> None:
    made = plan(recognised(make.heading("教学目标"), make.paragraph("认字")))
    titles = [attribute(section, "title") for section in made["content"][1:]]
    assert titles == [section["title"] for section in form("core")["sections"]]
    assert outline_of(made).missing == tuple(
        title for title in titles if title not in ("教学目标", "教学反思")
    )


def test_numbers_that_the_editor_counts_itself_are_left_to_it_and_others_kept() -> None:
    numbers = make.numbering(
        {0: make.levels(("decimal", "%1."), ("decimalEnclosedCircle", "%2"))},
        {1: '<w:abstractNumId w:val="0"/>'},
    )
    found = recognised(
        make.heading("教学目标"),
        make.item("甲", 1),
        make.item("乙", 1, 1),
        make.item("丙", 1),
        make.paragraph("中间"),
        make.item("丁", 1),
        parts={"word/numbering.xml": numbers},
        relations={"rN": ("numbering", "numbering.xml")},
    )
    lines = [
        node for node in walk(plan(found)) if attribute(node, "kind") == "ordered" and node.get("content")
    ]
    assert [(plain_text(node), attribute(node, "marker")) for node in lines] == [
        ("甲", None),
        ("乙", "①"),
        ("丙", None),
        ("丁", "3."),  # the editor begins anew after other text
    ]


def test_boxes_to_tick_are_tasks() -> None:
    boxes = {0: make.levels(("bullet", "☐")), 1: make.levels(("bullet", "☑"))}
    uses = {1: '<w:abstractNumId w:val="0"/>', 2: '<w:abstractNumId w:val="1"/>'}
    found = recognised(
        make.heading("教学准备"),
        make.item("卡片", 1),
        make.item("课件", 2),
        parts={"word/numbering.xml": make.numbering(boxes, uses)},
        relations={"rN": ("numbering", "numbering.xml")},
    )
    lines = [node for node in walk(plan(found)) if attribute(node, "kind") == "task"]
    assert [(plain_text(node), attribute(node, "checked")) for node in lines] == [
        ("卡片", None),
        ("课件", True),
    ]


WORDS = st.sampled_from(
    [
        *[
            "教学目标",
            "教学过程",
            "环节",
            "教师活动",
            "学生活动",
            "课题",
            "课型",
            "重点：甲",
            "难点：乙",
            "教学重难点",
            "散步",
            "一、导入",
        ],
        *["板书设计", "时间", "3", "复备栏", "《春》教学设计", "其他文字", "教学重点：读"],
        "课题：春 课型：新授",
        "",
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> list[str]:
    made = []
    for _block in range(draw(st.integers(1, 6))):
        kind = draw(st.integers(0, 2))
        if kind == 0:
            made.append(make.paragraph(draw(WORDS)))
        elif kind == 1:
            made.append(make.heading(draw(WORDS), draw(st.integers(1, 3))))
        else:
            columns = draw(st.integers(1, 5))
            rows = []
            for _row in range(draw(st.integers(1, 4))):
                left, cells = columns, []
                while left:
                    span = draw(st.integers(1, left))
                    merge = draw(st.sampled_from(["", "", "restart", "continue"]))
                    cells.append(make.cell(draw(WORDS), span=span, merge=merge))
                    left -= span
                rows.append(make.row(*cells))
            made.append(make.table(*rows))
    return made


@settings(max_examples=150, deadline=None)
@given(bodies())
def test_every_word_of_the_file_is_in_the_plan(body: list[str]) -> None:
    """Names of sections and labels may be said in the plan's own words; all else is there as often as in the file,
    but for a field that is said twice."""
    document = read(make.docx(*body))[0]
    made = plan(recognise(document))
    assert read_state(seed(made, document="lesson-plan:x")) == normal(made)
    said = bare(plain_text(made)) + "".join(
        str(attribute(node, name) or "") for node in walk(made) for name in ("title", "label")
    )
    there = bare(plain_text(document))
    for word in ("散步", "导入", "其他文字", "读"):
        assert said.count(word) >= there.count(word), word
    assert "新授" in said or "新授" not in there


@pytest.mark.parametrize("body", [[], [make.paragraph("")], [make.table(make.row(""))]])
def test_a_file_without_words_makes_an_empty_plan(body: list[str]) -> None:
    made = plan(recognised(*body))
    assert outline_of(made).characters == 0
