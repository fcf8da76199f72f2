"""The process in which a file is read (`guarded`): limits first, then the file from standard input."""

import json
import resource
import sys
from typing import Any

SECONDS = 30
BYTES = 2 * 1024**3


def main() -> None:
    _limit(resource.RLIMIT_AS, BYTES)
    _limit(resource.RLIMIT_CPU, SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    from foundation.office.docx.reading import pictures, read
    from foundation.office.message import Refused

    line, _newline, content = sys.stdin.buffer.read().partition(b"\n")
    request = json.loads(line)
    try:
        if request["do"] == "pictures":
            found = pictures(content, set(request["parts"]))
            _say({"pictures": [[part, len(each)] for part, each in found.items()]})
            for each in found.values():
                sys.stdout.buffer.write(each)
        else:
            document, left_out = read(content)
            _say({"document": document, "left_out": [_stored(each) for each in left_out]})
    except Refused as refused:
        _say({"refused": _message(refused.message)})
    sys.stdout.buffer.flush()


def _limit(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, hard))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _stored(each: Any) -> list[Any]:
    return [_message(each.what), _message(each.where), each.text]


def _message(said: Any) -> list[Any]:
    return [said.text, dict(said.values)]


if __name__ == "__main__":
    main()
