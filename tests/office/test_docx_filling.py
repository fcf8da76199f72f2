"""Forms with placeholders: what is wrong is told with its place, the hostile is refused, what is right is filled."""

import io
import re
import subprocess
import time
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from foundation.office.docx.filling import Names, Unfillable, Values, check, fill, process
from foundation.office.docx.writing import Look
from foundation.office.message import Refused
from tests.office.test_docx_writing import image, paragraph, picture, row, table, text

NAMES = Names(
    texts=frozenset({"课题", "学校"}),
    blocks=frozenset({"教学目标", "板书设计"}),
    rows={"教学过程表": frozenset({"环节", "教师活动"})},
)
ROWS = [
    {"环节": [paragraph("导入新课")], "教师活动": [paragraph("出示图片")]},
    {
        "环节": [paragraph("新课教学")],
        "教师活动": [paragraph("范读", kind="ordered"), paragraph("跟读", kind="ordered")],
    },
]


def form(*lines: str, rows: list[list[str]] | None = None, header: str = "") -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if rows:
        made = document.add_table(len(rows), len(rows[0]))
        for each, texts in zip(made.rows, rows, strict=True):
            for place, words in zip(each.cells, texts, strict=True):
                place.text = words
    if header:
        document.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def with_part(content: bytes, name: str, part: bytes | str) -> bytes:
    """The same package with one part more, or another in its place."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for each in source.namelist():
            if each != name:
                target.writestr(each, source.read(each))
        target.writestr(name, part)
    return out.getvalue()


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def values(**blocks: Any) -> Values:
    given = {"教学目标": [paragraph("会读"), paragraph("会写")], "板书设计": []} | blocks
    return Values({"课题": "山行 <b>&amp; {{学校}}", "学校": "青山小学"}, given, {"教学过程表": ROWS})


def filled(content: bytes, given: Values | None = None, **options: Any) -> Any:
    return docx.Document(io.BytesIO(fill(content, given or values(), look=Look(), **options)))


def lines(document: Any) -> list[str]:
    return [each.text for each in document.paragraphs]


# ---- filling ------------------------------------------------------------------------------------------
def test_texts_are_put_in_as_they_are_and_never_read_again() -> None:
    document = filled(form("《{{课题}}》{{ 学校 }}", header="{{学校}}"))
    assert lines(document) == ["《山行 <b>&amp; {{学校}}》青山小学"]
    assert document.sections[0].header.paragraphs[0].text == "青山小学"


def test_a_placeholder_that_word_has_cut_into_runs_is_found() -> None:
    document = docx.Document()
    line = document.add_paragraph()
    for piece in ("{", "{课", "题}", "}"):
        line.add_run(piece)
    stream = io.BytesIO()
    document.save(stream)
    assert check(stream.getvalue(), NAMES).names == ("课题",)
    assert lines(filled(stream.getvalue()))[0].startswith("山行")


def test_blocks_alone_in_a_paragraph_come_with_tables_lists_and_pictures() -> None:
    blocks = [paragraph("一", kind="ordered"), table(row("甲", "乙")), image(alt="图")]
    document = filled(
        form("前", "{{教学目标}}", "{{p 板书设计}}", "后"),
        values(教学目标=blocks, 板书设计=[paragraph("山")]),
        pictures=lambda file: picture(),
    )
    assert lines(document) == ["前", "一", "", "山", "后"]
    assert [each.text for each in document.tables[0].rows[0].cells] == ["甲", "乙"]
    assert len(document.inline_shapes) == 1


def test_blocks_among_other_words_come_as_words() -> None:
    assert lines(filled(form("目标：{{教学目标}}。"))) == ["目标：会读\n会写。"]


def test_blocks_look_like_the_line_in_whose_place_they_stand() -> None:
    document = docx.Document()
    run = document.add_paragraph(style="Quote").add_run("{{教学目标}}")
    run.font.size, run.italic = docx.shared.Pt(9), True
    stream = io.BytesIO()
    document.save(stream)
    made = filled(stream.getvalue(), values(教学目标=[paragraph(text("粗", "bold"))])).paragraphs[0]
    assert (made.style.name, made.runs[0].font.size.pt, made.runs[0].italic, made.runs[0].bold) == (
        "Quote",
        9,
        True,
        True,
    )


def test_a_row_is_repeated_for_each_step_with_lists_of_its_own() -> None:
    content = form(
        rows=[
            ["环节", "活动"],
            ["{%tr for 行 in 教学过程表 %}", ""],
            ["{{行.环节}}", "{{行.教师活动}}"],
            ["{%tr endfor %}", ""],
        ]
    )
    assert check(content, NAMES).problems == ()
    found = [[each.text for each in line.cells] for line in filled(content).tables[0].rows]
    assert found == [["环节", "活动"], ["导入新课", "出示图片"], ["新课教学", "范读\n跟读"]]


def test_what_is_empty_is_false() -> None:
    content = form(
        "{%p if 板书设计 %}",
        "板书",
        "{%p endif %}",
        "{%p if 教学目标 %}",
        "目标",
        "{%p else %}",
        "没有",
        "{%p endif %}",
    )
    assert check(content, NAMES).problems == ()
    assert lines(filled(content)) == ["目标"]


def test_blocks_in_a_cell_fit_it_and_end_with_a_paragraph() -> None:
    document = filled(form(rows=[["目标", "{{教学目标}}"]]), values(教学目标=[table(row(*"甲乙丙"))]))
    place = document.tables[0].cell(0, 1)
    inner = sum(int(each.get(qn("w:w"))) for each in place.tables[0]._element.iter(qn("w:gridCol")))
    assert inner < place.width.twips
    assert place._tc[-1].tag == qn("w:p")


def test_marks_that_somebody_else_wrote_mean_nothing() -> None:
    mark = "\ue0000\ue001"
    document = filled(
        form(f"甲{mark}", "\ue00099\ue001", "{{教学目标}}"),
        values(教学目标=[paragraph(f"乙{mark}"), paragraph(mark)]),
    )
    assert lines(document)[-2:] == [f"乙{mark}", mark]


# ---- what is wrong is told ----------------------------------------------------------------------------
def told(content: bytes) -> list[tuple[str, str, str]]:
    return [(each.placeholder, str(each.place), str(each.message)) for each in check(content, NAMES).problems]


def test_an_unknown_name_is_told_with_its_place_and_the_nearest() -> None:
    content = form("第一段", "{{教学目的}}", rows=[["a", "b"], ["c", "{{乱写}}"]], header="{{校名}}")
    assert told(content) == [
        ("{{教学目的}}", "正文第 2 段", "没有“教学目的”。是不是“教学目标”？"),
        ("{{乱写}}", "第 1 个表格第 2 行第 2 格", "没有“乱写”。能用的名字见下面的说明。"),
        ("{{校名}}", "页眉", "没有“校名”。是不是“学校”？"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{课题", "没有写完"),
        ("课题}}", "没有写完"),
        ("{{课 题}}", "写法不对"),
        ("{{}}", "写法不对"),
        ("{% for 行 in 教学过程表 %}", "没有结束：后面要有 {% endfor %}"),
        ("{% endif %}", "没有和它配对的 {% if %}"),
        ("{% for 行 in 课题 %}{% endfor %}", "没有“课题”"),
        ("{% for 行 in 教学过程表 %}{{行.时间}}{% endfor %}", "没有“时间”"),
        ("{{行.环节}}", "“.”前面要是"),
        ("{% include 'x' %}", "这里只能写 for、if"),
        ("{%p for 行 in 教学过程表 %}{% endfor %}", "要和前面的"),
    ],
)
def test_every_mistake_has_its_sentence(line: str, said: str) -> None:
    found = told(form(line))
    assert found and said in found[0][2], found
    assert all(place == "正文第 1 段" for _placeholder, place, _said in found)


# ---- hostile ------------------------------------------------------------------------------------------
ATTACKS = [
    "{{ 课题.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''.__class__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ config }}{{ request }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 课题|attr('__class__') }}",
    "{{ 课题|center(1000000000) }}",
    "{% for i in range(1000000000) %}{% endfor %}",
    "{% set x = 1 %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% call x() %}{% endcall %}",
    "{{ namespace(x=1) }}",
    "{{ [课题, 课题] }}",
    "{{ 课题[0] }}",
    "{% if 课题() %}{% endif %}",
    "{% for a in 教学过程表 %}{% for b in 教学过程表 %}{% for c in 教学过程表 %}x{% endfor %}{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_told_as_a_mistake(attack: str) -> None:
    assert told(form(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_came_by_where_nobody_looked_does_nothing(attack: str) -> None:
    """In the document's properties, which are rendered too: refused, or printed as nothing, and quickly."""
    document = docx.Document(io.BytesIO(form("{{课题}}")))
    document.core_properties.title = attack
    stream = io.BytesIO()
    document.save(stream)
    started = time.monotonic()
    try:
        made = filled(stream.getvalue())
    except Unfillable:
        made = None
    assert time.monotonic() - started < 15
    assert made is None or not re.search("class|uid=|globals|function", made.core_properties.title)


def test_output_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "长" * 200_000
    content = form(
        f"{{% for a in 教学过程表 %}}{{% for b in 教学过程表 %}}{long}{{% endfor %}}{{% endfor %}}"
    )
    many = Values({}, {}, {"教学过程表": [{"环节": [], "教师活动": []}] * 200})
    with pytest.raises(Unfillable, match="太长"):
        fill(content, many, look=Look())


def test_a_form_that_takes_too_long_is_ended_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS", 0.05)
    with pytest.raises(Unfillable, match="停下了"):
        filled(form("{{课题}}"))


def test_a_form_that_is_no_form_is_refused() -> None:
    for content in (b"", b"PK\x03\x04", b"%PDF-1.4", form("x")[:500]):
        with pytest.raises(Refused):
            check(content, NAMES)
    with pytest.raises(Refused, match="最大 5 MB"):
        check(b"PK" + b"x" * (5 * 1024**2), NAMES)


@pytest.mark.parametrize(
    "name",
    [
        "word/vbaProject.bin",
        "word/activeX/activeX1.xml",
        "word/embeddings/oleObject1.bin",
        "word/afchunk.mht",
    ],
)
def test_macros_controls_and_objects_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="宏、控件或嵌入的对象"):
        check(with_part(form("{{课题}}"), name, "x"), NAMES)


RELATION = (
    '<Relationship Id="rId900" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("image", "http://attacker.example/pixel.png"),
        ("attachedTemplate", "https://attacker.example/x.dotm"),
        ("oleObject", "file:///etc/passwd"),
        ("hyperlink", "file://server/share"),
        ("frame", "http://attacker.example/"),
    ],
)
def test_what_reaches_out_of_the_file_is_refused(kind: str, target: str) -> None:
    content = form("{{课题}}")
    name = "word/_rels/document.xml.rels"
    relations = part_of(content, name).replace("</Relationships>", RELATION.format(kind=kind, target=target))
    with pytest.raises(Refused, match="链接到文件外面"):
        check(with_part(content, name, relations), NAMES)


def test_a_link_to_a_page_is_no_danger() -> None:
    content = form("{{课题}}")
    name = "word/_rels/document.xml.rels"
    link = RELATION.format(kind="hyperlink", target="https://example.org/")
    relations = part_of(content, name).replace("</Relationships>", link)
    assert check(with_part(content, name, relations), NAMES).problems == ()


@pytest.mark.parametrize(
    "code", ["DDEAUTO c:\\\\windows\\\\cmd.exe", 'INCLUDEPICTURE "http://a.example/x"', 'INCLUDETEXT "file"']
)
def test_fields_that_fetch_are_refused(code: str) -> None:
    document = docx.Document(io.BytesIO(form("{{课题}}")))
    line = document.paragraphs[0]._p
    for piece in (code[:4], code[4:]):
        line.append(
            parse_xml(f'<w:r {nsdecls("w")}><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>')
        )
    stream = io.BytesIO()
    document.save(stream)
    with pytest.raises(Refused, match="域"):
        check(stream.getvalue(), NAMES)


def test_a_bomb_and_a_doctype_are_refused() -> None:
    with pytest.raises(Refused):
        check(with_part(form("{{课题}}"), "word/media/x.xml", b" " * 300 * 1024**2), NAMES)
    body = part_of(form("{{课题}}"), "word/document.xml")
    evil = '<!DOCTYPE x [<!ENTITY a "b">]>' + body.split("?>", 1)[1]
    with pytest.raises(Refused):
        check(with_part(form("{{课题}}"), "word/document.xml", evil), NAMES)


def test_the_process_that_fills_knows_nothing_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its environment nor Django: there is no secret to be found in it."""
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def watch(command: list[str], **options: Any) -> Any:
        seen.update(options, command=command)
        return real(command, **options)

    monkeypatch.setattr(subprocess, "Popen", watch)
    filled(form("{{课题}}"))
    assert set(seen["env"]) == {"PATH", "LC_ALL", "PYTHONDONTWRITEBYTECODE"}
    assert seen["start_new_session"] is True
