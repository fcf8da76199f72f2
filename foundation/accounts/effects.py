"""What others want to happen when someone signs in or out: wired in `prep_platform.apps`, unknown here."""

from collections.abc import Callable

from foundation.accounts.models import User

signed_in: list[Callable[[User, bool], None]] = []
"""Called with the person and "this is my own computer", in the transaction of the sign-in."""

signed_out: list[Callable[[User], None]] = []
"""Called with the person after the session has ended."""
