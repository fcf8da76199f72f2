"""The platform on daphne."""

import asyncio
from typing import Any

from daphne.server import Server  # first: it chooses Twisted's reactor
from twisted.internet import defer

from .service import LARGEST_MESSAGE, PING_SECONDS, PING_TIMEOUT_SECONDS, Service


class PlatformServer(Server):
    service: Service
    exit_code = 0

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        address = port.getHost()
        self.service.announce(address.host, address.port)

    def listen_error(self, failure: Any) -> None:
        self.service.cannot_listen(failure.getErrorMessage())
        self.exit_code = 1
        self.stop()

    def kill_all_applications(self) -> Any:
        drained = defer.ensureDeferred(self._drain())
        drained.addBoth(lambda _: super(PlatformServer, self).kill_all_applications())
        drained.addErrback(lambda _: None)
        return drained

    async def _drain(self) -> None:
        goodbye = self.service.say_goodbye(self._anyone_here)
        await defer.Deferred.fromFuture(asyncio.ensure_future(goodbye))

    def _anyone_here(self) -> bool:
        found = (details.get("application_instance") for details in self.connections.values())
        return any(not application.done() for application in found if application is not None)


def run(service: Service) -> int:
    server = PlatformServer(
        service.application,
        endpoints=[f"tcp:port={service.port}:interface={service.host}"],
        ping_interval=PING_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_max_frame_size=LARGEST_MESSAGE,
        websocket_timeout=-1,
        application_close_timeout=5,
        server_name="prep-platform",
    )
    server.service = service
    server.run()
    return server.exit_code
