"""The file before anything in it is believed: is it a workbook, and small enough once unpacked?"""

import io
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from foundation.office.message import Refused, gettext_noop

MAX_BYTES = 20 * 1024**2
"""Bytes of a file. A roster of 100,000 rows has some 6 MB."""
MAX_UNPACKED = 256 * 1024**2
"""Bytes of all parts unpacked. 100,000 rows of 12 columns have some 60 MB."""
MAX_PART = 64 * 1024**2
"""Bytes of a part that is not a sheet: styles, shared texts."""
MAX_PARTS = 2_000
MAX_MERGED = 50_000
"""Merged ranges of a sheet. More than that were made by a machine."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
CHUNK = 1024**2
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
LONGEST_MARK = 256
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True)
class Part:
    """What a sheet's part holds besides values."""

    formulas: bool
    merged: tuple[str, ...]


def check(content: bytes) -> dict[str, Part]:
    """Refuse what is no workbook we read; else what stands beside the values, by the name of the sheet."""
    refuse_size(len(content))
    _refuse_other_kinds(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bombs(archive)
            _refuse_other_packages(set(archive.namelist()))
            return _parts(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _broken() from error
    except (ElementTree.ParseError, KeyError) as error:
        raise _broken() from error


def refuse_size(size: int) -> None:
    """Before the bytes are read into memory."""
    if not size:
        raise Refused(gettext_noop("这个文件是空的。请重新选一个。"))
    if size > MAX_BYTES:
        raise Refused(
            gettext_noop("文件有 %(size)d MB，最大 %(limit)d MB。请分成几个文件。"),
            size=size // 1024**2,
            limit=MAX_BYTES // 1024**2,
        )


def _broken() -> Refused:
    return Refused(gettext_noop("这个文件打不开，可能没有传完，或者坏了。请用表格软件打开看看，存好再传。"))


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise Refused(gettext_noop("这个文件加了密码，读不了。请去掉密码，存好再传。"))
        raise Refused(
            gettext_noop("这是旧式的 .xls 文件。请用表格软件打开，另存为“Excel 工作簿（.xlsx）”再传。")
        )
    if content.startswith(b"PK"):
        return
    if b"\x00" not in content[:4096] and not content.startswith(b"%PDF"):
        raise Refused(
            gettext_noop("这是文本文件（如 .csv）。请用表格软件打开，另存为“Excel 工作簿（.xlsx）”再传。")
        )
    raise Refused(gettext_noop("这不是表格文件。请传“Excel 工作簿（.xlsx）”。"))


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """zipfile reads no more of a part than the size written beside it: adding those up is enough."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(gettext_noop("这个文件加了密码，读不了。请去掉密码，存好再传。"))
    sheets = "xl/worksheets/"
    too_large = any(part.file_size > MAX_PART and not part.filename.startswith(sheets) for part in parts)
    if too_large or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Refused(
            gettext_noop("这个文件展开后太大。请只留要导入的工作表，删去图片和多余的格式，存好再传。")
        )


def _refuse_other_packages(names: set[str]) -> None:
    if "word/document.xml" in names:
        raise Refused(gettext_noop("这是 Word 文件。请把名单放进表格，存成“Excel 工作簿（.xlsx）”再传。"))
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise Refused(
            gettext_noop("这种表格格式读不了。请用表格软件打开，另存为“Excel 工作簿（.xlsx）”再传。")
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(gettext_noop("这个文件里有宏。请另存为“Excel 工作簿（.xlsx）”，去掉宏再传。"))
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise Refused(gettext_noop("这不是表格文件。请传“Excel 工作簿（.xlsx）”。"))


def _parts(archive: zipfile.ZipFile) -> dict[str, Part]:
    found = {name: _scan(archive, name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    return {title: found[name] for title, name in _sheet_names(archive).items() if name in found}


def _scan(archive: zipfile.ZipFile, name: str) -> Part:
    formulas, merged, rest = False, dict[bytes, None](), b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            if ENTITY.search(text) or b"\x00" in chunk:
                raise _broken()  # no spreadsheet program writes these, nor any text but UTF-8
            if name.startswith("xl/worksheets/"):
                formulas = formulas or FORMULA.search(text) is not None
                merged.update(dict.fromkeys(MERGED.findall(text)))
            if len(merged) > MAX_MERGED:
                raise Refused(gettext_noop("合并单元格太多。请取消合并，每行都填上，再传。"))
            rest = text[-LONGEST_MARK:]
    return Part(formulas, tuple(each.decode() for each in merged))


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    names = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            target = targets.get(element.get(f"{RELATIONS}id"), "")
            names[element.get("name", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    return names
