"""The demo lesson plans are shown to teachers: their form, their minutes and their typography must hold."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lessons.content import ids_of, plan_content
from lessons.models import GoalStyle, LessonPlan, PlanInvitation
from lessons.schema import (
    HEADER_KEYS,
    LESSON_MINUTES,
    PARAGRAPH_KINDS,
    PROCESS_STEPS,
    SECTION_KEYS,
    VARIANT_SIDES,
)
from lessons.standard_templates import form
from teaching_centres.demo import PEOPLE, SCHOOLS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "lessons" / "demo_plans").glob("*.json"))
UNITS_FILE = ROOT / "foundation" / "catalogue" / "data" / "textbook_units.csv"
PLAN_KEYS = {
    "owner",
    "textbook",
    "unit",
    "title",
    "header",
    "goal_style",
    "sections",
    "process",
    "reach",
    "invite",
}
STEP_KEYS = {"step", "subtitle", "teacher", "pupils", "intent", "minutes"}
WRITTEN_SECTIONS = set(SECTION_KEYS) - {"process"}
# Shown unfinished on purpose: the list and the ruler have something to point at.
UNFINISHED = {
    "maths-3a-6-practice": ("homework", 36),
    "chinese-5a-3-folk-tales": ("board", 40),
}

HAN = "\u4e00-\u9fff"
TYPOGRAPHY = {
    "a space between 汉字 and Latin letters or digits": rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]",
    "full-width punctuation after 汉字": rf"[{HAN}][,.;:?()]",
    "no exclamation mark": r"[!！]",
    "typographic quotation marks": r"[\"']",
    "no blank at either end of a text": r"^\s|\s$",
}


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


@pytest.fixture
def plan(path: Path) -> dict[str, Any]:
    return read(path)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("kind", "variant"):
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def written(plan: dict[str, Any]) -> Iterator[str]:
    for key in ("title", "header", "sections", "process"):
        yield from texts(plan[key])


def rewritten(plan: dict[str, Any]) -> Iterator[str]:
    yield from texts(plan.get("history", []))


def check_block(block: Any) -> None:
    if isinstance(block, str):
        return
    if "table" in block:
        assert set(block) == {"table"}
        assert len({len(row) for row in block["table"]}) == 1, "every row has the same number of cells"
        return
    if "variant" in block:
        assert block["variant"] in VARIANT_SIDES and set(block) <= {"variant", "label", "blocks"}
        for inner in block["blocks"]:
            check_block(inner)
        return
    assert set(block) <= {"kind", "text", "level"}
    assert block["kind"] in PARAGRAPH_KINDS


def test_there_are_a_dozen_plans_of_every_subject_and_grade() -> None:
    plans = [read(path) for path in FILES]
    assert len(plans) == 12
    assert {plan["textbook"][0] for plan in plans} == {"语文", "数学", "英语", "科学"}
    assert {plan["textbook"][2] for plan in plans} == {1, 2, 3, 4, 5, 6}
    assert {plan["goal_style"] for plan in plans} == set(GoalStyle.values)
    assert {"复习", "练习", "实验", "活动"} <= {plan["header"]["lesson_type"] for plan in plans}


def test_form(plan: dict[str, Any]) -> None:
    assert set(plan) - {"history"} == PLAN_KEYS
    assert plan["owner"]
    assert set(plan["header"]) == set(HEADER_KEYS) - {"title"}
    assert set(plan["sections"]) == WRITTEN_SECTIONS
    assert plan["goal_style"] in GoalStyle.values
    assert plan["reach"] in LessonPlan.Reach.values
    for block in (block for blocks in plan["sections"].values() for block in blocks):
        check_block(block)
    for invitation in plan["invite"]:
        assert set(invitation) in ({"user", "access"}, {"school", "access"})
        assert invitation["access"] in PlanInvitation.Access.values


def test_unit_is_in_the_catalogue(plan: dict[str, Any]) -> None:
    subject, edition, grade, volume = plan["textbook"]
    with UNITS_FILE.open(encoding="utf-8") as lines:
        units = {
            (
                row["subject"],
                row["edition"],
                int(row["grade"]),
                row["volume"],
                int(row["unit_number"]),
            )
            for row in csv.DictReader(lines)
        }
    assert (subject, edition, grade, volume, plan["unit"]) in units


def test_only_the_plans_meant_so_are_unfinished(path: Path, plan: dict[str, Any]) -> None:
    missing, minutes = UNFINISHED.get(path.stem, ("", LESSON_MINUTES))
    empty = {key for key, blocks in plan["sections"].items() if not blocks}
    assert empty - {"reflection"} == ({missing} if missing else set())
    assert sum(step["minutes"] for step in plan["process"]) == minutes


def test_steps_are_the_customary_ones(plan: dict[str, Any]) -> None:
    for step in plan["process"]:
        assert set(step) == STEP_KEYS
        assert step["step"] in PROCESS_STEPS
        assert all(step[key] for key in ("teacher", "pupils", "intent", "minutes"))


def test_has_substance(plan: dict[str, Any]) -> None:
    characters = len(re.findall(rf"[{HAN}]", "".join(written(plan))))
    assert 900 <= characters <= 2000


def test_typography(plan: dict[str, Any]) -> None:
    faults = [
        (rule, text)
        for text in [*written(plan), *rewritten(plan)]
        for rule, pattern in TYPOGRAPHY.items()
        if re.search(pattern, text.replace("**", ""))
    ]
    assert faults == []
    assert all(text.count("**") % 2 == 0 for text in written(plan))


def test_becomes_a_document(path: Path, plan: dict[str, Any]) -> None:
    document = plan_content(
        form(plan["goal_style"]),
        header={**plan["header"], "title": plan["title"]},
        sections={**plan["sections"], "process": [{"process": plan["process"]}]},
        new_id=ids_of(path.stem),
    )
    header, *sections = document["content"]
    assert header["content"][0]["content"] == [{"type": "text", "text": plan["title"]}]
    assert [section["attrs"]["key"] for section in sections] == list(SECTION_KEYS)
    assert "**" not in json.dumps(document, ensure_ascii=False)


def test_people_and_schools_are_in_the_demo(plan: dict[str, Any]) -> None:
    people = {person.username for person in PEOPLE}
    schools = {school.key for school in SCHOOLS}
    assert plan["owner"] in people
    for invitation in plan["invite"]:
        assert invitation.get("user", plan["owner"]) in people
        assert invitation.get("school", SCHOOLS[0].key) in schools
        assert invitation.get("user") != plan["owner"]


def test_names_in_the_header_are_people_of_the_demo(plan: dict[str, Any]) -> None:
    names = {person.name for person in PEOPLE}
    assert plan["header"]["lead_preparer"] in names
    assert set(filter(None, plan["header"]["taught_by"].split("、"))) <= names
