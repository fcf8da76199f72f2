"""An option beside the plain consumer: a WebSocket class for uvicorn whose sockets rooms read and write themselves.

Signing in, access and the handshake go the ordinary way through Channels. Then `DocumentConsumer` finds this class
in the scope and takes the socket over: whole binary frames go straight to the room and the room's frames straight
to the socket, without an ASGI event, a queue and a task switch for each. Everything rarer (pings, closing, text,
fragments, anything malformed) stays with the library's own state machine.

    uvicorn --ws realtime.direct:DirectWebSocket …     (or python -m prep_platform.serve --server direct)

Frame layout: RFC 6455, section 5.2.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiled helper on this platform
    from websockets.utils import apply_mask

from . import limits
from .connections import Connection
from .consumers import EXTENSION

BINARY = 0x82  # FIN and opcode 2
MASKED = 0x80


def frame_header(length: int) -> bytes:
    """The header of a whole, unmasked binary frame."""
    if length < 126:
        return bytes((BINARY, length))
    if length < 65536:
        return bytes((BINARY, 126)) + length.to_bytes(2, "big")
    return bytes((BINARY, 127)) + length.to_bytes(8, "big")


_last = (b"", b"")


def framed(message: bytes) -> bytes:
    """A message as it goes to the socket; the same one goes to everybody in a room, one after the other."""
    global _last
    if _last[0] is not message:
        _last = (message, frame_header(len(message)) + message)
    return _last[1]


class DirectTransport:
    """A `connections.Transport` that writes to the socket at once."""

    def __init__(self, protocol: "DirectWebSocket") -> None:
        self._protocol = protocol
        self._write = protocol.transport.write
        self.connection: Connection | None = None

    def send(self, frame: bytes) -> None:
        self._write(framed(frame))

    def close(self, code: int) -> None:
        self._protocol.close_from_room(code)

    def pause(self) -> None:
        self._protocol.transport.pause_reading()

    def resume(self) -> None:
        if not self._protocol.transport.is_closing():
            self._protocol.transport.resume_reading()


class DirectWebSocket(WebSocketsSansIOProtocol):
    connection: Connection | None = None
    _receive_frame: Callable[[bytes | None], None] | None = None
    _rest = b""
    _more: list[bytes]  # of a frame that is not whole yet, and how many bytes that lacks
    _lacking = 0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def still_here(self) -> None:
        """Raises what uvicorn takes without a word when the peer has hung up. Any thread may ask."""
        if self.transport.is_closing():
            raise ClientDisconnected

    # ---- what DocumentConsumer calls ------------------------------------------------------------------------

    def transport_for_room(self) -> DirectTransport:
        return DirectTransport(self)

    def take_over(self, connection: Connection, receive_frame: Callable[[bytes | None], None]) -> None:
        """From now on frames go to `receive_frame` (None for text), beginning with those that came meanwhile."""
        self.connection = connection
        self._receive_frame = receive_frame
        self.transport.set_write_buffer_limits(high=limits.OUTBOX_BYTES, low=limits.OUTBOX_BYTES // 8)
        waiting = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        for event in waiting:
            if event["type"] == "websocket.receive":
                receive_frame(event.get("bytes"))
            else:
                self.queue.put_nowait(event)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def close_from_room(self, code: int) -> None:
        self._receive_frame = _ignore
        self.loop.create_task(self.send({"type": "websocket.close", "code": code, "reason": ""}))

    # ---- reading --------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._receive_frame is None:
            super().data_received(data)
            return
        if self._rest:
            self._more.append(data)
            self._lacking -= len(data)
            if self._lacking > 0:
                return
            data = self._rest + b"".join(self._more)
        position, end = 0, len(data)
        while end - position >= 2:
            start, length = _payload(data, position)
            stop = start + length
            if (
                length > self.config.ws_max_size
                or data[position] != BINARY
                or not data[position + 1] & MASKED
            ):
                # not ours to read: control frames, text, fragments, nonsense
                stop = min(stop, end) if length > self.config.ws_max_size else stop
                if stop > end:
                    self._lacking = stop - end
                    break
                super().data_received(data[position:stop])
            elif length > limits.FRAME_BYTES:
                self._rest = b""
                self._receive_frame(
                    bytes(limits.FRAME_BYTES + 1)
                )  # the room says 4413; the rest is not waited for
                return
            elif stop > end:
                self._lacking = stop - end
                break
            else:
                self._receive_frame(apply_mask(data[start:stop], data[start - 4 : start]))
            position = stop
        self._rest = data[position:]
        self._more = []

    def send_receive_event_to_app(self) -> None:
        """A message in fragments, or text, that the library put together."""
        if self._receive_frame is None:
            super().send_receive_event_to_app()
            return
        message, self.frames = b"".join(self.frames), []
        self._receive_frame(message if self.curr_msg_data_type == "bytes" else None)

    # ---- writing --------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        if self.connection is None:
            super().pause_writing()
        else:
            self.connection.fell_behind()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.connection is not None:
            self.connection.drained()


def _payload(data: bytes, position: int) -> tuple[int, int]:
    """Where the payload of a frame starts, and its length; both beyond the data while the header is not whole."""
    marked = data[position + 1]
    mask = 4 if marked & MASKED else 0
    length = marked & 0x7F
    if length < 126:
        return position + 2 + mask, length
    size = 2 if length == 126 else 8
    start = position + 2 + size
    if start > len(data):
        return start + mask, 0
    return start + mask, int.from_bytes(data[position + 2 : start], "big")


def _ignore(frame: bytes | None) -> Any:
    """What a socket sends after it was closed."""
