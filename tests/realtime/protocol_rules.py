"""What must hold for any bytes that a client may send. Pure, and without Django, so that a fuzzer can ask it often."""

from functools import cache

import pycrdt

from realtime.merging import checked
from realtime.protocol import (
    Awareness,
    Malformed,
    Step,
    Sync,
    awareness,
    awareness_state,
    read_frame,
    read_state_vector,
    state_vector,
    sync,
)
from realtime.shape import Shape
from realtime.update import Ranges, Struct, Update, read_update, without_deletions, write_deletes


def check(data: bytes) -> set[str]:
    """Fails where a rule is broken; else what the bytes, as a frame and as what frames hold, were taken for."""
    return _frame(data) | _vector(data) | _update(data)


def _frame(data: bytes) -> set[str]:
    try:
        message = read_frame(data)
    except Malformed:
        return set()
    if isinstance(message, Sync):
        assert read_frame(sync(message.step, message.payload)) == message
        inside = _vector if message.step == Step.STEP1 else _update
        return {"sync"} | inside(message.payload)
    if isinstance(message, Awareness):
        return _awareness(message)
    return {type(message).__name__.lower()}


def _awareness(message: Awareness) -> set[str]:
    try:
        states = [(entry.client, entry.clock, awareness_state(entry.state)) for entry in message.entries]
    except Malformed:  # what browsers could not read is passed on to nobody
        return set()
    frame = awareness(states)
    again = read_frame(frame)
    assert isinstance(again, Awareness)
    assert [(one.client, one.clock) for one in again.entries] == [
        (client, clock) for client, clock, _ in states
    ]
    assert awareness((one.client, one.clock, awareness_state(one.state)) for one in again.entries) == frame
    return {"awareness"}


def _vector(data: bytes) -> set[str]:
    try:
        vector = read_state_vector(data)
    except Malformed:
        return set()
    assert read_state_vector(state_vector(vector)) == vector
    pycrdt.get_update(base(), data)
    return {"state vector"}


def _update(data: bytes) -> set[str]:
    """As a room does it: pycrdt writes again what was read, and that is what is placed and stored."""
    try:
        update = read_update(data)
    except Malformed:
        return set()
    assert read_update(without_deletions(data)).deletes == {}
    assert read_update(write_deletes(update.deletes)).deletes == update.deletes
    try:
        written, update = checked([data])
    except Malformed:
        return {"update"}
    assert _said(checked([written])[1]) == _said(update)
    return {"update"} | _apply(written, update)


def _said(update: Update) -> tuple[list[list[object]], Ranges]:
    return [[getattr(one, name) for name in Struct.__slots__] for one in update.structs], update.deletes


def _apply(written: bytes, update: Update) -> set[str]:
    """What a shape takes, a document takes as well, and both have the same clocks then."""
    shape = Shape()
    shape.add(read_update(base()))
    try:
        if shape.examine(update).lacking:
            return {"lacking"}
    except Malformed:
        return set()
    shape.add(update)
    doc: pycrdt.Doc = pycrdt.Doc()
    doc.apply_update(base())
    doc.apply_update(written)
    assert read_state_vector(doc.get_state()) == shape.clocks
    stored = doc.get_update()
    again = Shape()
    again.add(read_update(stored))
    assert again.clocks == shape.clocks
    fresh: pycrdt.Doc = pycrdt.Doc()
    fresh.apply_update(stored)
    assert read_state_vector(fresh.get_state()) == shape.clocks
    return {"applied"}


@cache
def base() -> bytes:
    """A small document that updates may build on."""
    doc: pycrdt.Doc = pycrdt.Doc(client_id=1)
    fragment = doc.get("default", type=pycrdt.XmlFragment)
    with doc.transaction():
        for key in ("a", "b"):
            element = pycrdt.XmlElement("paragraph")
            fragment.children.append(element)
            element.attributes["id"] = key
            content = pycrdt.XmlText()
            element.children.append(content)
            content.insert(0, "你好😀x", {})
    return doc.get_update()
