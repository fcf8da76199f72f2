"""A kind of document for tests, and clients that speak to the consumer without a network."""

import asyncio
import contextlib
import uuid
from typing import Any
from uuid import UUID

import pycrdt
import websockets
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Origin

from realtime import kinds, protocol
from realtime.kinds import Access, AccessDecision
from realtime.protocol import Message, Reader, Step
from realtime.routing import websocket_urlpatterns

ELEMENTS = {
    "section": {"id", "title"},
    "paragraph": {"id", "kind"},
    "table": {"id"},
    "tableRow": {"id"},
    "tableCell": set(),
    "hardBreak": set(),
}


class NoteKind:
    """Documents of paragraphs; rights and seeds are what the test says."""

    name = "note"
    schema_version = 2
    fragment = "default"
    text_block = "paragraph"

    def __init__(self) -> None:
        self.rights: dict[int, Access] = {}
        self.missing: set[UUID] = set()
        self.stored_calls: list[tuple[UUID, set[int]]] = []
        self.settled_calls: list[tuple[UUID, set[int]]] = []

    def access(self, *, user_id: int, document_id: UUID) -> AccessDecision:
        if document_id in self.missing:
            return AccessDecision(Access.NONE, found=False)
        stamp = {"id": user_id, "name": f"老师{user_id}", "colour": 1, "school": "", "side": ""}
        return AccessDecision(self.rights.get(user_id, Access.NONE), identity=stamp)

    def allows_element(self, name: str, inside: str) -> bool:
        return name in ELEMENTS and (inside != "paragraph" or name == "hardBreak")

    def allows_text(self, inside: str) -> bool:
        return inside == "paragraph"

    def allows_mark(self, name: str) -> bool:
        return name == "bold"

    def allows_attribute(self, element: str, name: str, value: Any) -> bool:
        return name in ELEMENTS.get(element, set())

    def seed(self, document_id: UUID) -> bytes:
        doc: pycrdt.Doc = pycrdt.Doc(client_id=1)
        add_paragraph(doc, "seed", "种子")
        return doc.get_update()

    def stored(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        self.stored_calls.append((document_id, editor_ids))

    def settled(self, *, document_id: UUID, state: bytes, editor_ids: set[int], through_id: int) -> None:
        self.settled_calls.append((document_id, editor_ids))


def fragment(doc: pycrdt.Doc) -> pycrdt.XmlFragment:
    return doc.get("default", type=pycrdt.XmlFragment)


def add_paragraph(
    doc: pycrdt.Doc, key: str, text: str, parent: Any = None, tag: str = "paragraph"
) -> pycrdt.XmlElement:
    with doc.transaction():
        element = pycrdt.XmlElement(tag)
        (parent if parent is not None else fragment(doc)).children.append(element)
        element.attributes["id"] = key
        content = pycrdt.XmlText()
        element.children.append(content)
        content.insert(0, text, {})
    return element


def texts(doc: pycrdt.Doc) -> list[str]:
    """The text of every paragraph, in order, at any depth."""
    return list(_texts(fragment(doc)))


def _texts(parent: Any) -> list[str]:
    found: list[str] = []
    for child in parent.children:
        if isinstance(child, pycrdt.XmlElement):
            if child.tag == "paragraph":
                found.append("".join(str(part) for part in child.children))
            else:
                found += _texts(child)
    return found


class User:
    def __init__(self, pk: int) -> None:
        self.pk = pk


class Anonymous:
    pk = None


class InProcess:
    """A socket straight into the consumer, without a network."""

    def __init__(self, user: Any, path: str, query: str) -> None:
        self._communicator = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path)
        self._communicator.scope |= {
            "user_id": user.pk,
            "session_key": "",
            "query_string": query.encode(),
        }

    async def open(self) -> None:
        connected, _ = await self._communicator.connect()
        assert connected

    async def send(self, frame: bytes | None) -> None:
        if frame is None:
            await self._communicator.send_to(text_data="text")
        else:
            await self._communicator.send_to(bytes_data=frame)

    async def receive(self, timeout: float = 5) -> bytes | int:
        event = await self._communicator.receive_output(timeout=timeout)
        return event["code"] if event["type"] == "websocket.close" else event["bytes"]

    @property
    def quiet(self) -> bool:
        """Whether nothing waits to be received."""
        return self._communicator.output_queue.empty()

    async def close(self) -> None:
        await self._communicator.disconnect()


class Network:
    """A socket through a real server; the server's test application takes the user from the query."""

    address = ""  # set by the fixture that starts the server
    _socket: Any = None  # until it is opened

    def __init__(self, user: Any, path: str, query: str) -> None:
        self._url = f"{self.address}{path}?user={user.pk or ''}&{query}"

    async def open(self) -> None:
        self._socket = await websockets.connect(
            self._url, max_size=None, compression=None, ping_interval=None
        )

    async def send(self, frame: bytes | None) -> None:
        with contextlib.suppress(ConnectionClosed):  # who was closed hears of it by receiving
            await self._socket.send("text" if frame is None else frame)

    async def receive(self, timeout: float = 5) -> bytes | int:
        try:
            async with asyncio.timeout(timeout):
                return bytes(await self._socket.recv(decode=False))
        except ConnectionClosed as closed:
            return int(closed.rcvd.code) if closed.rcvd else 1006

    @property
    def quiet(self) -> bool:
        return self._socket.state is State.OPEN and not self._socket.recv_messages.frames

    def abort(self) -> None:
        """The line is cut: no goodbye."""
        self._socket.transport.abort()

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()


class SignedIn(Network):
    """A socket to one of the platform's own processes, with the session of a real account."""

    def __init__(self, url: str, cookie: str, document: str = "") -> None:
        """`document`: none for topics alone."""
        self._origin = url
        path = f"docs/{document.replace(':', '/')}" if document else "topics/"
        self._url = f"{url.replace('http', 'ws', 1)}/ws/{path}"
        self._headers = {"Cookie": f"sessionid={cookie}"}

    async def open(self) -> None:
        self._socket = await websockets.connect(
            self._url,
            additional_headers=self._headers,
            origin=Origin(self._origin),
            max_size=None,
            compression=None,
            ping_interval=None,
        )


class Client:
    """A Yjs client on one socket: keeps a document, answers the sync protocol, counts acknowledgements."""

    socket_class: type[InProcess] | type[Network] = InProcess

    def __init__(self, user: Any, document: str, query: str = "", socket: Network | None = None) -> None:
        self.doc: pycrdt.Doc = pycrdt.Doc()
        path = f"/ws/docs/{document.replace(':', '/')}"
        self.socket = socket or self.socket_class(user, path, query)
        self.sent = 0
        self.shown = 0
        self.durable = 0
        self.status: dict[str, Any] | None = None
        self.awareness: dict[int, Any] = {}
        self.closed: int | None = None
        self.synced = False
        self.asked_again = 0

    async def open(self) -> "Client":
        await self.socket.open()
        await self.until(lambda: self.status is not None or self.closed is not None)
        if self.closed is None:
            await self.raw(protocol.sync(Step.STEP1, self.doc.get_state()))
            await self.until(lambda: self.synced or self.closed is not None)
        return self

    async def raw(self, frame: bytes | None) -> None:
        await self.socket.send(frame)

    async def send_update(self, update: bytes, step: Step = Step.UPDATE) -> None:
        self.sent += 1
        await self.raw(protocol.sync(step, update))

    async def edit(self, change: Any) -> bytes:
        """Make a change in the own document and send it."""
        update = self.make(change)
        await self.send_update(update)
        return update

    def make(self, change: Any) -> bytes:
        """Make a change without sending it."""
        made: list[bytes] = []
        subscription = self.doc.observe(lambda event: made.append(event.update))
        with self.doc.transaction():
            change(self.doc)
        self.doc.unobserve(subscription)
        return pycrdt.merge_updates(*made)

    async def show(self, **state: Any) -> None:
        """Tell the others where this client is."""
        self.shown += 1
        body = protocol.awareness_state(state)
        await self.raw(protocol.awareness([(self.doc.client_id, self.shown, body)]))

    async def until(self, condition: Any, timeout: float = 5) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                await self._one(timeout)

    async def saved(self) -> None:
        await self.until(lambda: self.durable == self.sent)

    async def _one(self, timeout: float = 5) -> None:
        got = await self.socket.receive(timeout)
        if isinstance(got, int):
            self.closed = got
        else:
            await self._take(got)

    async def _take(self, frame: bytes) -> None:
        reader = Reader(frame)
        message = reader.varuint()
        if message == Message.SYNC:
            step, payload = reader.varuint(), reader.bytes()
            if step == Step.STEP1:
                self.asked_again += 1
                await self.send_update(self.doc.get_update(payload), Step.STEP2)
            else:
                self.doc.apply_update(payload)
                self.synced = self.synced or step == Step.STEP2
        elif message == Message.AWARENESS:
            read = protocol.read_frame(frame)
            assert isinstance(read, protocol.Awareness)
            for entry in read.entries:
                self.awareness[entry.client] = entry.state
        elif message == Message.DURABLE:
            self.durable = reader.varuint()
        elif message == Message.STATUS:
            import json

            self.status = json.loads(reader.string())

    async def leave(self) -> None:
        await self.socket.close()


def new_document() -> str:
    return f"note:{uuid.uuid4()}"


def register() -> NoteKind:
    kind = NoteKind()
    kinds.register(kind)
    return kind
