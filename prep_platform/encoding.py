"""Text comes as UTF-8. What names another encoding is refused: read in it, names and passwords would be other words."""

import codecs
from collections.abc import Awaitable, Callable
from typing import Any

from django.utils.http import parse_header_parameters

App = Callable[[Any, Any, Any], Awaitable[None]]


def is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except (LookupError, ValueError):
        return False


def names_no_codec(app: App) -> App:
    """Django reads the address in the encoding that is named for the body, while it makes the request: there are
    codecs that are not for text, and nothing could answer then. `Utf8Middleware` refuses what this leaves."""

    async def without_codec(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [
                (name, _unknown(value) if name == b"content-type" else value)
                for name, value in scope["headers"]
            ]
            scope = {**scope, "headers": headers}
        await app(scope, receive, send)

    return without_codec


def _unknown(content_type: bytes) -> bytes:
    try:
        encoding = parse_header_parameters(content_type.decode("latin-1"))[1].get("charset", "utf-8")
    except (LookupError, ValueError):
        encoding = ""
    return content_type if is_utf8(encoding) else content_type.partition(b";")[0] + b"; charset=other"
