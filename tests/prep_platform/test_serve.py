"""What happens before the first visitor."""

import gc

from prep_platform.serve.service import settle


def test_what_is_loaded_for_good_is_never_gone_through_again() -> None:
    before = len(gc.get_objects())
    settle()
    try:
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()
