"""A form before anything in it is believed: nothing that runs, nothing that reaches out of the file."""

import re

from foundation.office.docx.reading.package import Package, opened
from foundation.office.message import Refused, gettext_noop

MAX_BYTES = 5 * 1024**2
"""A form is a page or two, with a school's badge."""
MAX_DOCUMENT = 4 * 1024**2
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RUNS = ("vbaproject", "vbadata", "activex", "embeddings/", "afchunk", "/control")
ADDRESS = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
FETCHES = re.compile(
    r"\b(?:DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|LINK|IMPORT|DATABASE|MACROBUTTON|RD)\b", re.IGNORECASE
)


def checked(content: bytes) -> Package:
    """Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused(
            gettext_noop("模板有 %(size).1f MB，最大 %(limit)d MB。请压缩或删去图片，存好再传。"),
            size=len(content) / 1024**2,
            limit=MAX_BYTES // 1024**2,
        )
    package = opened(content)
    _refuse_what_runs(package)
    _refuse_what_reaches_out(package)
    _refuse_fields(package)
    return package


def _refuse_what_runs(package: Package) -> None:
    names = [part.filename.lower() for part in package.archive.infolist()]
    if any(word in name for name in names for word in RUNS):
        raise Refused(gettext_noop("模板里有宏、控件或嵌入的对象。请去掉，另存为 .docx 再传。"))
    sizes = [part.file_size for part in package.archive.infolist() if part.filename.endswith(".xml")]
    if max(sizes, default=0) > MAX_DOCUMENT:
        raise Refused(gettext_noop("模板太长。请只留一份教案的格式，存好再传。"))


def _refuse_what_reaches_out(package: Package) -> None:
    for part in package.archive.namelist():
        if not part.endswith(".rels"):
            continue
        folder, _slash, name = part.rpartition("_rels/")
        for relation in package.relations(folder + name.removesuffix(".rels")).values():
            if relation.outside and not (relation.kind == "hyperlink" and ADDRESS.match(relation.target)):
                raise Refused(
                    gettext_noop(
                        "模板里有链接到文件外面的内容（图片、模板或对象）：%(target)s。请换成插在文件里的，再传。"
                    ),
                    target=relation.target[:80],
                )


def _refuse_fields(package: Package) -> None:
    """Fields that Word would fill from elsewhere when the document is opened."""
    for name in package.archive.namelist():
        root = package.xml(name) if name.startswith("word/") and name.endswith(".xml") else None
        if root is None:
            continue
        codes = [*(each.text or "" for each in root.iter(W + "instrText"))]
        codes += [each.get(W + "instr") or "" for each in root.iter(W + "fldSimple")]
        found = FETCHES.search("".join(codes))
        if found:
            raise Refused(
                gettext_noop("模板里有会从别处取内容的域（%(field)s）。请删掉它，再传。"),
                field=found.group().upper(),
            )
