"""Out and in again: what a plan says on paper comes back as the same plan, and goes out as the same document."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.office.docx.reading import read
from foundation.office.docx.writing import write
from lessons.content import ids_of, plan_content
from lessons.document import Node, normal
from lessons.schema import HEADER_KEYS
from lessons.standard_templates import form as standard_form
from lessons.word_in.recognising import plan_of, recognise
from lessons.word_out import form
from tests.office.test_docx_writing import picture

FACTS = [("学科", "数学"), ("年级", "三年级上册"), ("教材版本", "人教版"), ("单元", "第8单元 分数的初步认识")]
KNOWN = frozenset(text for _label, text in FACTS)  # as the plan's page says by itself
PLANS = sorted(Path("lessons/demo_plans").glob("*.json"))


def out(plan: Node, facts: list[form.Fact], *, notes_column: bool = True) -> bytes:
    look = form.look_of(title="课", author="", foot="", notes_column=notes_column)
    return write(form.plan_blocks(plan, facts), look=look, pictures=lambda file: picture())


def back(content: bytes, goal_style: str = "core") -> Node:
    document, _left_out, *_rest = read(content)
    found = recognise(document)
    return plan_of(
        found, standard_form(goal_style), title=found.title, header={}, new_id=ids_of("back"), known=KNOWN
    )


def body(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("word/document.xml").decode()


UNLIKE = {"id", "file", "colwidth"}


def without_ids(node: Node) -> Node:
    """Nor with what the importer knows otherwise: pictures are parts of the file, columns have got their widths."""
    bare = {key: value for key, value in node.items() if key not in ("attrs", "content")}
    attrs = {name: value for name, value in (node.get("attrs") or {}).items() if name not in UNLIKE}
    if node["type"] == "paragraph" and attrs.get("kind") in ("heading", "subheading"):
        attrs.pop("level", None)
    if attrs:
        bare["attrs"] = attrs
    if node.get("content"):
        bare["content"] = [without_ids(child) for child in node["content"]]
    return bare


def demo_plan(path: Path) -> tuple[Node, str]:
    given_plan = json.loads(path.read_text(encoding="utf-8"))
    sections = dict(given_plan["sections"])
    if "process" in given_plan:
        sections["process"] = [{"process": given_plan["process"]}]
    header = {**given_plan["header"], "title": given_plan["title"]}
    style = given_plan["goal_style"]
    return plan_content(standard_form(style), header=header, sections=sections, new_id=ids_of("x")), style


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
@pytest.mark.parametrize("notes_column", [True, False])
def test_every_demo_plan_comes_back_and_goes_out_the_same(path: Path, notes_column: bool) -> None:
    plan, style = demo_plan(path)
    plan = form.one_side(plan)  # as it is exported: Word has no ways for town and village
    first = out(plan, FACTS, notes_column=notes_column)
    again = back(first, style)
    assert without_ids(normal(again))["content"][1:] == without_ids(normal(plan))["content"][1:]
    assert body(out(again, FACTS, notes_column=notes_column)) == body(first)


# ---- any plan -----------------------------------------------------------------------------------------
# Words that name no part of a plan: a line 教学重点： would rightly begin one.
WORDS = (
    st.text("春风又绿江南岸明月何时照我还abc 123，。“”", min_size=1, max_size=12).map(str.strip).filter(bool)
)
MARKS = st.sets(st.sampled_from(["bold", "italic", "underline", "strike", "highlight"]), max_size=2)


@st.composite
def inline(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 3))):
        marks = [{"type": mark} for mark in sorted(draw(MARKS))]
        if nodes and draw(st.booleans()):
            nodes.append({"type": "hardBreak"})
        nodes.append(
            {"type": "text", "text": f"{draw(WORDS)}{number}", **({"marks": marks} if marks else {})}
        )
    return nodes


@st.composite
def line(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from(["body", "body", "bullet", "ordered", "task", "heading", "subheading"]))
    attrs: dict[str, Any] = {"kind": kind}
    if kind in ("bullet", "ordered", "task"):
        attrs["level"] = draw(st.integers(0, 2))
    if kind == "task":
        attrs["checked"] = draw(st.booleans())
    if kind == "body":
        attrs["align"] = draw(st.sampled_from([None, "center", "right"]))
    return {"type": "paragraph", "attrs": attrs, "content": draw(inline())}


IMAGE = st.builds(
    lambda wide: {"type": "image", "attrs": {"file": "f", "alt": "图", "width": wide, "height": wide}},
    st.integers(20, 200),
)


@st.composite
def grid(draw: st.DrawFn, depth: int) -> Node:
    """Whole tables, some of whose cells reach over two columns; a first row of heads or none."""
    columns, rows = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    heads = draw(st.booleans())
    made = []
    for number in range(rows):
        # an edge that no cell has is no column: the last row has them all
        merged = draw(st.booleans()) and number < rows - 1 and not (number == 0 and heads)
        spans = [2] + [1] * (columns - 2) if merged else [1] * columns
        name = "tableHeader" if heads and number == 0 else "tableCell"
        cells = [
            {"type": name, "attrs": {"colspan": span}, "content": draw(blocks(depth + 1, most=2))}
            for span in spans
        ]
        made.append({"type": "tableRow", "content": cells})
    return {"type": "table", "content": made}


def blocks(depth: int = 0, most: int = 4) -> st.SearchStrategy[list[Node]]:
    kinds = [line(), line(), line(), IMAGE]
    if depth < 2:
        kinds.append(st.deferred(lambda: grid(depth)))
    return st.lists(st.one_of(kinds), min_size=1, max_size=most)


@st.composite
def plans(draw: st.DrawFn) -> Node:
    plan = plan_content(
        standard_form("core"),
        header={key: " ".join(draw(WORDS).split()) + "x" for key in HEADER_KEYS},
        new_id=ids_of("x"),
    )
    for section in plan["content"][1:]:
        if section["attrs"]["key"] != "process" and draw(st.booleans()):
            section["content"] = draw(blocks())
    return normal(plan)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_goes_out_the_same_after_it_came_back(plan: Node) -> None:
    first = out(plan, FACTS)
    again = back(first)
    assert body(out(again, FACTS)) == body(first)
