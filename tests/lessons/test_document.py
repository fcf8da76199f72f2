"""The shared document and plain JSON: both ways without loss, and the smallest change from one to another."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from lessons import document
from lessons.content import ids_of, plan_content
from lessons.standard_templates import form
from realtime.update import read_update

TEXT = st.text("甲乙丙丁教学ab 1👍🏽é一", min_size=1, max_size=12)
MARKS = st.lists(
    st.sampled_from(
        [{"type": "bold"}, {"type": "italic"}, {"type": "link", "attrs": {"href": "https://a.cn/"}}]
    ),
    max_size=2,
    unique_by=lambda mark: mark["type"],
)
BLOCK_IDS = [f"block{number}" for number in range(8)]


@st.composite
def runs(draw: st.DrawFn) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.integers(0, 5)) == 0:
            nodes.append({"type": "hardBreak"})
        else:
            nodes.append({"type": "text", "text": draw(TEXT), "marks": draw(MARKS)})
    return nodes


@st.composite
def paragraphs(draw: st.DrawFn, block_id: str = "") -> dict[str, Any]:
    attributes = {
        "kind": draw(st.sampled_from(["body", "heading", "bullet"])),
        "level": draw(st.integers(0, 2)),
        "checked": draw(st.booleans()),
        "align": draw(st.sampled_from([None, "center"])),
    }
    if block_id:
        attributes["id"] = block_id
    return {"type": "paragraph", "attrs": attributes, "content": draw(runs())}


@st.composite
def tables(draw: st.DrawFn, block_id: str = "") -> dict[str, Any]:
    columns = draw(st.integers(1, 3))
    rows = []
    for number in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(["tableCell", "tableHeader"]))
        cells = [
            {
                "type": name,
                "attrs": {
                    "colspan": draw(st.integers(1, 2)),
                    "colwidth": draw(st.sampled_from([None, [100, 20]])),
                },
                "content": [draw(paragraphs())],
            }
            for _ in range(columns)
        ]
        rows.append({"type": "tableRow", "attrs": {"id": f"{block_id}row{number}"}, "content": cells})
    return {"type": "table", "attrs": {"id": block_id, "kind": "process"}, "content": rows}


@st.composite
def plans(draw: st.DrawFn) -> document.Node:
    """Any plan: blocks in any order at the top and in sections, some of them without an id."""
    ids = draw(st.permutations(BLOCK_IDS))
    blocks = [
        draw(tables(name) if draw(st.integers(0, 3)) == 0 else paragraphs(name))
        for name in ids[: draw(st.integers(0, 6))]
    ]
    blocks += [draw(paragraphs()) for _ in range(draw(st.integers(0, 2)))]
    cut = draw(st.integers(0, len(blocks)))
    section = {
        "type": "section",
        "attrs": {"id": "s1", "key": "goals", "title": draw(TEXT)},
        "content": blocks[cut:],
    }
    return {"type": "doc", "content": [*blocks[:cut], section]}


@settings(max_examples=60, deadline=None)
@given(plans())
def test_a_plan_survives_the_way_into_the_document_and_back(plan: document.Node) -> None:
    state = document.seed(plan, document="lesson-plan:1")
    assert document.read_state(state) == document.normal(plan)


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_same_seed_twice_is_one_content(plan: document.Node) -> None:
    first, second = (document.seed(plan, document="lesson-plan:1") for _ in range(2))
    assert first == second
    doc = document.open_state(first)
    doc.apply_update(second)
    assert document.read(doc) == document.normal(plan)


@settings(max_examples=120, deadline=None)
@given(plans(), plans())
def test_a_reconciled_document_reads_as_its_target(before: document.Node, after: document.Node) -> None:
    doc = document.open_state(document.seed(before, document="lesson-plan:1"))
    document.reconcile(doc, after)
    assert document.read(doc) == document.normal(after)


@settings(max_examples=60, deadline=None)
@given(plans(), plans())
def test_reconciling_keeps_the_identity_of_unchanged_blocks(
    before: document.Node, after: document.Node
) -> None:
    """Blocks that neither changed nor moved are not written again: nobody's cursor in them jumps."""
    shared = {
        "type": "paragraph",
        "attrs": {"id": "kept"},
        "content": [{"type": "text", "text": "没有动过的一段"}],
    }
    doc = document.open_state(document.seed(with_block(before, shared), document="lesson-plan:1"))
    written_before = doc.get_state()
    document.reconcile(doc, with_block(after, shared))
    assert "没有动过的一段" not in inserted_text(doc, written_before)
    document.reconcile(doc, with_block(after, shared))
    assert document.read(doc) == document.normal(with_block(after, shared))


@settings(max_examples=60, deadline=None)
@given(plans(), plans(), TEXT)
def test_what_someone_types_meanwhile_survives(
    before: document.Node, after: document.Node, typed: str
) -> None:
    """A restore reaches a client that was typing: both end equal, and the typed characters are there."""
    shared = {"type": "paragraph", "attrs": {"id": "kept"}, "content": [{"type": "text", "text": "一起写"}]}
    server = document.open_state(document.seed(with_block(before, shared), document="lesson-plan:1"))
    client = document.open_state(server.get_update())
    text_of(client, "kept").insert(len("一起".encode()), typed, {})
    document.reconcile(server, with_block(after, shared))
    exchange(server, client)
    assert document.read(server) == document.read(client)
    assert any(
        f"一起{typed}写" in document.plain_text(block) for block in document.walk(document.read(server))
    )


def test_reconciling_to_what_is_there_already_writes_nothing() -> None:
    plan = plan_content(form("core"), header={"title": "山行"}, new_id=ids_of("x"))
    doc = document.open_state(document.seed(plan, document="lesson-plan:1"))
    before = doc.get_update()
    document.reconcile(doc, plan)
    assert doc.get_update() == before


def test_a_change_of_a_few_characters_writes_a_few_characters() -> None:
    def page(text: str) -> document.Node:
        return {
            "type": "doc",
            "content": [
                {"type": "paragraph", "attrs": {"id": "p"}, "content": [{"type": "text", "text": text}]}
            ],
        }

    doc = document.open_state(document.seed(page("霜叶红于二月花。" * 40), document="lesson-plan:1"))
    before = doc.get_state()
    document.reconcile(doc, page("霜叶红于二月花。" * 20 + "停车坐爱" + "霜叶红于二月花。" * 20))
    assert inserted_text(doc, before) == "停车坐爱"


@pytest.mark.parametrize("length", [300, 5_000])
def test_long_paragraphs_that_differ_everywhere_are_reconciled_quickly(length: int) -> None:
    old = {"type": "text", "text": "".join(chr(0x4E00 + number % 700) for number in range(length))}
    new = {"type": "text", "text": "".join(chr(0x4E00 + number * 7 % 900) for number in range(length))}
    doc = document.open_state(
        document.seed({"type": "doc", "content": [{"type": "paragraph", "content": [old]}]}, document="d")
    )
    target = {"type": "doc", "content": [{"type": "paragraph", "content": [new]}]}
    document.reconcile(doc, target)
    assert document.read(doc) == document.normal(target)


def test_numbers_come_back_whole_and_marks_without_their_hash() -> None:
    doc: Doc = Doc()
    fragment = doc.get("default", type=XmlFragment)
    cell = XmlElement("tableCell")
    fragment.children.append(cell)
    cell.attributes["colwidth"] = [120.0, 80.5]
    cell.attributes["colspan"] = 2.0
    text = XmlText()
    cell.children.append(text)
    text.insert(0, "甲", {"highlight--abc": {}})
    assert document.read(doc)["content"] == [
        {
            "type": "tableCell",
            "attrs": {"colspan": 2, "colwidth": [120, 80.5]},
            "content": [{"type": "text", "text": "甲", "marks": [{"type": "highlight"}]}],
        }
    ]


def with_block(plan: document.Node, block: document.Node) -> document.Node:
    return {"type": "doc", "content": [*plan["content"], block]}


def inserted_text(doc: Doc, since: bytes) -> str:
    """The text that was written after a state vector."""
    update = read_update(doc.get_update(since))
    return "".join(struct.value for struct in update.structs if isinstance(struct.value, str))


def text_of(doc: Doc, block_id: str) -> XmlText:
    for block in doc.get("default", type=XmlFragment).children:
        if isinstance(block, XmlElement) and dict(block.attributes).get("id") == block_id:
            child = next(iter(block.children))
            assert isinstance(child, XmlText)
            return child
    raise LookupError(block_id)


def exchange(one: Doc, other: Doc) -> None:
    for_other, for_one = one.get_update(other.get_state()), other.get_update(one.get_state())
    other.apply_update(for_other)
    one.apply_update(for_one)
