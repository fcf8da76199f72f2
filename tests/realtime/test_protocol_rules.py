"""What `script/soak protocol` looks for long, in short: frames that people send or forge, and what broke a rule."""

import random

import pytest

from . import forge
from .protocol_rules import base, check

BROKE_A_RULE = {
    "more clients than memory": "8080808001",
    "JSON texts, of which pycrdt reads one more": "00021701020200090001000467756964"
    + "7e8201010101"
    + "0b010000",
    "a deletion of nothing within a character": "0001010206000702",
}


@pytest.mark.parametrize("data", BROKE_A_RULE.values(), ids=BROKE_A_RULE.keys())
def test_what_has_broken_a_rule_breaks_none(data: str) -> None:
    check(bytes.fromhex(data))


def test_the_rules_hold_for_what_is_forged() -> None:
    rng = random.Random(7)
    taken_for: set[str] = set()
    for _ in range(600):
        taken_for |= check(forge.hostile_frame(rng, {1: 16}, 2))
    assert {"sync", "update", "applied", "lacking", "state vector"} <= taken_for


def test_a_whole_document_is_taken_for_one() -> None:
    assert "update" in check(base())
