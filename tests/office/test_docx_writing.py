"""Nodes as a Word document, read again with python-docx: nothing lost, tables whole, the numbers the editor shows."""

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foundation.office.docx.writing import Look, Page, TableLook, write
from foundation.office.docx.writing.grid import MOST_COLUMNS, lay_out, widths

Node = dict[str, Any]


def text(words: str, *marks: str, **link: str) -> Node:
    listed = [{"type": mark} for mark in marks] + ([{"type": "link", "attrs": link}] if link else [])
    return {"type": "text", "text": words, **({"marks": listed} if listed else {})}


def paragraph(*inline: Node | str, **attrs: Any) -> Node:
    content = [text(each) if isinstance(each, str) else each for each in inline]
    return {"type": "paragraph", "attrs": attrs, "content": content}


def cell(*blocks: Node | str, head: bool = False, **attrs: Any) -> Node:
    content = [paragraph(each) if isinstance(each, str) else each for each in blocks]
    return {
        "type": "tableHeader" if head else "tableCell",
        "attrs": attrs,
        "content": content or [paragraph()],
    }


def row(*cells: Node | str, head: bool = False) -> Node:
    listed = [cell(each, head=head) if isinstance(each, str) else each for each in cells]
    return {"type": "tableRow", "content": listed}


def table(*rows: Node, **attrs: Any) -> Node:
    return {"type": "table", "attrs": attrs, "content": list(rows)}


def written(*nodes: Node, look: Look | None = None, pictures: Any = lambda file: None) -> Any:
    return docx.Document(io.BytesIO(write(nodes, look=look or Look(), pictures=pictures)))


def lines(document: Any) -> list[str]:
    return [each.text for each in document.paragraphs]


def picture(width: int = 40, height: int = 20, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(stream, kind)
    return stream.getvalue()


# ---- the page -----------------------------------------------------------------------------------------
def test_the_page_is_a4_with_chinese_fonts_and_page_numbers() -> None:
    document = written(paragraph("山行"), look=Look(title="山行", author="李老师", foot="青山小学 · 李老师"))
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (
        pytest.approx(210, abs=0.1),
        pytest.approx(297, abs=0.1),
    )
    fonts = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:rFonts')}")
    assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == ("宋体", "Times New Roman")
    heading = document.styles["heading 1"].element.find(f".//{qn('w:rFonts')}")
    assert heading.get(qn("w:eastAsia")) == "黑体"
    foot = section.footer._element.xml
    assert "青山小学 · 李老师" in foot and " PAGE " in foot and " NUMPAGES " in foot
    assert (document.core_properties.title, document.core_properties.author) == ("山行", "李老师")


def test_quotes_between_chinese_words_are_chinese() -> None:
    document = written(paragraph("读“山行”"), paragraph("plain"))
    first, second = document.paragraphs
    assert first.runs[0]._element.rPr.rFonts.get(qn("w:hint")) == "eastAsia"
    assert second.runs[0]._element.rPr is None


# ---- text ---------------------------------------------------------------------------------------------
def test_marks_come_as_words_own_formatting() -> None:
    document = written(
        paragraph(
            text("粗", "bold"),
            text("斜", "italic"),
            text("线", "underline"),
            text("删", "strike"),
            text("上", "superscript"),
            text("下", "subscript"),
            text("亮", "highlight"),
        )
    )
    fonts = {run.text: run.font for run in document.paragraphs[0].runs}
    assert fonts["粗"].bold and fonts["斜"].italic and fonts["线"].underline and fonts["删"].strike
    assert fonts["上"].superscript and fonts["下"].subscript and fonts["亮"].highlight_color


def test_links_of_the_web_are_links_and_others_only_words() -> None:
    document = written(
        paragraph(text("网页", href="https://example.org/?a=1&b=2")),
        paragraph(text("脚本", href="javascript:alert(1)")),
    )
    assert [link.address for link in document.paragraphs[0].hyperlinks] == ["https://example.org/?a=1&b=2"]
    assert document.paragraphs[1].hyperlinks == [] and lines(document)[1] == "脚本"


def test_characters_that_xml_cannot_hold_are_left_out_and_nothing_else() -> None:
    document = written(paragraph("a\x00b\x0bc\ud800d\ufffe & <w:t> {{x}} {%"), paragraph("一\t二\n三"))
    assert lines(document) == ["abcd & <w:t> {{x}} {%", "一\t二\n三"]


def test_a_block_nobody_knows_gives_what_stands_in_it() -> None:
    unknown = {
        "type": "variant",
        "attrs": {"side": "town"},
        "content": [paragraph("城镇班"), table(row("甲"))],
    }
    document = written(unknown)
    assert lines(document)[0] == "城镇班"
    assert document.tables[0].cell(0, 0).text == "甲"


# ---- lists --------------------------------------------------------------------------------------------
def numbers(document: Any) -> list[str]:
    """What Word shows before each line: by its own rules, from the definitions in the file."""
    root = document.part.numbering_part.element
    abstract = {each.get(qn("w:abstractNumId")): each for each in root.findall(qn("w:abstractNum"))}
    nums = {each.get(qn("w:numId")): each for each in root.findall(qn("w:num"))}
    counts: dict[str, list[int]] = {}  # -1: not begun
    shown = []
    for line in document.element.body.iter(qn("w:p")):
        place = line.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if place is None:
            shown.append("")
            continue
        num = nums[place.find(qn("w:numId")).get(qn("w:val"))]
        level = int(place.find(qn("w:ilvl")).get(qn("w:val")))
        levels = abstract[num.find(qn("w:abstractNumId")).get(qn("w:val"))].findall(qn("w:lvl"))
        starts = [int(each.get(qn("w:val"))) for each in num.iter(qn("w:startOverride"))] or [1] * 9
        count = counts.setdefault(num.get(qn("w:numId")), [-1] * 9)
        count[level] = starts[level] if count[level] < 0 else count[level] + 1
        count[level + 1 :] = [min(each, 0) for each in count[level + 1 :]]
        form = levels[level].find(qn("w:numFmt")).get(qn("w:val"))
        text_of_level = levels[level].find(qn("w:lvlText")).get(qn("w:val"))
        number = count[level]
        said = {
            "decimal": str(number),
            "lowerLetter": chr(96 + number),
            "bullet": "",
            "chineseCountingThousand": "〇一二三四五"[number],
        }
        shown.append(text_of_level.replace(f"%{level + 1}", said[form]))
    return shown


def test_numbers_are_those_that_the_editor_shows() -> None:
    document = written(
        paragraph("一", kind="ordered"),
        paragraph("一之一", kind="ordered", level=1),
        paragraph("一之二", kind="ordered", level=1),
        paragraph("二", kind="ordered"),
        paragraph("二之一", kind="ordered", level=1),
        paragraph("正文"),
        paragraph("又一", kind="ordered"),
        paragraph("点", kind="bullet"),
        paragraph("再一", kind="ordered"),
        paragraph("深", kind="ordered", level=2),
    )
    assert numbers(document) == ["1.", "(1)", "(2)", "2.", "(1)", "", "1.", "•", "1.", "a."]


def test_a_list_in_a_cell_begins_with_one_and_the_list_after_the_table_too() -> None:
    document = written(
        paragraph("甲", kind="ordered"),
        table(
            row(
                cell(paragraph("格一", kind="ordered"), paragraph("格二", kind="ordered")),
                cell(paragraph("邻", kind="ordered")),
            )
        ),
        paragraph("乙", kind="ordered"),
    )
    assert numbers(document) == ["1.", "1.", "2.", "1.", "1."]


def test_tasks_show_their_boxes_and_sections_chinese_numbers() -> None:
    document = written(
        paragraph("教学目标", kind="section"),
        paragraph("备好", kind="task", checked=True),
        paragraph("没备", kind="task"),
        paragraph("教学重点", kind="section"),
    )
    assert numbers(document) == ["一、", "☑", "☐", "二、"]
    assert [each.style.style_id for each in document.paragraphs] == [
        "Heading1",
        "Normal",
        "Normal",
        "Heading1",
    ]


# ---- tables -------------------------------------------------------------------------------------------
def test_merged_cells_come_whole_both_ways() -> None:
    document = written(
        table(row(cell("甲", colspan=2), cell("乙", rowspan=2)), row("丙", "丁"), row("戊", "己", "庚"))
    )
    found = document.tables[0]
    assert [[each.text for each in line.cells] for line in found.rows] == [
        ["甲", "甲", "乙"],
        ["丙", "丁", "乙"],
        ["戊", "己", "庚"],
    ]


def test_widths_are_the_editors_and_fill_the_page_exactly() -> None:
    document = written(table(row(cell("窄", colwidth=[100]), cell("宽", colwidth=[300]))))
    grid = [int(each.get(qn("w:w"))) for each in document.tables[0]._element.iter(qn("w:gridCol"))]
    assert sum(grid) == Page().room
    assert grid[1] / grid[0] == pytest.approx(3, rel=0.15)
    properties = document.tables[0]._element.tblPr
    assert properties.find(qn("w:tblLayout")).get(qn("w:type")) == "fixed"
    assert properties.find(qn("w:tblW")).get(qn("w:type")) == "dxa"


def test_leading_rows_of_heads_stand_on_every_page_and_short_rows_stay_whole() -> None:
    document = written(
        table(row("环节", "教师活动", head=True), row("导入新课", "出示图片"), row("新课教学", "长" * 3000))
    )
    rows = document.tables[0]._element.findall(qn("w:tr"))
    heads = [each.find(f".//{qn('w:tblHeader')}") is not None for each in rows]
    whole = [each.find(f".//{qn('w:cantSplit')}") is not None for each in rows]
    assert heads == [True, False, False]
    assert whole == [True, True, False]


def test_a_head_that_reaches_below_the_heads_is_not_torn_apart() -> None:
    document = written(
        table(
            row(cell("活动", head=True, rowspan=2), cell("时间", head=True)),
            row(cell("5", head=False)),
            row("a", "b"),
        )
    )
    assert not list(document.element.body.iter(qn("w:tblHeader")))


def test_the_blank_column_is_empty_on_every_row() -> None:
    look = Look(tables={"process": TableLook(shares=(1, 2, 1), blank_column="复备栏")})
    document = written(
        table(row("环节", "活动", head=True), row(cell("导入", rowspan=2), "甲"), row("乙"), kind="process"),
        look=look,
    )
    last = [line.cells[-1].text for line in document.tables[0].rows]
    assert last == ["复备栏", "", ""]
    assert [line.cells[0].text for line in document.tables[0].rows] == ["环节", "导入", "导入"]


def test_tables_in_tables_end_with_a_paragraph_and_do_not_run_together() -> None:
    inner = table(row("里一", "里二"))
    document = written(table(row(cell("外", inner), "右")), table(row("第二张表")))
    outer = document.tables[0].cell(0, 0)
    assert [each.text for each in outer.tables[0].rows[0].cells] == ["里一", "里二"]
    for each in document.element.body.iter(qn("w:tc")):
        assert each[-1].tag == qn("w:p")
    assert len(document.tables) == 2
    assert document.element.body[-2].tag == qn("w:p")


def test_tables_nested_too_deep_for_word_keep_every_word() -> None:
    node = paragraph("最里面")
    for depth in range(60):
        node = table(row(cell(f"第{depth}层", node)))
    found = "".join(each.text or "" for each in written(node).element.body.iter(qn("w:t")))
    assert "最里面" in found and all(f"第{depth}层" in found for depth in range(60))


def test_a_table_of_a_hundred_columns_keeps_every_word() -> None:
    document = written(table(row(*[f"第{number}格" for number in range(100)])))
    found = "".join(each.text or "" for each in document.element.body.iter(qn("w:t")))
    assert all(f"第{number}格" in found for number in range(100))
    assert len(list(document.element.body.iter(qn("w:gridCol")))) == MOST_COLUMNS


@pytest.mark.parametrize(
    "broken",
    [table(), table(row()), table(row("甲"), row()), table(row(cell("甲", colspan=1000, rowspan=65534)))],
)
def test_a_table_that_is_none_makes_no_broken_document(broken: Node) -> None:
    document = written(broken, paragraph("后面"))
    assert "后面" in lines(document)
    for line in document.element.body.iter(qn("w:tr")):
        assert line.findall(qn("w:tc"))


CELLS = st.builds(
    lambda columns, rows: cell("格", colspan=columns, rowspan=rows), st.integers(1, 4), st.integers(1, 4)
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=6), st.integers(1, 9_000))
def test_every_row_of_any_table_fills_the_grid_and_the_widths_the_room(
    rows: list[list[Node]], room: int
) -> None:
    grid = lay_out(table(*[{"type": "tableRow", "content": cells} for cells in rows]))
    for line in grid.rows:
        assert [place.column for place in line] == [
            sum(each.columns for each in line[:index]) for index in range(len(line))
        ]
        assert sum(place.columns for place in line) == grid.columns
    columns = widths(grid, room)
    assert sum(columns) == room and all(width >= 0 for width in columns)
    shown = [place for line in grid.rows for place in line if place.cell is not None]
    assert len(shown) == sum(len(cells) for cells in rows)


def test_a_very_long_table_is_written_quickly_and_whole() -> None:
    document = written(table(*[row(*["格子"] * 8) for _row in range(500)]))
    assert len(document.tables[0].rows) == 500


# ---- pictures -----------------------------------------------------------------------------------------
def image(**attrs: Any) -> Node:
    return {"type": "image", "attrs": {"file": "a", **attrs}}


def test_a_picture_has_its_size_and_its_words() -> None:
    document = written(image(width=96, height=48, alt="黑板 & “粉笔”"), pictures=lambda file: picture())
    [shape] = document.inline_shapes
    assert (shape.width.inches, shape.height.inches) == (pytest.approx(1), pytest.approx(0.5))
    assert shape._inline.docPr.get("descr") == "黑板 & “粉笔”"


def test_a_huge_picture_fits_its_cell_and_is_stored_once() -> None:
    big = picture(3000, 6000)
    document = written(table(row(cell(image()), cell(image()))), pictures=lambda file: big)
    sizes = [
        (int(each.get("cx")), int(each.get("cy"))) for each in document.element.body.iter(qn("wp:extent"))
    ]
    room = Page().room // 2 * 635
    assert all(wide <= room and high == pytest.approx(2 * wide, rel=0.01) for wide, high in sizes)
    assert len(document.part.package.image_parts) == 1


def test_a_kind_that_word_does_not_know_becomes_png() -> None:
    document = written(image(), pictures=lambda file: picture(kind="WEBP"))
    assert [each.content_type for each in document.part.package.image_parts] == ["image/png"]


@pytest.mark.parametrize("content", [None, b"", b"no picture", picture()[:60]])
def test_a_picture_that_is_not_there_leaves_its_words(content: bytes | None) -> None:
    document = written(image(alt="折纸"), paragraph("后面"), pictures=lambda file: content)
    assert lines(document) == ["［折纸］", "后面"]
    assert len(document.inline_shapes) == 0
