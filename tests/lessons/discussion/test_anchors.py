"""Anchors as marks: found by the ids of characters, spelled as the editor spells them, living with their text."""

import random

import pytest
from pycrdt import Doc

from lessons.content import ids_of, plan_content
from lessons.document import open_state, read, reconcile, seed
from lessons.document.anchors import Span, anchored, copy_marks, locate, mark_key, part_at, put_mark
from lessons.standard_templates import form
from tests.lessons.discussion.chosen import span, text_with


@pytest.fixture
def doc() -> Doc:
    content = plan_content(
        form("core"),
        header={"title": "山行"},
        sections={"goals": ["会写“融、浸、库”等字", "说清**四季**的景色😀了", "第三行"]},
        new_id=ids_of("anchors"),
    )
    return open_state(seed(content, document="lesson-plan:anchors"))


def found(doc: Doc, *spans: Span) -> list[str]:
    return [stretch.text for stretch in locate(doc, list(spans))]


def test_a_mark_is_spelled_as_the_editors_binding_spells_it() -> None:
    # hashOfJSON({type: "comment", attrs: {id: "abcdefghij"}}) of y-tiptap 3.0.9
    assert mark_key("abcdefghij") == "comment--pvlsMLNG"


def test_words_are_found_by_the_ids_of_their_characters(doc: Doc) -> None:
    state = doc.get_update()
    assert found(doc, span(state, "浸、库")) == ["浸、库"]
    assert found(doc, span(state, "会")) == ["会"]
    assert found(doc, span(state, "四季")) == ["四季"]
    assert found(doc, span(state, "😀了")) == ["😀了"]
    assert found(doc, span(state, "色😀")) == ["色😀"]


def test_words_over_several_lines_are_found_piece_by_piece(doc: Doc) -> None:
    state = doc.get_update()
    first, last = span(state, "库"), span(state, "第三")
    assert found(doc, Span(first.first, last.last)) == ["库”等字", "说清四季的景色😀了", "第三"]
    assert found(doc, span(state, "融"), span(state, "四季")) == ["融", "四季"]


@pytest.mark.parametrize(
    "wrong",
    [
        Span((1, 1), (1, 2)),
        Span((0, 0), (0, 0)),
        Span((2**53 - 1, 2**31 - 1), (2**53 - 1, 2**31 - 1)),
    ],
)
def test_ids_of_nothing_find_nothing_and_change_nothing(doc: Doc, wrong: Span) -> None:
    before = doc.get_update()
    assert locate(doc, [wrong]) == []
    assert doc.get_update() == before


def test_a_span_that_ends_before_it_begins_is_nothing(doc: Doc) -> None:
    state = doc.get_update()
    assert locate(doc, [Span(span(state, "第三").first, span(state, "会").last)]) == []


def test_titles_and_fields_take_no_mark(doc: Doc) -> None:
    assert locate(doc, [span(doc.get_update(), "山行")]) == []


def test_any_numbers_at_all_are_survived(doc: Doc) -> None:
    """Ids are what a stranger sends: of deleted characters, of elements, of marks, of nobody."""
    chance = random.Random(5)
    text, start = text_with(doc, "四季")
    del text[start : start + 6]
    before = doc.get_update()
    clients = [*_clients(doc), 0, 1, 2**32, 2**53 - 1]
    for _round in range(400):
        ids = [(chance.choice(clients), chance.choice([chance.randrange(400), 2**31 - 1])) for _ in range(4)]
        stretches = locate(doc, [Span(ids[0], ids[1]), Span(ids[2], ids[3])])
        assert all(stretch.text for stretch in stretches)
    assert doc.get_update() == before


def _clients(doc: Doc) -> set[int]:
    from realtime.update import read_update

    return read_update(doc.get_update()).clients


def test_several_threads_on_the_same_words_each_keep_their_mark(doc: Doc) -> None:
    state = doc.get_update()
    put_mark(doc, "one", locate(doc, [span(state, "融、浸")]))
    put_mark(doc, "two", locate(doc, [span(state, "浸、库")]))
    assert anchored(doc) == {"one": "融、浸", "two": "浸、库"}


def test_text_inside_belongs_to_the_anchor_and_text_beside_it_does_not(doc: Doc) -> None:
    put_mark(doc, "one", locate(doc, [span(doc.get_update(), "浸、库")]))
    text, start = text_with(doc, "、库")
    text.insert(start, "水", {mark_key("one"): {"id": "one"}})  # as an editor does in the middle of a mark
    text, start = text_with(doc, "会写")
    text.insert(start, "能")
    assert anchored(doc) == {"one": "浸水、库"}


def test_the_anchor_is_gone_with_its_text_alone(doc: Doc) -> None:
    put_mark(doc, "one", locate(doc, [span(doc.get_update(), "浸、库")]))
    text, start = text_with(doc, "浸、")
    del text[start : start + 6]
    assert anchored(doc) == {"one": "库"}
    text, start = text_with(doc, "库")
    del text[start : start + 3]
    assert anchored(doc) == {}


def test_marks_of_comments_are_no_part_of_what_the_plan_says(doc: Doc) -> None:
    before = read(doc)
    put_mark(doc, "one", locate(doc, [span(doc.get_update(), "四季")]))
    assert read(doc) == before
    reconcile(doc, before)
    assert anchored(doc) == {"one": "四季"}


def test_going_back_leaves_anchors_where_they_are_and_brings_lost_ones_back(doc: Doc) -> None:
    put_mark(doc, "one", locate(doc, [span(doc.get_update(), "浸、库")]))
    put_mark(doc, "two", locate(doc, [span(doc.get_update(), "第三")]))
    then = open_state(doc.get_update())
    text, start = text_with(doc, "浸、库")
    del text[start : start + 9]
    put_mark(doc, "three", locate(doc, [span(doc.get_update(), "会写")]))
    assert anchored(doc) == {"three": "会写", "two": "第三"}
    reconcile(doc, read(then))
    copy_marks(then, doc)
    assert anchored(doc) == {"three": "会写", "one": "浸、库", "two": "第三"}


def test_the_section_around_is_known(doc: Doc) -> None:
    [stretch] = locate(doc, [span(doc.get_update(), "浸")])
    assert part_at(doc, stretch.path) == "goals"
