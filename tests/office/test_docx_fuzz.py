"""Damaged Word files are read or refused, quickly and in little memory: never an error of ours."""

import random
import time

import pytest

from tests.support.docx_damage import damaged, samples, try_to_read

ROUNDS = 300
SECONDS = 5


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_read_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    outcomes = {"read": 0, "refused": 0}
    for _round in range(ROUNDS // 4):
        content = damaged(rng, rng.choice(samples()))
        started = time.monotonic()
        outcomes[try_to_read(content)] += 1
        assert time.monotonic() - started < SECONDS
    # both happen: the damage is neither without effect nor always deadly
    assert outcomes["read"] > 5 and outcomes["refused"] > 5
