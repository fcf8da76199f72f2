"""Frames: those of a stock y-websocket client are understood, everything else is refused by name."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import protocol
from realtime.protocol import Awareness, AwarenessEntry, Malformed, QueryAwareness, Step, Sync, Unexpected


def test_frames_of_a_stock_client() -> None:
    # bytes as y-websocket 3 sends them: step1 of an empty document, an update, one awareness state
    assert protocol.read_frame(bytes([0, 0, 1, 0])) == Sync(Step.STEP1, b"\x00")
    assert protocol.read_frame(bytes([0, 2, 2, 0, 0])) == Sync(Step.UPDATE, b"\x00\x00")
    state = b'{"user":{"name":"x"}}'
    body = bytes([1, 5, 1, len(state)]) + state
    assert protocol.read_frame(bytes([1, len(body)]) + body) == Awareness(
        (AwarenessEntry(5, 1, {"user": {"name": "x"}}),)
    )
    assert protocol.read_frame(bytes([3])) == QueryAwareness()


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00",
        b"\x00\x00",
        b"\x00\x02\x05ab",
        b"\x00\x02\x01a!",
        b"\x01\x02\x01\x05",
        b"\xff" * 12,
        b"\x01\x06\x01\x05\x01\x02{]",
        b"\x01\x05\x01\x05\x01\x011",
        b"\x03\x00",
    ],
)
def test_malformed_frames_are_refused(frame: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.read_frame(frame)


@pytest.mark.parametrize("frame", [b"\x02\x00", b"\x10\x01", b"\x11\x00", b"\x00\x03\x00", b"\x64"])
def test_messages_that_are_not_a_clients_are_unexpected(frame: bytes) -> None:
    with pytest.raises(Unexpected):
        protocol.read_frame(frame)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_frame_or_refused(frame: bytes) -> None:
    with contextlib.suppress(Malformed):
        protocol.read_frame(frame)


def test_awareness_nested_without_end_is_refused() -> None:
    state = b'{"a":' * 100_000
    body = bytes([1, 5, 1]) + protocol.sized(state)
    with pytest.raises(Malformed):
        protocol.read_frame(bytes([1]) + protocol.sized(body))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_awareness_that_browsers_cannot_read_is_refused(value: float) -> None:
    with pytest.raises(Malformed):
        protocol.awareness_state({"x": value})


def test_a_lone_surrogate_in_awareness_is_replaced() -> None:
    protocol.awareness_state({"x": "\ud800"}).decode()


@given(st.integers(0, protocol.MAX_VARUINT))
def test_numbers_come_back(number: int) -> None:
    assert protocol.Reader(protocol.varuint(number)).varuint() == number
