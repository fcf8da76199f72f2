"""The shape of a document: gaps are noticed, and so are characters that nobody deleted and that are gone."""

from typing import Any

import pycrdt
from hypothesis import given
from hypothesis import strategies as st

from realtime.shape import RangeSet, Run, Shape
from realtime.update import Content, read_update

from .support import add_paragraph, fragment


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=20),
    st.integers(0, 60),
    st.integers(1, 20),
)
def test_ranges_behave_like_sets(ranges: list[tuple[int, int]], start: int, length: int) -> None:
    found, plain = RangeSet(), set()
    for low, size in ranges:
        found.add(low, low + size)
        plain |= set(range(low, low + size))
    assert {clock for clock in range(100) if clock in found} == plain
    missing = {clock for low, high in found.missing(start, start + length) for clock in range(low, high)}
    assert missing == set(range(start, start + length)) - plain
    assert found.starts == sorted(found.starts)
    assert len(found.starts) == len(found.ends)


class NeverCopied(list[int]):
    def __getitem__(self, index: Any) -> Any:
        assert not isinstance(index, slice), "a copy for every question makes many ranges quadratic"
        return super().__getitem__(index)


def test_asking_for_what_is_missing_copies_no_ranges() -> None:
    ranges = RangeSet((2 * number, 1) for number in range(1000))
    ranges.starts, ranges.ends = NeverCopied(ranges.starts), NeverCopied(ranges.ends)
    assert list(ranges.missing(500, 505)) == [(501, 502), (503, 504)]


def shape_of(doc: pycrdt.Doc) -> Shape:
    shape = Shape()
    shape.add(read_update(doc.get_update()))
    return shape


def change(doc: pycrdt.Doc, fn: object) -> bytes:
    before = doc.get_state()
    fn(doc)  # type: ignore[operator]
    return doc.get_update(before)


def test_an_update_without_its_predecessor_is_a_gap() -> None:
    doc: pycrdt.Doc = pycrdt.Doc()
    first = change(doc, lambda doc: add_paragraph(doc, "a", "甲"))
    second = change(doc, lambda doc: add_paragraph(doc, "b", "乙"))
    shape = Shape()
    assert shape.examine(read_update(second)).lacking
    assert not shape.examine(read_update(first)).lacking
    shape.add(read_update(first))
    assert not shape.examine(read_update(second)).lacking


def test_an_update_on_unknown_neighbours_or_deleting_the_unknown_is_a_gap() -> None:
    theirs: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(theirs, "a", "甲乙")
    mine: pycrdt.Doc = pycrdt.Doc()
    mine.apply_update(theirs.get_update())
    typed = change(mine, lambda doc: fragment(doc).children[0].children[0].insert(3, "丙", {}))
    assert Shape().examine(read_update(typed)).lacking
    removal: list[bytes] = []
    theirs.observe(lambda event: removal.append(event.update))
    del fragment(theirs).children[0]
    assert Shape().examine(read_update(removal[-1])).lacking


def test_what_is_known_already_is_held() -> None:
    doc: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(doc, "a", "甲乙")
    shape = shape_of(doc)
    assert shape.holds(read_update(doc.get_update()))
    add_paragraph(doc, "b", "丙")
    assert not shape.holds(read_update(doc.get_update()))


def test_characters_in_a_removed_block_are_reported_and_only_those() -> None:
    base: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(base, "a", "甲乙")
    typist, remover = pycrdt.Doc(client_id=20), pycrdt.Doc(client_id=30)
    for doc in (typist, remover):
        doc.apply_update(base.get_update())
    typed = change(typist, lambda doc: fragment(doc).children[0].children[0].insert(3, "丙", {}))
    removals: list[bytes] = []
    remover.observe(lambda event: removals.append(event.update))
    del fragment(remover).children[0]
    [struct] = [struct for struct in read_update(typed).structs if struct.content == Content.STRING]
    lost = Run(20, struct.clock, 1)

    seen_first = shape_of(base)
    assert seen_first.add(read_update(typed)) == []
    assert seen_first.add(read_update(removals[-1])) == [lost]

    removed_first = shape_of(base)
    assert removed_first.add(read_update(removals[-1])) == []
    assert removed_first.add(read_update(typed)) == [lost]


def test_a_removal_that_saw_everything_loses_nothing() -> None:
    doc: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(doc, "a", "甲乙")
    shape = shape_of(doc)
    removals: list[bytes] = []
    doc.observe(lambda event: removals.append(event.update))
    del fragment(doc).children[0]
    assert shape.add(read_update(removals[-1])) == []


def test_long_typing_is_one_run() -> None:
    doc: pycrdt.Doc = pycrdt.Doc(client_id=9)
    paragraph = add_paragraph(doc, "a", "")
    shape = shape_of(doc)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for index in range(200):
        paragraph.children[0].insert(index, "x", {})
    for update in updates:
        shape.add(read_update(update))
    assert len(shape._runs[9].starts) <= 6
    assert shape.clocks[9] == doc_clock(doc, 9)


def doc_clock(doc: pycrdt.Doc, client: int) -> int:
    from realtime.protocol import read_state_vector

    return read_state_vector(doc.get_state())[client]
