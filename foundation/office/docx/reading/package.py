"""The file before anything in it is believed: is it a Word document, and small enough once unpacked?"""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from foundation.office.docx.reading.xml import Element, parse
from foundation.office.message import Refused, gettext_noop

MAX_BYTES = 50 * 1024**2
"""Bytes of a file: a plan with thirty photographs from a phone has some 40 MB."""
MAX_PARTS = 4_000
MAX_UNPACKED = 200 * 1024**2
"""Bytes of all parts unpacked, as they say themselves."""
MAX_XML = 32 * 1024**2
"""Bytes of one part of XML. 200 pages have some 2 MB."""
MAX_PICTURE = 20 * 1024**2
CHUNK = 1024**2

# What zipfile raises on an archive that is damaged, or made to look so.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    RuntimeError,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OLD_WORD = "WordDocument".encode("utf-16-le")
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"


@dataclass(frozen=True)
class Relation:
    kind: str  # the last word of its type: image, hyperlink, header, …
    target: str  # a part's name, or an address when it is outside
    outside: bool


@dataclass
class Package:
    """The parts of a docx that passed the checks, read one by one and never more than they may hold."""

    archive: zipfile.ZipFile
    main: str = "word/document.xml"
    _parts: dict[str, Element | None] = field(default_factory=dict)
    _relations: dict[str, Mapping[str, Relation]] = field(default_factory=dict)

    def xml(self, name: str) -> Element | None:
        """The root of a part; None when there is no such part."""
        if name not in self._parts:
            self._parts[name] = _xml(self.archive, name) if name in self._names else None
        return self._parts[name]

    def related(self, kind: str) -> Element | None:
        """The part that the document names as its styles, numbering, footnotes, …"""
        for relation in self.relations(self.main).values():
            if relation.kind == kind and not relation.outside:
                return self.xml(relation.target)
        return None

    def relations(self, part: str) -> Mapping[str, Relation]:
        if part not in self._relations:
            self._relations[part] = _relations(self.xml(_relations_name(part)), part)
        return self._relations[part]

    def picture(self, name: str) -> bytes | None:
        """The bytes of a picture; None when it is missing, damaged or too large."""
        try:
            return _bytes(self.archive, name, MAX_PICTURE)
        except (Refused, KeyError):
            return None

    @property
    def has_macro(self) -> bool:
        return any(name.lower().endswith("vbaproject.bin") for name in self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.archive.namelist())


def opened(content: bytes) -> Package:
    """Raises Refused."""
    refuse_size(len(content))
    refuse_other_kinds(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED as error:
        raise broken() from error
    _refuse_bombs(archive)
    package = Package(archive)
    package.main = _main_part(package)
    if package.xml(package.main) is None:
        raise _other_package(archive)
    return package


def refuse_size(size: int) -> None:
    """Before the bytes are read into memory."""
    if not size:
        raise Refused(gettext_noop("这个文件是空的。请重新选一个。"))
    if size > MAX_BYTES:
        raise Refused(
            gettext_noop("文件有 %(size)d MB，最大 %(limit)d MB。请在 Word 里压缩图片，存好再传。"),
            size=size // 1024**2,
            limit=MAX_BYTES // 1024**2,
        )


def is_old_word(content: bytes) -> bool:
    """The .doc of Word 97–2003."""
    return content.startswith(OLE) and ENCRYPTED not in content and OLD_WORD in content


def refuse_other_kinds(content: bytes) -> None:
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise Refused(gettext_noop("这个文件设了密码，读不了。请在 Word 里去掉密码，存好再传。"))
        if OLD_WORD in content:
            raise Refused(gettext_noop("这是旧式的 .doc 文件。请在 Word 里另存为 .docx 再传。"))
        raise Refused(gettext_noop("这不是 Word 文件。请传 .docx。"))
    if content.startswith(b"PK"):
        return
    if content.lstrip().startswith((b"{\\rtf", b"<html", b"<!DOCTYPE", b"<?xml", b"MIME-Version")):
        raise Refused(gettext_noop("这个文件不是真正的 .docx。请用 Word 打开，另存为 .docx 再传。"))
    raise Refused(gettext_noop("这不是 Word 文件。请传 .docx。"))


def broken() -> Refused:
    return Refused(gettext_noop("这个文件打不开，可能没有传完，或者坏了。请用 Word 打开看看，存好再传。"))


def _too_large() -> Refused:
    return Refused(gettext_noop("这个文件展开后太大，不像一份教案，没有打开。请用 Word 另存一份再传。"))


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(gettext_noop("这个文件设了密码，读不了。请在 Word 里去掉密码，存好再传。"))
    names = {part.filename for part in parts}
    if len(names) != len(parts):
        raise broken()  # two parts of one name: what is read would not be what Word shows
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _too_large()


def _main_part(package: Package) -> str:
    for relation in package.relations("").values():
        if relation.kind == "officeDocument" and not relation.outside:
            return relation.target
    return "word/document.xml"


def _other_package(archive: zipfile.ZipFile) -> Refused:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names or "ppt/presentation.xml" in names:
        return Refused(gettext_noop("这是表格或幻灯片，不是 Word 文件。请传 .docx。"))
    if "content.xml" in names:
        return Refused(gettext_noop("这种文件读不了。请用 Word 或 WPS 打开，另存为 .docx 再传。"))
    return Refused(gettext_noop("这不是 Word 文件。请传 .docx。"))


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    content = _bytes(archive, name, MAX_XML)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refused(gettext_noop("这个文件里有 Word 不会写的内容（DOCTYPE），为了安全没有打开。"))
    if b"\x00" in content:
        raise broken()  # Word writes UTF-8
    try:
        root = parse(content)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken() from error
    if root is None or root.getroottree().docinfo.doctype:
        raise broken()
    return root


def _bytes(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Unpacked piece by piece: what a part says of its own size is not believed."""
    pieces, size = [], 0
    try:
        with archive.open(name) as stream:
            while piece := stream.read(CHUNK):
                size += len(piece)
                if size > limit:
                    raise _too_large()
                pieces.append(piece)
    except DAMAGED as error:
        raise broken() from error
    return b"".join(pieces)


def _relations_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(root: Element | None, part: str) -> dict[str, Relation]:
    if root is None:
        return {}
    found = {}
    for each in root.iter(f"{PACKAGE}Relationship"):
        outside = each.get("TargetMode") == "External"
        target = each.get("Target") or ""
        if not outside:
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
        kind = (each.get("Type") or "").rpartition("/")[2]
        found[each.get("Id") or ""] = Relation(kind, target, outside)
    return found
