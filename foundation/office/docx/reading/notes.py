"""What stands beside the text: headers, footers, footnotes, comments. Their texts are listed."""

import re
from collections.abc import Iterator

from foundation.office.docx.reading.package import Package
from foundation.office.docx.reading.walk import Walk
from foundation.office.docx.reading.xml import A, Element, R, V, W, text_of, value
from foundation.office.message import gettext_noop, message

PAGE_NUMBER = re.compile(r"[\s\d第页共/／\-—–.,、:：of|]*|page\s*\d*\s*(?:of\s*\d*)?", re.IGNORECASE)


def leave_out_margins(walk: Walk, root: Element) -> None:
    """The headers and footers of all sections, each text once."""
    told = set()
    for kind, part in _margins(walk.package, root):
        text = text_of(part)
        if text and not PAGE_NUMBER.fullmatch(text) and text not in told:
            told.add(text)
            what = gettext_noop("页眉") if kind == "header" else gettext_noop("页脚")
            walk.leave_out(message(what), text, where=message(gettext_noop("每页")))
        if next(part.iter(A + "blip", V + "imagedata"), None) is not None:
            walk.leave_out(message(gettext_noop("页眉或页脚里的图片")), where=message(gettext_noop("每页")))


def _margins(package: Package, root: Element) -> Iterator[tuple[str, Element]]:
    relations = package.relations(package.main)
    seen = set()
    for reference in root.iter(W + "headerReference", W + "footerReference"):
        relation = relations.get(reference.get(R + "id") or "")
        if relation is None or relation.outside or relation.target in seen:
            continue
        seen.add(relation.target)
        part = package.xml(relation.target)
        if part is not None:
            yield ("header" if reference.tag == W + "headerReference" else "footer"), part


def note_text(package: Package, kind: str, note_id: str) -> str:
    """The text of a footnote or an endnote."""
    return _text(package.related(f"{kind}s"), kind, note_id)


def comment_text(package: Package, comment_id: str) -> str:
    return _text(package.related("comments"), "comment", comment_id)


def _text(root: Element | None, kind: str, wanted: str) -> str:
    for each in root.iter(W + kind) if root is not None else ():
        if value(each, "id") == wanted:
            return text_of(each)
    return ""
