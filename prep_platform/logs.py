"""Log lines for operators: codes, ids and places in the code; nothing that people wrote or are called.

What an exception says may quote a row, an address or a file: a traceback here tells its type, the code of the
database, of the mail server or of the system, and where it came from.
"""

import copy
import logging
import re
import traceback
from typing import Any

from pythonjsonlogger.json import JsonFormatter

FIELDS = ("at", "level", "logger", "message", "exc_info", "stack_info")
_QUERY = re.compile(r"(/[^\s?'\"<>]*)\?[^\s'\"<>]+")
_SECRET_PATH = re.compile(r"/(open/(?!password/)|calendar/feed/|mail/stop/)[^/\s'\"]+")
_SAID_BY_EXCEPTION = re.compile(r"exception=(\w+)\(.*\)", re.DOTALL)
_CODES = ("sqlite_errorname", "sqlstate", "smtp_code", "errno")


def discreet(text: str) -> str:
    """Without the query of an address (people search for names), secret addresses, and what an exception says."""
    text = _QUERY.sub(r"\1?…", text)
    text = _SECRET_PATH.sub(r"/\1…", text)
    return _SAID_BY_EXCEPTION.sub(r"exception=\1", text)


def told(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, without what they say."""
    parts = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        parts.append("".join(traceback.format_tb(current.__traceback__)) + _name(current))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\n".join(reversed(parts))


def _name(error: BaseException) -> str:
    kind = type(error)
    codes = [str(value) for value in (getattr(error, name, None) for name in _CODES) if value]
    return f"{kind.__module__}.{kind.__qualname__}" + (f" [{codes[0]}]" if codes else "")


class _Discreet(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.msg, record.args, record.exc_text = discreet(record.getMessage()), None, None
        return super().format(record)

    def formatException(self, ei: Any) -> str:
        return told(ei[1]) if ei[1] is not None else ""


class Lines(_Discreet):
    """A line of text."""


class Json(_Discreet, JsonFormatter):
    """One JSON object a line. What libraries attach to a record stays out: Django attaches the whole request."""

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        for name in set(log_data) - set(FIELDS):
            del log_data[name]
