"""The document around the body: A4, 宋体 and 黑体, page numbers; and what a document of someone else's lacks."""

import io
import re
from collections.abc import Iterable

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from foundation.office.docx.writing.body import Writer
from foundation.office.docx.writing.look import Look, Node, Page, Pictures
from foundation.office.docx.writing.xml import NAMESPACES, legal, runs

SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
STYLE = re.compile(r'w:styleId="(\w+)"')


def _fonts(asian: str, latin: str = LATIN) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{asian}" w:cs="{latin}"/>'


def _paragraph_style(
    name: str, title: str, *, before: str = "", run: str = "", based_on: str = "Normal"
) -> str:
    return (
        f'<w:style {NAMESPACES} w:type="paragraph" w:customStyle="{int(name.startswith("Plan"))}" w:styleId="{name}">'
        f'<w:name w:val="{title}"/><w:basedOn w:val="{based_on}"/><w:qFormat/>'
        f"<w:pPr>{before}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _spacing(before: int, after: int, line: int, rule: str = "auto") -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{rule}"/>'


def _heading(level: int, size: int, before: int) -> str:
    return _paragraph_style(
        f"Heading{level}",
        f"heading {level}",
        before=f'<w:keepNext/>{_spacing(before, 60, 360)}<w:outlineLvl w:val="{level - 1}"/>',
        run=f'{_fonts(HEI, "Arial")}<w:b/><w:bCs/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>',
    )


def _size(size: int) -> str:
    return f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'


ADDED = {
    STYLE.search(xml).group(1): xml  # type: ignore[union-attr]
    for xml in (
        _paragraph_style(
            "PlanTitle",
            "教案名",
            before=f'{_spacing(0, 200, 360)}<w:jc w:val="center"/>',
            run=f"{_fonts(HEI, 'Arial')}<w:b/><w:bCs/>{_size(36)}",
        ),
        _heading(1, 28, 200),
        _heading(2, 24, 80),
        _heading(3, 24, 60),
        _paragraph_style("PlanCell", "表中文字", before=_spacing(20, 20, 300), run=_size(21)),
        _paragraph_style(
            "PlanLabel",
            "表头文字",
            before=f'{_spacing(20, 20, 300)}<w:jc w:val="center"/>',
            run=f"{_fonts(HEI, 'Arial')}{_size(20)}",
        ),
        _paragraph_style("PlanGap", "表间空行", before=_spacing(0, 0, 60, "exact"), run=_size(2)),
        _paragraph_style(
            "PlanLine",
            "书写线",
            before=(
                '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="808080"/>'
                '<w:between w:val="single" w:sz="4" w:space="1" w:color="808080"/></w:pBdr>'
                f"{_spacing(0, 0, 560, 'exact')}"
            ),
        ),
        f'<w:style {NAMESPACES} w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        '<w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr></w:style>',
    )
}
BASE = (
    f"<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(SONG)}{_size(24)}"
    '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
    f"<w:pPr>{_spacing(0, 0, 360)}</w:pPr></w:style>"
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    "</w:styles>"
)


def write(nodes: Iterable[Node], *, look: Look, pictures: Pictures = lambda file: None) -> bytes:
    """A document of its own."""
    document = blank(look)
    writer = Writer(document, look, pictures)
    body = document.element.body
    made = parse_xml(f"<w:body {NAMESPACES}>{writer.blocks(nodes)}</w:body>")
    for element in list(made):
        body.insert(len(body) - 1, element)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def blank(look: Look) -> Document:
    """Nothing but the page, the styles and the foot."""
    document = docx.Document()
    document.part._styles_part._element = parse_xml(BASE)
    add_missing_styles(document)
    body = document.element.body
    for element in list(body):
        body.remove(element)
    body.append(parse_xml(_section(look.page)))
    _foot(document, look)
    _drop_thumbnail(document)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = legal(look.title)[:255], "", "", ""
    facts.author = legal(look.author)[:255]
    return document


def add_missing_styles(document: Document) -> None:
    """Those that the body names; what is there already stays as it is."""
    styles = document.part._styles_part.element
    present = {style.get(qn("w:styleId")) for style in styles.findall(qn("w:style"))}
    for name, xml in ADDED.items():
        if name not in present:
            styles.append(parse_xml(xml))


def _section(page: Page) -> str:
    return (
        f'<w:sectPr {NAMESPACES}><w:pgSz w:w="{page.width}" w:h="{page.height}"/>'
        f'<w:pgMar w:top="{page.top}" w:right="{page.right}" w:bottom="{page.bottom}" w:left="{page.left}"'
        ' w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )


def _foot(document: Document, look: Look) -> None:
    before, between, after = look.page_words
    pages = f"{_said(before)}{_field('PAGE')}{_said(between)}{_field('NUMPAGES')}{_said(after)}"
    foot = document.sections[0].footer
    foot.is_linked_to_previous = False
    paragraph = parse_xml(
        f'<w:p {NAMESPACES}><w:pPr><w:tabs><w:tab w:val="right" w:pos="{look.page.room}"/></w:tabs>'
        f'<w:spacing w:line="240" w:lineRule="auto"/></w:pPr>{_said(look.foot)}<w:r><w:tab/></w:r>{pages}</w:p>'
    )
    for run in paragraph.iter(qn("w:r")):
        run.insert(0, parse_xml(f"<w:rPr {NAMESPACES}>{_size(18)}</w:rPr>"))
    foot._element.replace(foot.paragraphs[0]._element, paragraph)


def _said(text: str) -> str:
    return runs([{"type": "text", "text": text}], lambda address: "") if text else ""


def _field(name: str) -> str:
    parts = (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {name} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    )
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


def _drop_thumbnail(document: Document) -> None:
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype == RT.THUMBNAIL]:
        del relations[key]
