"""Word files of many shapes: what is in them comes in cell for cell, or is listed, or the file is refused."""

import io
import json
import zipfile
from typing import Any

import mammoth
import pytest

from foundation.office import soffice
from foundation.office.docx import guarded
from foundation.office.docx.reading import package, pictures, read
from foundation.office.message import Refused
from tests.support import docx_files as make
from tests.support.docx_expected import bare, differences, own_text, plain, walk


def reading(content: bytes) -> tuple[dict[str, Any], list[dict[str, str]]]:
    document, left_out = read(content)
    return document, [each.said() for each in left_out]


def as_expected(content: bytes, **expected: Any) -> list[dict[str, str]]:
    document, left_out = reading(content)
    assert differences(document, left_out, expected) == []
    return left_out


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as raised:
        read(content)
    reason = str(raised.value)
    assert "\n" not in reason and reason.endswith("。")
    return reason


# ---- tables ------------------------------------------------------------------------------------------------
def test_merged_cells_in_both_directions() -> None:
    content = make.docx(
        make.table(
            make.row(make.cell("横", span=2), make.cell("高", merge="restart")),
            make.row("左", "中", make.cell(merge="continue")),
            make.row(make.cell("下", span=3)),
            columns=3,
        )
    )
    cells = make.cells(
        (0, 0, 1, 2, "横"), (0, 2, 2, 1, "高"), (1, 0, 1, 1, "左"), (1, 1, 1, 1, "中"), (2, 0, 1, 3, "下")
    )
    assert as_expected(content, tables=[{"rows": 3, "cols": 3, "cells": cells}]) == []


def test_tables_within_tables_and_the_lines_around_them() -> None:
    inner = make.table(
        make.row(make.cell("字", merge="restart"), "词"), make.row(make.cell(merge="continue"), "句")
    )
    content = make.docx(
        make.table(make.row("内容", make.cell("前", inner, "后")), make.row("作业", make.cell(inner)))
    )
    nested = {
        "rows": 2,
        "cols": 2,
        "cells": make.cells((0, 0, 2, 1, "字"), (0, 1, 1, 1, "词"), (1, 1, 1, 1, "句")),
    }
    cells = make.cells((0, 0, 1, 1, "内容"), (0, 1, 1, 1, "前\n后"), (1, 0, 1, 1, "作业"), (1, 1, 1, 1, ""))
    cells[1]["tables"] = cells[3]["tables"] = [nested]
    as_expected(content, tables=[{"rows": 2, "cols": 2, "cells": cells}])


def test_rows_that_begin_later_and_end_earlier_and_old_horizontal_merges() -> None:
    merged = ['<w:hMerge w:val="restart"/>', "<w:hMerge/>"]
    content = make.docx(
        make.table(
            make.row("一", "二", "三"),
            make.row("右", properties='<w:gridBefore w:val="2"/>'),
            make.row("左", properties='<w:gridAfter w:val="2"/>'),
            make.row(make.cell("并", properties=merged[0]), make.cell(properties=merged[1]), "尾"),
        )
    )
    cells = make.cells(
        (0, 0, 1, 1, "一"), (0, 1, 1, 1, "二"), (0, 2, 1, 1, "三"),
        (1, 0, 1, 2, ""), (1, 2, 1, 1, "右"),
        (2, 0, 1, 1, "左"), (2, 1, 1, 2, ""),
        (3, 0, 1, 2, "并"), (3, 2, 1, 1, "尾"),
    )  # fmt: skip
    as_expected(content, tables=[{"rows": 4, "cols": 3, "cells": cells}])


def test_columns_and_rows_in_which_nothing_begins_are_taken_out_of_the_spans() -> None:
    content = make.docx(
        make.table(
            make.row(make.cell("巨", span=2_000_000_000, merge="restart")),
            make.row(make.cell(span=2_000_000_000, merge="continue")),
            make.row(make.cell("小", span=3)),
        )
    )
    cells = make.cells((0, 0, 1, 2, "巨"), (1, 0, 1, 1, "小"), (1, 1, 1, 1, ""))
    as_expected(content, tables=[{"rows": 2, "cols": 2, "cells": cells}])


def test_wrappers_around_rows_cells_and_runs_are_opened() -> None:
    sdt = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>"
    second = f'<w:customXml w:element="y">{make.run("影")}</w:customXml>'
    tagged = f'<w:smartTag w:element="x">{make.run("背")}{second}</w:smartTag>'
    content = make.docx(
        sdt.format(make.paragraph("目录")),
        make.table(sdt.format(make.row(sdt.format(make.cell("课题")), make.cell(make.paragraph(tagged))))),
    )
    cells = make.cells((0, 0, 1, 1, "课题"), (0, 1, 1, 1, "背影"))
    as_expected(content, tables=[{"rows": 1, "cols": 2, "cells": cells}], must_contain=["目录"])


def test_the_widths_and_the_head_of_a_table_come_too() -> None:
    head = make.row("一", "二", properties="<w:tblHeader/>")
    document, _left = reading(make.docx(make.table(head, make.row(make.cell("全", span=2)), columns=2)))
    rows = document["content"][0]["content"]
    assert [each["type"] for each in rows[0]["content"]] == ["tableHeader", "tableHeader"]
    assert rows[1]["content"][0]["attrs"] == {"colspan": 2, "rowspan": 1, "colwidth": [100, 100]}


def test_tables_too_deep_leave_their_text() -> None:
    inside = "底"
    for _level in range(12):
        inside = make.table(make.row(make.cell(inside)))
    document, left_out = reading(make.docx(inside))
    assert "底" in plain(document)
    assert "套得太深" in left_out[0]["what"]


# ---- lists -------------------------------------------------------------------------------------------------
CHINESE = make.levels(("chineseCountingThousand", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
LISTS = {
    "word/numbering.xml": make.numbering(
        {
            0: CHINESE,
            1: make.levels(("bullet", "\uf06c"), ("bullet", "○")),
            2: make.levels(("decimalEnclosedCircle", "%1")),
            3: make.levels(("none", "")),
        },
        {
            1: '<w:abstractNumId w:val="0"/>',
            2: '<w:abstractNumId w:val="1"/>',
            3: '<w:abstractNumId w:val="2"/>',
            4: '<w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>',
            5: '<w:abstractNumId w:val="3"/>',
        },
    )
}
LISTED = {"rN": ("numbering", "numbering.xml")}


def with_lists(*body: str, styles: str = make.HEADINGS) -> bytes:
    return make.docx(*body, parts=LISTS, relations=LISTED, styles=styles)


def test_the_markers_of_lists_are_those_that_word_shows() -> None:
    in_style = (
        '<w:style w:type="paragraph" w:styleId="S"><w:name w:val="环节"/><w:pPr><w:numPr><w:numId w:val="3"/>'
        "</w:numPr></w:pPr></w:style>"
    )
    styled = make.paragraph("导入", properties='<w:pStyle w:val="S"/>')
    content = with_lists(
        make.item("目标", 1),
        make.item("知识", 1, 1),
        make.item("认字", 1, 2),
        make.item("能力", 1, 1),
        make.item("复述", 1, 2),
        "<w:p/>",
        make.item("重点", 1),
        make.item("要点", 2),
        make.item("子", 2, 1),
        styled,
        styled,
        make.item("另起", 4),
        make.item("下级", 4, 1),
        make.item("不是列表", 5),
        make.paragraph("四、手打的"),
        make.table(make.row(make.cell(make.item("格内", 1, 2)))),
        styles=make.HEADINGS + in_style,
    )
    lists = [
        (0, "目标", "一、"), (1, "知识", "（一）"), (2, "认字", "1."), (1, "能力", "（二）"), (2, "复述", "1."),
        (0, "重点", "二、"), (0, "要点", "●"), (1, "子", "○"), (0, "导入", "①"), (0, "导入", "②"),
        (0, "另起", "五、"), (1, "下级", "（一）"), (2, "格内", "1."),
    ]  # fmt: skip
    as_expected(
        content,
        lists=[{"level": level, "text": text, "marker": marker} for level, text, marker in lists],
        must_contain=["四、手打的", "不是列表"],
    )


@pytest.mark.parametrize(
    ("form", "number", "spelled"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 21, "二十一"),
        ("chineseCountingThousand", 105, "一百〇五"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "㉑"),
        ("ideographTraditional", 3, "丙"),
        ("decimalZero", 7, "07"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 28, "bb"),
        ("ganada", 2, "나"),
        ("decimalFullWidth", 12, "１２"),
        ("somethingNew", 3, "3"),
        ("lowerRoman", 99_999, "99999"),
    ],
)
def test_the_numbers_of_word(form: str, number: int, spelled: str) -> None:
    from foundation.office.docx.reading import markers

    assert markers.spelled(number, form) == spelled


# ---- text --------------------------------------------------------------------------------------------------
def test_the_marks_of_runs() -> None:
    content = make.docx(
        make.paragraph(
            make.run("粗", "<w:b/>"), make.run("不粗", '<w:b w:val="0"/>'), make.run("斜", "<w:i/>"),
            make.run("线", '<w:u w:val="wave"/>'), make.run("删", "<w:strike/>"),
            make.run("上", '<w:vertAlign w:val="superscript"/>'), make.run("下", '<w:vertAlign w:val="subscript"/>'),
            make.run("亮", '<w:highlight w:val="yellow"/>'),
        )
    )  # fmt: skip
    document, _left = reading(content)
    marked = {
        node["text"]: [mark["type"] for mark in node.get("marks", [])]
        for node in walk(document)
        if node["type"] == "text"
    }
    assert marked == {
        "粗": ["bold"], "不粗": [], "斜": ["italic"], "线": ["underline"], "删": ["strike"],
        "上": ["superscript"], "下": ["subscript"], "亮": ["highlight"],
    }  # fmt: skip


def test_chinese_korean_pinyin_formulas_breaks_and_blanks_come_through() -> None:
    one, two = ("<m:{0}><m:r><m:t>{1}</m:t></m:r></m:{0}>".format(*each) for each in (("num", 1), ("den", 2)))
    formula = f"<m:oMath><m:f>{one}{two}</m:f></m:oMath>"
    content = make.docx(
        make.paragraph(make.ruby("汉", "hàn"), make.ruby("语", "yǔ")),
        make.paragraph("面积 ", formula, "底×高"),
        make.paragraph("　　全角缩进"),
        make.paragraph("조선어 수업: 한글"),
        make.paragraph("一行", "<w:r><w:br/></w:r>", "二行"),
        make.paragraph('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', "完成"),
    )
    left_out = as_expected(
        content,
        ruby=[["汉", "hàn"], ["语", "yǔ"]],
        math_tex=["\\frac{1}{2}"],
        must_contain=["　　全角缩进", "조선어 수업: 한글", "☑完成"],
    )
    assert [each["text"] for each in left_out] == ["1/2"]
    document, _left = reading(content)
    assert [node["type"] for node in document["content"][4]["content"]] == ["text", "hardBreak", "text"]


def test_fields_show_their_results_and_links_lead_only_to_the_web() -> None:
    content = make.docx(
        make.paragraph(make.field("PAGE", "7"), make.field('HYPERLINK "https://example.org/a"', "网站")),
        make.paragraph(f'<w:hyperlink r:id="rL">{make.run("坏链接")}</w:hyperlink>'),
        make.paragraph(make.field("EQ \\* jc2 \\o\\ad(\\s\\up 9(chūn),春)"), "天"),
        relations={"rL": ("hyperlink", "javascript:alert(1)")},
    )
    document, left_out = reading(content)
    assert "PAGE" not in plain(document) and "7网站" in plain(document)
    links = [
        mark["attrs"]["href"]
        for node in walk(document)
        for mark in node.get("marks", [])
        if mark["type"] == "link"
    ]
    assert links == ["https://example.org/a"]
    assert [each["text"] for each in left_out] == ["javascript:alert(1)"]
    assert differences(document, left_out, {"ruby": [["春", "chūn"]]}) == []


def test_headings_have_their_levels() -> None:
    by_outline = make.paragraph("大纲", properties='<w:outlineLvl w:val="1"/>')
    as_expected(
        make.docx(make.heading("一级"), make.heading("三级", 3), by_outline, make.paragraph("正文")),
        headings=[[1, "一级"], [3, "三级"], [2, "大纲"]],
    )


# ---- what is drawn -----------------------------------------------------------------------------------------
def test_pictures_wherever_they_stand_and_their_bytes() -> None:
    old = '<w:r><w:pict><v:shape style="width:90pt;height:60pt"><v:imagedata r:id="rP"/></v:shape></w:pict></w:r>'
    content = make.docx(
        make.paragraph("图前", make.picture("rP", alt="春天"), "图后"),
        make.paragraph(old),
        make.table(make.row("见图", make.cell(make.paragraph(make.picture("rP"))))),
        parts={"word/media/image1.png": make.png()},
        relations={"rP": ("image", "media/image1.png")},
    )
    as_expected(content, images=3)
    document, _left = reading(content)
    assert [node["type"] for node in document["content"][:3]] == ["paragraph", "image", "paragraph"]
    assert document["content"][1]["attrs"] == {
        "file": "word/media/image1.png",
        "alt": "春天",
        "width": 120,
        "height": 80,
    }
    assert pictures(content, {"word/media/image1.png", "word/media/none.png"}) == {
        "word/media/image1.png": make.png()
    }


def test_pictures_that_cannot_be_shown_are_listed_and_none_is_fetched() -> None:
    content = make.docx(
        make.paragraph(make.picture("rW", alt="矢量图"), make.picture("rO"), make.picture("rN", alt="没有")),
        parts={"word/media/image1.wmf": b"\xd7\xcd\xc6\x9a" + bytes(40)},
        relations={"rW": ("image", "media/image1.wmf"), "rO": ("image", "http://example.org/spy.png")},
    )
    left_out = as_expected(content, images=0)
    assert [(each["text"], each["where"]) for each in left_out] == [
        ("矢量图", "第 1 段"),
        ("http://example.org/spy.png", "第 1 段"),
        ("没有", "第 1 段"),
    ]


def test_a_text_box_comes_once() -> None:
    content = make.docx(make.paragraph("前", make.text_box("板书：春天"), "后"), make.paragraph("下一段"))
    left_out = as_expected(content, once=["板书：春天"])
    assert "文本框" in left_out[0]["what"]
    document, _left = reading(content)
    assert [bare(plain(node)) for node in document["content"]] == ["前后", "板书：春天", "下一段"]


# ---- what is left out --------------------------------------------------------------------------------------
def test_what_cannot_be_carried_is_listed_with_its_place() -> None:
    notes = make.part("footnotes", f"<w:footnote w:id='2'>{make.paragraph('教材第十页')}</w:footnote>")
    comments = make.part("comments", f"<w:comment w:id='0'>{make.paragraph('这里再想想')}</w:comment>")
    header = make.part("hdr", make.paragraph("县教研室"))
    footer = make.part("ftr", make.paragraph("第 1 页 共 3 页"))
    content = make.docx(
        make.paragraph(
            "正文", '<w:r><w:footnoteReference w:id="2"/></w:r>', '<w:r><w:commentReference w:id="0"/></w:r>'
        ),
        make.paragraph(
            f"<w:ins>{make.run('新写')}</w:ins><w:del><w:r><w:delText>删去的</w:delText></w:r></w:del>"
        ),
        make.table(make.row("在"), make.row("不在", properties="<w:del/>")),
        make.paragraph(make.run("藏着", "<w:vanish/>")),
        make.paragraph(make.run("重", '<w:em w:val="dot"/>')),
        parts={
            "word/footnotes.xml": notes,
            "word/comments.xml": comments,
            "word/header1.xml": header,
            "word/footer1.xml": footer,
        },
        relations={
            "rF": ("footnotes", "footnotes.xml"),
            "rC": ("comments", "comments.xml"),
            "rH": ("header", "header1.xml"),
            "rB": ("footer", "footer1.xml"),
        },
        section='<w:headerReference r:id="rH"/><w:footerReference r:id="rB"/>',
    )
    left_out = as_expected(
        content,
        tables=[{"rows": 1, "cols": 1, "cells": make.cells((0, 0, 1, 1, "在"))}],
        must_contain=["新写"],
        must_not_contain=["删去的", "不在", "藏着", "教材第十页"],
    )
    assert [(each["what"], each["where"], each["text"]) for each in left_out] == [
        ("脚注", "第 1 段", "教材第十页"),
        ("批注", "第 1 段", "这里再想想"),
        ("修订中删去的文字", "第 2 段", "删去的"),
        ("修订中删去的一行", "第 1 个表格第 1 行第 1 格", "不在"),
        ("隐藏的文字", "第 3 段", "藏着"),
        ("页眉", "每页", "县教研室"),
        ("着重号（字下面的点）", "全文", ""),
    ]


def test_a_macro_is_left_behind() -> None:
    content = make.docx(make.paragraph("正文"), parts={"word/vbaProject.bin": b"dummy"})
    assert [each["what"] for each in as_expected(content, must_contain=["正文"])] == ["宏（程序）"]


# ---- other producers ---------------------------------------------------------------------------------------
def test_a_file_of_python_docx() -> None:
    content = make.made_by_python_docx()
    cells = make.cells(
        (0, 0, 1, 2, "横并"), (0, 2, 1, 1, "格2"), (1, 0, 1, 1, "格3"), (1, 1, 1, 1, "格4"),
        (1, 2, 2, 1, "竖并"), (2, 0, 1, 1, "格6"), (2, 1, 1, 1, "格7"),
    )  # fmt: skip
    as_expected(
        content,
        tables=[{"rows": 3, "cols": 3, "cells": cells}],
        headings=[[1, "教学目标"], [1, "教学过程"]],
        lists=[
            {"level": 0, "text": text, "marker": f"{n}."} for n, text in ((1, "认识生字"), (2, "朗读课文"))
        ],
        images=1,
    )


needs_libreoffice = pytest.mark.skipif(not soffice.is_installed(), reason="LibreOffice is not installed")
FORM_CELLS = make.cells(
    (0, 0, 1, 1, "课题"), (0, 1, 1, 2, "《散步》"), (0, 3, 1, 1, "课型"), (0, 4, 1, 1, "新授"),
    (1, 0, 1, 1, "授课人"), (1, 1, 1, 2, ""), (1, 3, 1, 1, "年级"), (1, 4, 1, 1, "七年级"),
    (2, 0, 2, 1, "教学目标"), (2, 1, 1, 1, "知识与技能"), (2, 2, 1, 3, "会写“铺、霎”等生字。"),
    (3, 1, 1, 1, "过程与方法"), (3, 2, 1, 3, "有感情地朗读课文。"),
    (4, 0, 1, 1, "教学重难点"), (4, 1, 1, 4, "重点：理清思路\n难点：以小见大"), (5, 0, 1, 5, "教学过程"),
    (6, 0, 1, 1, "教学环节"), (6, 1, 1, 1, "教师活动"), (6, 2, 1, 1, "学生活动"), (6, 3, 1, 1, "设计意图"),
    (6, 4, 1, 1, "时间"),
    (7, 0, 2, 1, "导入"), (7, 1, 1, 1, "播放歌曲"), (7, 2, 1, 1, "听歌，谈感受"), (7, 3, 1, 1, "激趣"),
    (7, 4, 2, 1, "3分钟"), (8, 1, 1, 1, "板书课题"), (8, 2, 1, 1, "齐读课题"), (8, 3, 1, 1, ""),
    (9, 0, 1, 1, "作业布置"), (9, 1, 1, 1, "布置作业"), (9, 2, 1, 1, "记作业"), (9, 3, 1, 1, ""), (9, 4, 1, 1, "2"),
    (10, 0, 1, 1, "板书设计"), (10, 1, 1, 4, "散步\n分歧——和解"), (11, 0, 1, 1, "教学反思"), (11, 1, 1, 4, ""),
)  # fmt: skip
FORM = {"tables": [{"rows": 12, "cols": 5, "cells": FORM_CELLS}]}


def test_a_plan_that_is_one_table() -> None:
    as_expected(make.form_plan(), **FORM)


@needs_libreoffice
def test_a_file_of_libreoffice() -> None:
    odt = soffice.convert(make.form_plan(), suffix=".docx", to="odt")
    as_expected(soffice.convert(odt, suffix=".odt", to="docx"), **FORM)


@needs_libreoffice
def test_an_old_word_file_comes_cell_for_cell_and_says_what_it_was() -> None:
    found = guarded.read_guarded(soffice.convert(make.form_plan(), suffix=".docx", to="doc"))
    assert differences(found.document, [], FORM) == []
    assert "旧式 .doc" in str(found.left_out[0].what)
    assert found.content.startswith(b"PK")


@needs_libreoffice
def test_an_old_word_file_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match=r"转换不了|打不开|没有正文"):
        guarded.read_guarded(make.old_word_head())


def test_the_text_is_that_which_another_reader_finds() -> None:
    for content in (make.form_plan(), make.made_by_python_docx()):
        document, _left = reading(content)
        other = mammoth.extract_raw_text(io.BytesIO(content)).value
        assert bare(plain(document)) == bare(other)


def test_two_hundred_pages_are_read_within_seconds_and_cell_for_cell() -> None:
    cells = [
        make.row(*(f"第{page}页{index}" for index in range(5))) for page in range(1) for _row in range(5)
    ]
    pages = [make.heading(f"第{page}课") + make.table(*cells) for page in range(200)]
    as_expected(make.docx(*pages), table_count=200, cells_per_table=25, headings_count=200)


# ---- files that are none, or mean harm -------------------------------------------------------------------
def test_files_that_are_no_documents_are_refused_with_what_to_do() -> None:
    good = make.form_plan()
    assert "空的" in refusal(b"")
    assert "坏了" in refusal(good[: len(good) * 6 // 10])
    assert "密码" in refusal(make.with_password())
    assert "另存为 .docx" in refusal(make.old_word_head())
    assert "不是 Word" in refusal(b"%PDF-1.7 nothing")
    assert "不是真正的 .docx" in refusal(b"{\\rtf1 text}")
    assert "表格或幻灯片" in refusal(make.zipped({"xl/workbook.xml": "<x/>"}))
    assert "没有正文" in refusal(_with_document(good, f"<w:document {make.NAMESPACES}/>".encode()))
    assert "坏了" in refusal(_with_document(good, b"<w:document><w:body>"))


def _with_document(content: bytes, document: bytes) -> bytes:
    return make.zipped({**make.parts_of(content), "word/document.xml": document})


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    assert "太大" in refusal(make.bomb())
    assert "太大" in refusal(make.bomb(package.MAX_XML + 1024**2))
    assert refusal(make.lying_bomb())


def test_entities_are_refused_and_nothing_is_put_in_for_them() -> None:
    evil = f'{make.HEAD}<!DOCTYPE w:document [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    body = (
        f"<w:document {make.NAMESPACES}><w:body><w:p><w:r><w:t>&a;&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    assert "DOCTYPE" in refusal(_with_document(make.form_plan(), f"{evil}{body}".encode()))
    assert refusal(_with_document(make.form_plan(), f"{evil}{body}".encode("utf-16")))


def test_elements_without_end_and_two_parts_of_one_name_are_refused() -> None:
    deep = "<w:sdt><w:sdtContent>" * 400 + "</w:sdtContent></w:sdt>" * 400
    assert refusal(make.docx(deep))
    out = io.BytesIO(make.form_plan())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(out.getvalue())


def test_a_style_in_a_circle_and_a_missing_list_do_no_harm() -> None:
    circle = (
        '<w:style w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="B"/></w:style>'
        '<w:style w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/></w:style>'
    )
    body = make.paragraph("字", properties='<w:pStyle w:val="A"/><w:numPr><w:numId w:val="99"/></w:numPr>')
    as_expected(make.docx(body, styles=circle), must_contain=["字"], lists=[])


# ---- in a process of its own -------------------------------------------------------------------------------
def test_the_guarded_reading_is_the_same() -> None:
    content = make.form_plan()
    document, left_out = read(content)
    found = guarded.read_guarded(content)
    assert (found.document, found.left_out, found.content) == (document, left_out, content)


def test_a_refusal_comes_out_of_the_other_process_with_its_reason() -> None:
    with pytest.raises(Refused, match="坏了"):
        guarded.read_guarded(b"PK\x03\x04 no zip")


def test_what_takes_too_long_or_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="时间或内存"):
        guarded.read_guarded(make.form_plan(), seconds=0.001)
    monkeypatch.setattr(guarded, "CHILD", "tests.support.greedy")
    with pytest.raises(Refused, match="时间或内存"):
        guarded.read_guarded(make.form_plan())


def test_an_old_word_file_without_libreoffice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foundation.office.soffice.program", lambda: None)
    with pytest.raises(Refused, match=r"另存为 \.docx"):
        guarded.read_guarded(make.old_word_head())


# ---- the expectations themselves --------------------------------------------------------------------------
def test_the_comparison_sees_a_wrong_cell() -> None:
    document, _left = reading(make.docx(make.table(make.row("甲", "乙"))))
    cells = make.cells((0, 0, 1, 1, "甲"), (0, 1, 1, 1, "丙"))
    assert differences(document, [], {"tables": [{"rows": 1, "cols": 2, "cells": cells}]})
    assert own_text(document["content"][0]["content"][0]["content"][0]) == "甲"
    assert json.dumps(document, ensure_ascii=False)
