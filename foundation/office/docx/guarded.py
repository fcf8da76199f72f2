"""Reading a file that somebody sent in a process of its own, with limits on its time and memory.

The checks before the reading bound what they can; whatever they miss ends with that process.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.office import soffice
from foundation.office.docx.reading import LeftOut, Node, is_old_word, refuse_size
from foundation.office.message import Message, Refused, gettext_noop, message

SECONDS = 60
"""On the clock, for a machine with much to do; the process itself gets half a minute of computing."""
ROOT = Path(__file__).resolve().parents[3]
CHILD = "foundation.office.docx.child"


@dataclass(frozen=True)
class Reading:
    document: Node
    left_out: list[LeftOut]
    content: bytes
    """The docx that was read: made from the file where that is an old .doc."""


def read_guarded(content: bytes, *, seconds: float = SECONDS) -> Reading:
    """Raises Refused."""
    refuse_size(len(content))
    old = is_old_word(content)
    if old:
        content = _as_docx(content)
    answer, _rest = _ask({"do": "read"}, content, seconds)
    left_out = [LeftOut(_message(what), _message(where), text) for what, where, text in answer["left_out"]]
    if old:
        what = message(gettext_noop("旧式 .doc 文件：先转换成 .docx 再读，请对照原文看一遍"))
        left_out.insert(0, LeftOut(what, message(gettext_noop("全文"))))
    return Reading(answer["document"], left_out, content)


def pictures_guarded(content: bytes, parts: set[str], *, seconds: float = SECONDS) -> dict[str, bytes]:
    """The bytes of these pictures of a docx that has been read; damaged ones are not there."""
    if not parts:
        return {}
    sizes, rest = _ask({"do": "pictures", "parts": sorted(parts)}, content, seconds)
    found, start = {}, 0
    for part, size in sizes["pictures"]:
        found[part] = rest[start : start + size]
        start += size
    return found


def _as_docx(content: bytes) -> bytes:
    if not soffice.is_installed():
        raise Refused(gettext_noop("这是旧式的 .doc 文件。请在 Word 里另存为 .docx 再传。"))
    try:
        return soffice.convert(content, suffix=".doc", to="docx")
    except soffice.NotConverted as error:
        raise Refused(gettext_noop("这个旧式 .doc 文件转换不了。请在 Word 里另存为 .docx 再传。")) from error


def _ask(request: dict[str, Any], content: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
    """One line of JSON and the file go in; one line of JSON and perhaps bytes come out."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", CHILD],
            input=json.dumps(request).encode() + b"\n" + content,
            capture_output=True,
            timeout=seconds,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},  # nothing else: no secret is in reach
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    line, _newline, rest = done.stdout.partition(b"\n")
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise _too_much() from error
    if "refused" in answer:
        text, values = answer["refused"]
        raise Refused(text, **values)
    return answer, rest


def _too_much() -> Refused:
    return Refused(
        gettext_noop("读这个文件用的时间或内存太多，停下了。请用 Word 另存一份，或分成几个文件再传。")
    )


def _message(stored: list[Any]) -> Message:
    return Message(stored[0], tuple(stored[1].items()))
