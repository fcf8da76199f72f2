"""Ways to damage a Word file: bytes of its parts, its elements, its numbers, the archive itself."""

import random
import re
from functools import cache

from foundation.office.docx.reading import read
from foundation.office.message import Refused
from tests.support import docx_files as make

NUMBERS = [b"-1", b"0", b"2000000000", b"99999999999999999999", b"1e308", b"NaN", b"", "一".encode()]
ELEMENTS = [
    b"<w:p/>", b"<w:tbl/>", b"<w:tbl><w:tr/></w:tbl>", b"<w:tc/>", b"<w:r><w:fldChar w:fldCharType='begin'/></w:r>",
    b"<w:sdt/>", b"<w:vMerge/>", b"<w:gridSpan w:val='0'/>", b"<w:txbxContent/>", b"<m:oMath><m:f/></m:oMath>",
    b"<mc:AlternateContent/>", b"<w:drawing/>", b"<w:del><w:ins/></w:del>", b"<w:ruby/>", b"<w:sym w:char='zz'/>",
]  # fmt: skip


@cache
def samples() -> list[bytes]:
    lists = make.numbering(
        {0: make.levels(("chineseCounting", "%1、"), ("decimalEnclosedCircle", "%2"))},
        {1: '<w:abstractNumId w:val="0"/>'},
    )
    rich = make.docx(
        make.heading("教学目标"),
        make.item("甲", 1),
        make.item("乙", 1, 1),
        make.paragraph(
            make.ruby("汉", "hàn"), make.text_box("框"), make.picture("rP"), make.field("PAGE", "1")
        ),
        make.table(make.row("外", make.cell("里", make.table(make.row("内", make.cell("并", span=2)))))),
        parts={"word/numbering.xml": lists, "word/media/image1.png": make.png()},
        relations={"rN": ("numbering", "numbering.xml"), "rP": ("image", "media/image1.png")},
    )
    return [make.form_plan(), rich, make.made_by_python_docx()]


def damaged(rng: random.Random, content: bytes) -> bytes:
    if rng.random() < 0.15:
        return content[: rng.randrange(len(content))]
    if rng.random() < 0.15:
        return _with_random_bytes(rng, content, rng.randint(1, 20))
    parts = make.parts_of(content)
    for _time in range(rng.randint(1, 4)):
        name = rng.choice([each for each in parts if each.endswith((".xml", ".rels", ".png"))])
        parts[name] = rng.choice((_numbers, _elements, _cut_out, _doubled, _with_one_byte))(rng, parts[name])
    if rng.random() < 0.1:
        parts.pop(rng.choice(list(parts)))
    return make.zipped(parts)


def try_to_read(content: bytes) -> str:
    """Anything but a document or a reason is a fault of ours and goes up."""
    try:
        document, left_out = read(content)
    except Refused:
        return "refused"
    assert document["type"] == "doc"
    assert all(str(each.what) and str(each.where) for each in left_out)
    return "read"


def _with_random_bytes(rng: random.Random, content: bytes, count: int) -> bytes:
    changed = bytearray(content)
    for _time in range(count):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _with_one_byte(rng: random.Random, part: bytes) -> bytes:
    return _with_random_bytes(rng, part, 1) if part else part


def _numbers(rng: random.Random, part: bytes) -> bytes:
    """Other values for some of the attributes."""
    return re.sub(
        rb'(?<=val=")[^"]*', lambda found: rng.choice(NUMBERS) if rng.random() < 0.3 else found.group(), part
    )


def _elements(rng: random.Random, part: bytes) -> bytes:
    """Something between two elements that does not belong there."""
    places = [found.end() for found in re.finditer(rb">(?=<)", part)]
    at = rng.choice(places) if places else 0
    return part[:at] + rng.choice(ELEMENTS) + part[at:]


def _cut_out(rng: random.Random, part: bytes) -> bytes:
    """Without one of its elements."""
    found = list(re.finditer(rb"<(w:[a-zA-Z]+)[^<>]*/>", part))
    if not found:
        return part
    one = rng.choice(found)
    return part[: one.start()] + part[one.end() :]


def _doubled(rng: random.Random, part: bytes) -> bytes:
    found = list(re.finditer(rb"<w:(p|tr|tc|tbl|r)>.*?</w:\1>", part, re.DOTALL))
    if not found:
        return part
    one = rng.choice(found)
    return part[: one.end()] + one.group() * rng.randint(1, 50) + part[one.end() :]
