"""A plan drawn by the server: every kind of block, and nothing of what was written as markup."""

from lessons.reviewing.drawing import draw


def text(words: str, *marks: str, **link: str) -> dict:
    found = [{"type": name} for name in marks] + [{"type": "link", "attrs": link}] * bool(link)
    return {"type": "text", "text": words, **({"marks": found} if found else {})}


def paragraph(*content: dict, **attributes: object) -> dict:
    return {"type": "paragraph", "attrs": attributes, "content": list(content)}


def section(*blocks: dict, title: str = "教学目标") -> dict:
    return {"type": "section", "attrs": {"key": "goals", "title": title}, "content": list(blocks)}


def drawn(*blocks: dict) -> str:
    return draw({"type": "doc", "content": [section(*blocks)]})


def test_the_head_and_the_sections() -> None:
    field = {"type": "headerField", "attrs": {"key": "title", "label": "课题"}, "content": [text("山行")]}
    html = draw(
        {
            "type": "doc",
            "content": [{"type": "header", "content": [field]}, section(), paragraph(text("散的"))],
        }
    )
    assert '<div class="field-cell" data-key="title"><span class="field-label">课题</span>' in html
    assert '<span class="field-text">山行</span>' in html
    assert '<section class="sec" data-key="goals"><div class="sec-h"><h2>教学目标</h2></div>' in html
    assert '<section><div class="sec-body"><p>散的</p></div></section>' in html


def test_lines_with_their_kinds_and_marks() -> None:
    assert drawn(paragraph(text("重", "bold", "underline"), {"type": "hardBreak"}, text("点"))).endswith(
        '<div class="sec-body"><p><u><strong>重</strong></u><br>点</p></div></section>'
    )
    line = drawn(paragraph(text("做"), kind="task", level=2, checked=True, align="center"))
    assert '<p data-kind="task" data-level="2" data-checked="" style="text-align: center">做</p>' in line
    assert 'data-kind="heading" role="heading" aria-level="3"' in drawn(paragraph(text("一"), kind="heading"))


def test_nothing_that_was_written_becomes_markup() -> None:
    html = draw(
        {
            "type": "doc",
            "content": [
                section(
                    paragraph(text("<b>"), align="left; color: red"),
                    paragraph(text("点我", href="javascript:alert(1)")),
                    paragraph(text("网址", href='https://x.test/"><script>')),
                    {"type": "image", "attrs": {"file": '../"x', "alt": '"><script>', "width": 9}},
                    {"type": "variant", "attrs": {"side": '"><i>', "label": "<i>"}, "content": [paragraph()]},
                    title="<h1>",
                )
            ],
        }
    )
    assert "<script" not in html
    assert "<i>" not in html
    assert "<h1>" not in html
    assert "&lt;b&gt;" in html
    assert "color: red" not in html
    assert "javascript:" not in html
    assert html.count("<a ") == 1
    assert 'src="/files/..%2F%22x/"' in html


def test_a_table_with_joined_cells_and_the_names_of_its_columns() -> None:
    def cell(words: str, kind: str = "tableCell", **attributes: object) -> dict:
        return {"type": kind, "attrs": attributes, "content": [paragraph(text(words))]}

    def row(*cells: dict) -> dict:
        return {"type": "tableRow", "content": list(cells)}

    html = drawn(
        {
            "type": "table",
            "attrs": {"kind": "process"},
            "content": [
                row(
                    cell("环节", "tableHeader"), cell("教师活动", "tableHeader"), cell("分钟", "tableHeader")
                ),
                row(cell("导入", rowspan=2), cell("提问", colspan=2)),
            ],
        }
    )
    assert '<table data-kind="process"><colgroup><col><col><col></colgroup>' in html
    assert '<th data-label="教师活动" data-part="activity"><p>教师活动</p></th>' in html
    assert '<td rowspan="2" data-label="环节" data-part="step"><p>导入</p></td>' in html
    assert '<td colspan="2" data-label="教师活动" data-part="minutes"><p>提问</p></td>' in html


def test_a_way_for_one_kind_of_class_and_a_block_nobody_knows_yet() -> None:
    village = {
        "type": "variant",
        "attrs": {"side": "village", "label": "青山小学 11 人"},
        "content": [paragraph(text("捡树叶"))],
    }
    html = drawn(village, {"type": "newer", "content": [paragraph(text("也看得到"))]})
    assert 'data-side="village" role="group" aria-label="乡村班 · 青山小学 11 人"' in html
    assert "<p>捡树叶</p>" in html
    assert "<p>也看得到</p>" in html
