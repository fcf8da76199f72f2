"""The two forms every province starts with, one for each way of writing goals. Data, not rules:
`operations.ensure_standard_templates` copies them into the database, where they may be changed."""

from hashlib import sha256
from typing import Any

from lessons.models import GoalStyle
from lessons.schema import HEADER_KEYS, PROCESS_STEPS, SECTION_KEYS

HINTS: dict[str, str] = {
    "goals": "学完这节课，学生能做什么、怎么看得出来",
    "textbook_analysis": "这一课在单元里的位置，前面学过什么、后面接什么",
    "pupil_analysis": "你班上的学生已经会什么，容易卡在哪里",
    "key_points": "这节课一定要学会的",
    "difficult_points": "多数学生会觉得难的",
    "methods": "怎么教、怎么学",
    "preparation": "教具、学具、课件；没有投影时用什么代替",
    "process": "一行一个环节，时间加起来就是课时尺",
    "board": "写在黑板上的样子",
    "homework": "分三层写：基础、提高、实践",
    "reflection": "上完课再写",
}
CORE_GOALS: list[Any] = [{"kind": "ordered", "text": ""}]
THREE_DIMENSIONAL_GOALS: list[Any] = [
    {"kind": "subheading", "text": "知识与技能"},
    "",
    {"kind": "subheading", "text": "过程与方法"},
    "",
    {"kind": "subheading", "text": "情感态度与价值观"},
    "",
]
HOMEWORK: list[Any] = ["**基础**：", "**提高**：", "**实践**："]


def form(goal_style: str) -> dict[str, Any]:
    """lesson_minutes; header: [{key, label, text?}]; sections: [{key, title, hint, blocks}],
    blocks in the authoring form of lessons.content."""
    goals = THREE_DIMENSIONAL_GOALS if goal_style == GoalStyle.THREE_DIMENSIONAL else CORE_GOALS
    prefilled: dict[str, list[Any]] = {
        "goals": goals,
        "process": [{"process": [{"step": step} for step in PROCESS_STEPS]}],
        "homework": HOMEWORK,
    }
    return {
        "lesson_minutes": 40,
        "header": [{"key": key, "label": label} for key, label in HEADER_KEYS.items()],
        "sections": [
            {"key": key, "title": title, "hint": HINTS[key], "blocks": prefilled.get(key, [""])}
            for key, title in SECTION_KEYS.items()
        ],
    }


STANDARD: tuple[tuple[str, str], ...] = (
    (GoalStyle.CORE, "省标准教案（核心素养目标）"),
    (GoalStyle.THREE_DIMENSIONAL, "省标准教案（三维目标）"),
)


# ---- a form's sections as lines of text, for the admin --------------------------------------------


def section_lines(body: dict[str, Any]) -> list[str]:
    """作业设计：分三层写"""
    sections = body.get("sections", [])
    return [
        f"{section['title']}：{section['hint']}" if section.get("hint") else section["title"]
        for section in sections
    ]


def read_section_lines(text: str) -> list[tuple[str, str]]:
    """(title, hint) for each line that is not blank."""
    lines = (line.strip().replace(":", "：", 1).partition("：") for line in text.splitlines() if line.strip())
    return [(title.strip()[:40], hint.strip()[:120]) for title, _colon, hint in lines if title.strip()]


def with_sections(body: dict[str, Any], lines: list[tuple[str, str]]) -> dict[str, Any]:
    """The form with these sections. What a section of that title starts with is kept, or the standard's."""
    standard = {section["title"]: section for section in form("")["sections"]}
    known = standard | {section["title"]: section for section in body.get("sections", [])}
    sections = [
        {**known.get(title, {"key": own_key(title), "blocks": [""]}), "title": title, "hint": hint}
        for title, hint in lines
    ]
    return {**body, "sections": sections}


def own_key(title: str) -> str:
    """The key of a section that is not among the customary ones: the same for the same title."""
    return f"own-{sha256(title.encode()).hexdigest()[:8]}"
