"""Word files made by code: by hand as OOXML, and by the programs that teachers use."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
HEADINGS = "".join(
    f'<w:style w:type="paragraph" w:styleId="{level}"><w:name w:val="heading {level}"/>'
    f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
    for level in (1, 2, 3)
)


# ---- pieces of OOXML ---------------------------------------------------------------------------------------
def run(text: str, properties: str = "") -> str:
    given = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{given}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*content: str, properties: str = "") -> str:
    """Text, or pieces of XML."""
    given = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    inside = "".join(each if each.startswith("<") else run(each) for each in content)
    return f"<w:p>{given}{inside}</w:p>"


def item(text: str, number: int, level: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, properties=numbered)


def heading(text: str, level: int = 1) -> str:
    return paragraph(text, properties=f'<w:pStyle w:val="{level}"/>')


def cell(*content: str, span: int = 1, merge: str = "", properties: str = "") -> str:
    """`merge`: "restart" begins a cell over several rows, "continue" goes on with it."""
    given = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    if merge:
        given += '<w:vMerge w:val="restart"/>' if merge == "restart" else "<w:vMerge/>"
    inside = "".join(each if each.startswith("<") else paragraph(each) for each in content) or "<w:p/>"
    return f"<w:tc><w:tcPr>{given}{properties}</w:tcPr>{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    given = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    return f"<w:tr>{given}{''.join(each if each.startswith('<') else cell(each) for each in cells)}</w:tr>"


def table(*rows: str, columns: int = 0) -> str:
    grid = "".join('<w:gridCol w:w="1500"/>' for _column in range(columns))
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def levels(*formats: tuple[str, str]) -> str:
    """(numFmt, lvlText) of each level."""
    return "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for index, (form, text) in enumerate(formats)
    )


def numbering(lists: Mapping[int, str], numbers: Mapping[int, str]) -> str:
    """Lists by their abstract id, and what each number says of its list: `{1: '<w:abstractNumId w:val="0"/>'}`."""
    made = "".join(
        f'<w:abstractNum w:abstractNumId="{key}">{inside}</w:abstractNum>' for key, inside in lists.items()
    )
    made += "".join(f'<w:num w:numId="{key}">{inside}</w:num>' for key, inside in numbers.items())
    return f"{HEAD}<w:numbering {NAMESPACES}>{made}</w:numbering>"


def picture(relation: str, *, alt: str = "", pixels: tuple[int, int] = (120, 80)) -> str:
    across, down = (each * 9525 for each in pixels)
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{across}" cy="{down}"/><wp:docPr id="1" name="图" '
        f'descr="{alt}"/><a:graphic><a:graphicData uri="x"><pic:pic><pic:blipFill><a:blip r:embed="{relation}"/>'
        "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def text_box(*content: str) -> str:
    """As Word writes it: the same twice, for new and for old programs."""
    inside = "".join(each if each.startswith("<") else paragraph(each) for each in content)
    box = f"<w:txbxContent>{inside}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="2" name="框"/>'
        f"<a:graphic><a:graphicData uri='x'><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        f"</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def ruby(base: str, above: str) -> str:
    return (
        f"<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>{above}</w:t></w:r></w:rt>"
        f"<w:rubyBase><w:r><w:t>{base}</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )


def field(instruction: str, result: str = "") -> str:
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}' if result else ""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>{shown}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def part(name: str, inside: str) -> str:
    """A part beside the text: footnotes, comments, hdr, ftr."""
    return f"{HEAD}<w:{name} {NAMESPACES}>{inside}</w:{name}>"


# ---- whole files -------------------------------------------------------------------------------------------
def docx(
    *body: str,
    styles: str = HEADINGS,
    parts: Mapping[str, str | bytes] | None = None,
    relations: Mapping[str, tuple[str, str]] | None = None,
    section: str = "",
) -> bytes:
    """A file with this body. `relations`: id → (kind, target); an address is outside of the file."""
    text = "".join(body)
    if text.endswith("</w:tbl>"):
        text += "<w:p/>"  # a document does not end with a table
    inside = f"<w:body>{text}<w:sectPr>{section}</w:sectPr></w:body>"
    given = {"rS": ("styles", "styles.xml"), **(relations or {})}
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": _relations({"r1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"{HEAD}<w:document {NAMESPACES}>{inside}</w:document>",
        "word/_rels/document.xml.rels": _relations(given),
        "word/styles.xml": f"{HEAD}<w:styles {NAMESPACES}>{styles}</w:styles>",
        **(parts or {}),
    }
    return zipped(written)


def _relations(given: Mapping[str, tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{escape(target)}"'
        + (' TargetMode="External"/>' if "://" in target or target.startswith("javascript:") else "/>")
        for key, (kind, target) in given.items()
    )
    return (
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{lines}</Relationships>"
    )


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    lines = b"".join(b"\x00" + b"\xc0\x30\x30" * width for _line in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


# ---- a plan as schools keep it: one big table ----------------------------------------------------------------
FORM = table(
    row("课题", cell("《散步》", span=2), "课型", "新授"),
    row("授课人", cell("", span=2), "年级", "七年级"),
    row(cell("教学目标", merge="restart"), "知识与技能", cell("会写“铺、霎”等生字。", span=3)),
    row(cell(merge="continue"), "过程与方法", cell("有感情地朗读课文。", span=3)),
    row("教学重难点", cell("重点：理清思路", "难点：以小见大", span=4)),
    row(cell("教学过程", span=5)),
    row("教学环节", "教师活动", "学生活动", "设计意图", "时间"),
    row(cell("导入", merge="restart"), "播放歌曲", "听歌，谈感受", "激趣", cell("3分钟", merge="restart")),
    row(cell(merge="continue"), "板书课题", "齐读课题", "", cell(merge="continue")),
    row("作业布置", "布置作业", "记作业", "", "2"),
    row("板书设计", cell("散步", "分歧——和解", span=4)),
    row("教学反思", cell("", span=4)),
    columns=5,
)


def form_plan() -> bytes:
    return docx(paragraph("教学设计"), FORM)


def made_by_python_docx() -> bytes:
    import docx as python_docx

    document = python_docx.Document()
    document.add_heading("教学目标", level=1)
    document.add_paragraph("认识生字", style="List Number")
    document.add_paragraph("朗读课文", style="List Number")
    document.add_heading("教学过程", level=1)
    made = document.add_table(rows=3, cols=3)
    for index, each in enumerate(made._cells):
        each.text = f"格{index}"
    made.cell(0, 0).merge(made.cell(0, 1)).text = "横并"
    made.cell(1, 2).merge(made.cell(2, 2)).text = "竖并"
    document.add_picture(io.BytesIO(png()))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb(size: int = 300 * 1024**2) -> bytes:
    """A document of nothing but blanks, hundreds of megabytes once it is unpacked."""
    start, end = f"{HEAD}<w:document {NAMESPACES}><w:body><w:p/>".encode(), b"</w:body></w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _relations({"r1": ("officeDocument", "word/document.xml")}))
        with archive.open("word/document.xml", "w", force_zip64=True) as stream:
            stream.write(start)
            blank = b" " * 1024**2
            for _step in range(size // len(blank)):
                stream.write(blank)
            stream.write(end)
    return out.getvalue()


def lying_bomb(size: int = 40 * 1024**2) -> bytes:
    """As `bomb`, but what the parts say of their size is small."""
    content = bytearray(bomb(size))
    real = struct.pack("<I", parts_size(bytes(content), "word/document.xml"))
    assert content.count(real) >= 1
    return bytes(content).replace(real, struct.pack("<I", 1000))


def parts_size(content: bytes, name: str) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.getinfo(name).file_size


def old_word_head() -> bytes:
    """The beginning of a .doc: enough to know what it is."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(500)


def with_password() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    )


Expected = dict[str, Any]


def cells(*grid: tuple[int, int, int, int, str]) -> list[Expected]:
    """(row, column, rows, columns, text) of each cell, as `docx_expected` wants it."""
    return [{"r": r, "c": c, "rs": rs, "cs": cs, "text": text, "tables": []} for r, c, rs, cs, text in grid]
