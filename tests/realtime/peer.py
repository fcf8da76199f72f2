"""A WebSocket client by hand, for what only a real socket shows."""

import asyncio
import secrets
import socket

from .support import Network


class Peer:
    """A WebSocket client by hand: it sends exactly the bytes it is told to, and reads only when told to."""

    async def open(self, user_id: int, document: str = "") -> "Peer":
        """Without a document: for topics alone."""
        host, port = Network.address.removeprefix("ws://").split(":")
        line = socket.socket()
        line.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 4096
        )  # the system holds little for one who does not read
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
        self.reader, self.writer = await asyncio.open_connection(sock=line, limit=2**26)
        path = f"docs/{document.replace(':', '/')}" if document else "topics/"
        self.writer.write(
            f"GET /ws/{path}?user={user_id} HTTP/1.1\r\nHost: {host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        return self

    async def message(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0x0F, await self.reader.readexactly(length)

    async def until(self, opcode: int, start: bytes = b"") -> bytes:
        async with asyncio.timeout(5):
            while True:
                found, payload = await self.message()
                if found == opcode and payload.startswith(start):
                    return payload

    async def close_code(self) -> int:
        return int.from_bytes((await self.until(0x8))[:2], "big")

    def pause(self) -> None:
        """Like a line that is stuck: nothing is read from the socket."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def resume(self) -> None:
        self.writer.transport.resume_reading()  # type: ignore[attr-defined]

    def done(self) -> None:
        self.writer.transport.abort()


def frame(payload: bytes, *, opcode: int = 0x2, last: bool = True) -> bytes:
    length, mask = len(payload), secrets.token_bytes(4)
    size = bytes((0x80 | length,)) if length < 126 else bytes((0x80 | 126,)) + length.to_bytes(2, "big")
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes((opcode | (0x80 if last else 0),)) + size + mask + masked
