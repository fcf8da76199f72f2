"""Characters that nobody deleted come back, however late they arrive and whatever arrives with them."""

import asyncio
from typing import Any

import pycrdt
import pytest

from realtime import limits, rooms, store
from realtime.rescue import characters
from realtime.shape import Run

from .support import Client, NoteKind, User, add_paragraph, fragment, texts
from .test_rooms import joined, paragraph, removed, stored_texts, two_writers, typed

pytestmark = pytest.mark.usefixtures("live")


@pytest.fixture
def way_in() -> str:
    return "consumer"  # what happens to an edit is the same whichever way it came


def test_neighbouring_runs_are_one_stretch_of_text() -> None:
    doc: pycrdt.Doc = pycrdt.Doc(client_id=9)
    add_paragraph(doc, "a", "甲乙丙")
    start = 3  # after the paragraph, its id and its text
    runs = [Run(9, start + number, 1) for number in range(3)]
    assert characters(doc.get_update(), runs) == [(Run(9, start, 3), "甲乙丙")]


async def lines(kind: NoteKind, *paragraphs: str) -> tuple[str, Client, Client]:
    """Two writers in a document of the seed and these paragraphs."""
    document, anna, bo = await two_writers(kind)
    for number, text in enumerate(paragraphs):
        await anna.edit(paragraph(f"p{number}", text))
    await bo.until(lambda: len(texts(bo.doc)) == 1 + len(paragraphs))
    return document, anna, bo


async def shown(client: Client, expected: list[str]) -> None:
    await client.until(lambda: texts(client.doc) == expected)


async def back_on_line(user: int, client: Client, document: str) -> Client:
    back = Client(User(user), document)
    back.doc = client.doc
    return await back.open()


@pytest.mark.parametrize("restarted", [False, True])
async def test_late_text_comes_back_although_the_same_update_removes_another_block(
    kind: NoteKind, restarted: bool
) -> None:
    document, anna, bo = await lines(kind, "一段", "二段", "三段")
    await bo.leave()
    bo.make(typed(2, 2, "我正在写"))
    bo.make(removed(3))
    await anna.edit(removed(2))
    await anna.saved()
    if restarted:
        await rooms.drain()
    back = await back_on_line(2, bo, document)
    await shown(back, ["种子", "一段", "我正在写"])
    await back.saved()
    assert await stored_texts(document) == ["种子", "一段", "我正在写"]


async def test_late_text_comes_back_from_blocks_that_went_one_after_the_other(kind: NoteKind) -> None:
    _, anna, bo = await lines(kind, "一段", "二段", "三段", "四段")
    writing = [bo.make(typed(2, 2, "甲")), bo.make(typed(3, 2, "乙"))]
    await anna.edit(removed(2))
    await anna.saved()
    await anna.edit(removed(2))
    await anna.saved()
    await bo.send_update(pycrdt.merge_updates(*writing))
    await shown(anna, ["种子", "一段", "甲", "乙", "四段"])


@pytest.mark.parametrize("restarted", [False, True])
async def test_text_written_offline_comes_back_from_every_block_removed_meanwhile(
    kind: NoteKind, restarted: bool
) -> None:
    document, anna, bo = await lines(kind, *(f"第{number}段" for number in range(12)))
    await bo.leave()
    for number in range(1, 11):
        bo.make(typed(number, 3, f"（{number}）"))
    for _ in range(10):
        await anna.edit(removed(1))
        await anna.saved()
    if restarted:
        await rooms.drain()
        await asyncio.to_thread(store.compact, document)
    back = await back_on_line(2, bo, document)
    expected = ["种子", *(f"（{number}）" for number in range(1, 11)), "第10段", "第11段"]
    await shown(back, expected)
    await back.saved()
    assert await stored_texts(document) == expected


@pytest.fixture
def without_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the room itself remembers has to do."""
    monkeypatch.setattr(limits, "LOOKS_BACK_PER_CONNECTION", 0)


@pytest.mark.usefixtures("without_history")
async def test_letters_typed_into_a_removed_block_come_back_as_one_paragraph(kind: NoteKind) -> None:
    _, anna, bo = await lines(kind, "一段", "二段", "三段")
    letters = [bo.make(typed(2, 2 + offset, letter)) for offset, letter in enumerate("我正在写")]
    await anna.edit(removed(2))
    await anna.saved()
    for letter in letters:
        await bo.send_update(letter)
        await bo.saved()
    await shown(anna, ["种子", "一段", "我正在写", "三段"])
    [paragraph_back] = [
        child for child in fragment(anna.doc).children if str(child.children[0]) == "我正在写"
    ]
    assert paragraph_back.attributes["id"] not in ("", None, "p1")


@pytest.mark.usefixtures("without_history")
async def test_late_text_finds_its_place_although_its_author_wrote_elsewhere_before(kind: NoteKind) -> None:
    _, anna, bo = await lines(kind, "春天来了，", "树木抽出枝条。")
    elsewhere, late = bo.make(typed(0, 2, "！")), bo.make(typed(2, 4, "新的"))
    await anna.edit(joined(2))
    await anna.saved()
    await bo.send_update(elsewhere)
    await bo.saved()
    await bo.send_update(late)
    await shown(anna, ["种子！", "春天来了，树木抽出新的枝条。"])


async def test_late_text_finds_its_place_although_its_author_deleted_beside_it(kind: NoteKind) -> None:
    _, anna, bo = await lines(kind, "春天来了，", "树木抽出枝条。")

    def replace(doc: pycrdt.Doc) -> None:
        content = fragment(doc).children[2].children[0]
        content.insert(len("树木抽出".encode()), "新的", {})
        del content[len("树木".encode()) : len("树木抽".encode())]

    mine = bo.make(replace)
    await anna.edit(joined(2))
    await anna.saved()
    await bo.send_update(mine)
    await shown(anna, ["种子", "春天来了，树木抽出新的枝条。"])


async def test_late_text_goes_behind_the_break_of_the_line_where_it_stood(kind: NoteKind) -> None:
    _, anna, bo = await lines(kind, "一段", "二段")

    def with_break(doc: pycrdt.Doc) -> None:
        block = add_paragraph(doc, "broken", "上一行")
        block.children.append(pycrdt.XmlElement("hardBreak"))
        rest = pycrdt.XmlText()
        block.children.append(rest)
        rest.insert(0, "下一行", {})

    await anna.edit(with_break)
    await bo.until(lambda: len(fragment(bo.doc).children) == 4)
    mine = bo.make(lambda doc: fragment(doc).children[3].children[2].insert(len("下一".encode()), "两", {}))

    def made_anew(doc: pycrdt.Doc) -> None:
        del fragment(doc).children[3]
        with_break(doc)

    await anna.edit(made_anew)
    await anna.saved()
    await bo.send_update(mine)
    await anna.until(lambda: str(fragment(anna.doc).children[3].children[2]) == "下一两行")


async def test_a_step_two_that_repeats_what_a_removal_took_along_deletes_no_copy(kind: NoteKind) -> None:
    document, anna, bo = await lines(kind, "一段")
    typing = anna.make(typed(1, 2, "乙"))
    await bo.edit(removed(1))
    await bo.saved()
    await anna.send_update(typing)
    await shown(bo, ["种子", "乙"])
    await bo.leave()
    bo.make(paragraph("later", "后来"))
    # what bo holds names the lost character as deleted: it came in after the removal
    back = await back_on_line(2, bo, document)
    await back.saved()
    assert sorted(await stored_texts(document)) == sorted(["种子", "乙", "后来"])


async def test_text_for_a_container_that_the_server_only_remembers_as_gone_comes_back(kind: NoteKind) -> None:
    document, anna, bo = await lines(kind, "")
    await bo.leave()
    bo.make(typed(1, 0, "第一个字"))

    def new_text_container(doc: pycrdt.Doc) -> None:
        block: Any = fragment(doc).children[1]
        del block.children[0]
        block.children.append(pycrdt.XmlText())

    await anna.edit(new_text_container)
    await anna.saved()
    await anna.leave()
    await rooms.drain()
    await asyncio.to_thread(store.compact, document)
    back = await back_on_line(2, bo, document)
    await shown(back, ["种子", "第一个字"])
    assert back.closed is None
