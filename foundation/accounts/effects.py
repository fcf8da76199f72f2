"""What others want to happen when someone signs in or out: wired in `prep_platform.apps`, unknown here."""

from collections.abc import Callable
from typing import Any

from foundation.accounts.models import User

signed_in: list[Callable[[User, bool], None]] = []
"""Called with the person and "this is my own computer", in the transaction of the sign-in."""

signed_out: list[Callable[[User], None]] = []
"""Called with the person after the session has ended."""

account_acts: list[Callable[[User, str, dict[str, Any]], None]] = []
"""Called with what someone did to their own account (an act of the audit trail), in its transaction."""


def tell_account_act(person: User, act: str, **details: Any) -> None:
    for effect in account_acts:
        effect(person, act, details)
