"""Starting the platform. Each server is one entry here; its module is imported only when it is chosen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .service import Service


def _daphne(service: "Service") -> int:
    from .on_daphne import run

    return run(service)


def _uvicorn(service: "Service") -> int:
    from .on_uvicorn import run

    return run(service)


def _direct(service: "Service") -> int:
    from realtime.direct import DirectWebSocket

    from .on_uvicorn import run

    return run(service, ws=DirectWebSocket)


SERVERS: dict[str, Callable[["Service"], int]] = {"daphne": _daphne, "uvicorn": _uvicorn, "direct": _direct}
