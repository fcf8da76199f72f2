"""Filling a form outside this process, where it can neither reach anything nor go on for ever."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from foundation.office.docx.filling.limits import LARGEST, SECONDS, TOO_LONG
from foundation.office.message import Refused, gettext_noop

BASE = Path(__file__).resolve().parents[4]


class Unfillable(Refused):
    """The form was in order when it came, and cannot be filled with these values."""


def render(form: bytes, values: dict[str, Any]) -> bytes:
    """The form as docxtpl fills it. Raises Unfillable."""
    said = json.dumps(values).encode()
    child = subprocess.Popen(
        [sys.executable, "-m", "foundation.office.docx.filling.child"],
        cwd=BASE,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        filled, _nothing = child.communicate(len(said).to_bytes(8, "big") + said + form, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise _endless() from None
    finally:
        _end(child)
    if child.returncode == 0 and 0 < len(filled) <= LARGEST:
        return filled
    if child.returncode in (TOO_LONG, -signal.SIGXCPU, -signal.SIGKILL) or len(filled) > LARGEST:
        raise _endless()
    raise Unfillable(gettext_noop("这个模板填不了。请下载示例模板，照着它的写法改，再传。"))


def _endless() -> Unfillable:
    return Unfillable(
        gettext_noop("这个模板填出来太长，停下了。请看看 {%% for %%} 里是不是套了太多层，或者模板本身太大。")
    )


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
