"""Two texts of a part beside each other, as HTML."""

from lessons.document import Node
from lessons.lineage.parts import parts_of
from lessons.lineage.rendering import Renderer, own_text
from tests.lessons.lineage.edits import changed, key_of, plan_text, row_keys, say, say_in_row, section


def drawn(document: Node, key: str, before: Node | None = None, beside: Node | None = None) -> str:
    old = parts_of(before)[key].node if before else None
    other = parts_of(beside)[key].node if beside else None
    return Renderer().part(parts_of(document)[key].node, old, other)


def with_block(document: Node, key: str, block: Node) -> Node:
    return changed(document, lambda copy: section(copy, key)["content"].append(block))


def test_what_was_written_and_deleted_is_marked_and_what_people_wrote_is_escaped() -> None:
    before, after = plan_text(), say(plan_text(), "board", "<b>雪</b>")
    key = key_of(before, "board")
    assert "<p>冬：雪花飞舞<ins>&lt;b&gt;雪&lt;/b&gt;</ins></p>" in drawn(after, key, before)
    assert "<p>冬：雪花飞舞<del>&lt;b&gt;雪&lt;/b&gt;</del></p>" in drawn(before, key, after)
    assert "<del>" not in own_text().part(parts_of(before)[key].node, parts_of(after)[key].node)


def test_what_reads_the_same_on_both_sides_is_left_out() -> None:
    before, after = plan_text(), say(plan_text(), "board", "，松鼠")
    key, row = key_of(before, "board"), row_keys(before)[0]
    assert "（1 段一样）" in drawn(after, key, before, before)
    assert "春：树木抽枝" not in drawn(after, key, before, before)
    text = drawn(say_in_row(before, row, "，摸叶子"), row, before, before)
    assert "教师活动" in text
    assert "学生活动" not in text


def test_tables_pictures_marks_and_ways_of_town_and_village() -> None:
    bold = {"type": "text", "text": "红于", "marks": [{"type": "bold"}, {"type": "highlight"}]}
    line = {"type": "paragraph", "attrs": {"id": "p1"}, "content": [bold, {"type": "hardBreak"}]}
    cell = {"type": "tableCell", "content": [line]}
    table = {"type": "table", "attrs": {"id": "t"}, "content": [{"type": "tableRow", "content": [cell]}]}
    image = {
        "type": "image",
        "attrs": {"id": "i", "file": "00000000-0000-0000-0000-000000000001", "alt": '"x'},
    }
    village = {"type": "variant", "attrs": {"id": "v", "side": "village"}, "content": [line]}
    before = plan_text()
    key, after = key_of(before, "board"), before
    for block in (table, image, village, {**image, "attrs": {"id": "j", "file": "no id"}}):
        after = with_block(after, "board", block)
    text = drawn(after, key, before)
    assert '<tr class="row-written">' in text
    assert "<mark><strong>红于</strong></mark>" in text
    assert 'src="/files/00000000-0000-0000-0000-000000000001/" alt="&quot;x"' in text
    assert "（图片打不开）" in text
    assert '<i class="dot-village" aria-hidden="true"></i>乡村' in text
    assert '<tr class="row-deleted">' in drawn(before, key, after)
    assert "picture-deleted" in drawn(before, key, after)
    assert drawn(after, key) == drawn(after, key, after)
