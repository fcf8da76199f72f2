"""From a docx to plain data: ProseMirror's JSON, and a list of what could not be carried. Pure.

Everything in the file is somebody else's word: sizes, spans, depths and references are bounded, nothing is
fetched, no entity is put in. Raises `Refused` with one sentence for the person who sent the file.
"""

from typing import IO

from foundation.office.docx.reading.blocks import Blocks
from foundation.office.docx.reading.notes import leave_out_margins
from foundation.office.docx.reading.numbering import Numbering
from foundation.office.docx.reading.package import MAX_BYTES as MAX_BYTES
from foundation.office.docx.reading.package import is_old_word as is_old_word
from foundation.office.docx.reading.package import opened
from foundation.office.docx.reading.package import refuse_size as refuse_size
from foundation.office.docx.reading.pictures import for_browsers
from foundation.office.docx.reading.styles import Styles
from foundation.office.docx.reading.walk import EVERYWHERE, Walk
from foundation.office.docx.reading.walk import LeftOut as LeftOut
from foundation.office.docx.reading.walk import Node as Node
from foundation.office.docx.reading.xml import W
from foundation.office.message import Refused, gettext_noop, message

File = bytes | IO[bytes]


def read(file: File) -> tuple[Node, list[LeftOut]]:
    """The document and what is left out. An image's `file` is its part in the docx: see `pictures`."""
    package = opened(_bytes(file))
    root = package.xml(package.main)
    body = root.find(W + "body") if root is not None else None
    if root is None or body is None:
        raise Refused(gettext_noop("这个 Word 文件里没有正文。"))
    styles = Styles(package.related("styles"))
    walk = Walk(package, styles, Numbering(package.related("numbering"), styles))
    try:
        content = Blocks(walk).read(body)
        leave_out_margins(walk, root)
    except RecursionError as error:
        raise Refused(gettext_noop("这个文件的内容套得太深，打不开。请用 Word 另存一份再传。")) from error
    _sum_up(walk)
    return {"type": "doc", "content": content}, walk.left_out


def pictures(file: File, parts: set[str]) -> dict[str, bytes]:
    """The bytes of these pictures, as browsers show them; one that is damaged is not there."""
    package = opened(_bytes(file))
    found = ((part, package.picture(part)) for part in sorted(parts))
    shown = ((part, for_browsers(content)) for part, content in found if content)
    return {part: content for part, content in shown if content}


def _bytes(file: File) -> bytes:
    return file if isinstance(file, bytes) else file.read(MAX_BYTES + 1)


def _sum_up(walk: Walk) -> None:
    everywhere = message(EVERYWHERE)
    if walk.package.has_macro:
        walk.left_out.append(LeftOut(message(gettext_noop("宏（程序）")), everywhere))
    if walk.noticed["em"]:
        walk.left_out.append(LeftOut(message(gettext_noop("着重号（字下面的点）")), everywhere))
    if walk.noticed["colour"]:
        walk.left_out.append(LeftOut(message(gettext_noop("文字的颜色")), everywhere))
    if walk.more:
        walk.left_out.append(
            LeftOut(message(gettext_noop("还有 %(count)d 处没有列出"), count=walk.more), everywhere)
        )
