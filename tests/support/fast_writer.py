"""Somebody who edits a plan without pause: a raw Yjs client in a thread, beside the browsers of a test."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pycrdt
from websockets.sync.client import ClientConnection, connect

from realtime import protocol
from realtime.protocol import Message, Reader, Step

from .browser import session_cookie

Edit = Callable[[int], None]
"""Makes the n-th edit."""
Writing = Callable[[pycrdt.XmlFragment], Edit]
"""What somebody does in a document."""


class FastWriter:
    def __init__(self, *, user: Any, url: str, socket: str, writing: Writing, rate: int = 200) -> None:
        cookie = session_cookie(user, url)
        self._url = url.replace("http", "ws", 1) + socket
        self._headers = {"Cookie": f"{cookie['name']}={cookie['value']}", "Origin": url}
        self._writing = writing
        self._rate = rate
        self._doc: pycrdt.Doc = pycrdt.Doc()
        self._updates: list[bytes] = []
        self._synced = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fast-writer", daemon=True)
        self.edits = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._synced.wait(10), "the writer got no document"
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with connect(self._url, additional_headers=self._headers, max_size=None, max_queue=None) as socket:
            while not self._synced.is_set():
                self._take(socket, socket.recv())
            self._doc.observe(lambda event: self._updates.append(event.update))
            edit = self._writing(self._doc.get("default", type=pycrdt.XmlFragment))
            begin = time.monotonic()
            while not self._stop.is_set():
                self._write(socket, edit)
                self._stop.wait(begin + self.edits / self._rate - time.monotonic())

    def _write(self, socket: ClientConnection, edit: Edit) -> None:
        edit(self.edits)
        self.edits += 1
        for update in self._updates:
            socket.send(protocol.sync(Step.UPDATE, update))
        self._read(socket)
        # what was read is not ours to send
        self._updates.clear()

    def _read(self, socket: ClientConnection) -> None:
        while True:
            try:
                frame = socket.recv(timeout=0)
            except TimeoutError:
                return
            self._take(socket, frame)

    def _take(self, socket: ClientConnection, frame: str | bytes) -> None:
        assert isinstance(frame, bytes)
        reader = Reader(frame)
        message = reader.varuint()
        if message == Message.STATUS:
            socket.send(protocol.sync(Step.STEP1, self._doc.get_state()))
        if message != Message.SYNC:
            return
        step, payload = reader.varuint(), reader.bytes()
        if step == Step.STEP1:
            socket.send(protocol.sync(Step.STEP2, self._doc.get_update(payload)))
        else:
            self._doc.apply_update(payload)
        if step == Step.STEP2:
            self._synced.set()
