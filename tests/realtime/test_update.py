"""Reading Yjs updates: what pycrdt writes is understood in full, what is no update is refused."""

import contextlib
import random

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import merging
from realtime.protocol import Malformed, read_state_vector, state_vector
from realtime.update import Content, read_update, utf16_length, write_deletes

from .support import add_paragraph, fragment, texts


def random_document(seed: int) -> pycrdt.Doc:
    rng = random.Random(seed)
    docs: list[pycrdt.Doc] = [pycrdt.Doc() for _ in range(3)]
    for step in range(60):
        doc = rng.choice(docs)
        children = fragment(doc).children
        act = rng.random()
        if act < 0.3 or not len(children):
            add_paragraph(doc, f"k{step}", rng.choice(["字", "教案", "a😀b", ""]))
        elif act < 0.4:
            del children[rng.randrange(len(children))]
        elif act < 0.9:
            content = children[rng.randrange(len(children))].children[0]
            content.insert(0, rng.choice(["你", "x", "😀"]), rng.choice([{}, {"bold": {}}]))
        else:
            docs[0].apply_update(doc.get_update())
            doc.apply_update(docs[0].get_update())
    for doc in docs:
        docs[0].apply_update(doc.get_update())
    return docs[0]


@pytest.mark.parametrize("seed", range(12))
def test_the_clocks_read_from_an_update_are_the_documents_own(seed: int) -> None:
    doc = random_document(seed)
    ends: dict[int, int] = {}
    for struct in read_update(doc.get_update()).structs:
        assert struct.clock == ends.get(struct.client, 0), "structs of a client follow one another"
        ends[struct.client] = struct.end
    assert ends == read_state_vector(doc.get_state())


def test_text_counts_utf16_units_as_yjs_does() -> None:
    doc: pycrdt.Doc = pycrdt.Doc()
    add_paragraph(doc, "k", "a你😀")
    [struct] = [
        struct for struct in read_update(doc.get_update()).structs if struct.content == Content.STRING
    ]
    assert (struct.value, struct.length) == ("a你😀", 4)
    assert utf16_length("😀") == 2
    assert utf16_length("你") == 1
    assert utf16_length("a") == 1


def test_a_written_deletion_deletes() -> None:
    doc: pycrdt.Doc = pycrdt.Doc(client_id=7)
    add_paragraph(doc, "k", "甲乙丙")
    [struct] = [
        struct for struct in read_update(doc.get_update()).structs if struct.content == Content.STRING
    ]
    doc.apply_update(write_deletes({7: [(struct.clock + 1, 1)]}))
    assert texts(doc) == ["甲丙"]


@given(st.binary(max_size=200))
def test_any_bytes_are_an_update_or_refused(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        read_update(data)


@given(st.integers(0, 11), st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_update_is_an_update_or_refused(seed: int, place: int, byte: int) -> None:
    data = bytearray(random_document(seed % 3).get_update())
    data[place % len(data)] = byte
    with contextlib.suppress(Malformed):
        read_update(bytes(data))


@pytest.mark.parametrize("seed", range(3))
def test_a_cut_update_is_refused(seed: int) -> None:
    data = random_document(seed).get_update()
    for length in range(0, len(data) - 1, 7):
        with pytest.raises(Malformed):
            read_update(data[:length])


@given(st.dictionaries(st.integers(0, 2**53 - 1), st.integers(0, 2**40), max_size=8))
def test_state_vectors_come_back(clocks: dict[int, int]) -> None:
    assert read_state_vector(state_vector(clocks)) == clocks


@pytest.mark.parametrize("count", [1, 2, 32, 33, 1_100])
def test_updates_joined_in_stages_are_what_pycrdt_makes_of_them_at_once(count: int) -> None:
    rng = random.Random(count)
    docs = [pycrdt.Doc(client_id=client) for client in (1, 2, 3)]
    made: list[bytes] = []
    for doc in docs:
        doc.observe(lambda event: made.append(event.update))
    while len(made) < count:
        content = rng.choice(docs).get("text", type=pycrdt.Text)
        if len(content) > 3 and rng.random() < 0.2:
            del content[1:3]
        else:
            content.insert(rng.randrange(len(content) + 1), rng.choice("abc"))
    updates = made[:count]
    rng.shuffle(updates)
    assert merging.joined(updates) == pycrdt.merge_updates(*updates)


def test_a_single_update_is_joined_too() -> None:
    """It comes out as pycrdt reads it, which is what is checked and stored."""
    with pytest.raises(ValueError, match=r"decode|update|end"):
        merging.joined([b"nonsense"])
