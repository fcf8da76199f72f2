"""What follows elsewhere from a change of the network: apps above register here, none is imported."""

from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction

Hook = Callable[[int], None]
_hooks: list[Hook] = []


def on_membership_changed(hook: Hook) -> None:
    """Call `hook(user_id)` after each committed change of what that person may do. From `AppConfig.ready`."""
    if hook not in _hooks:
        _hooks.append(hook)


def membership_changed(user_id: int) -> None:
    """To be called inside the transaction of the change; the hooks run once it is committed."""
    for hook in _hooks:
        transaction.on_commit(partial(hook, user_id))


def memberships_changed(user_ids: Iterable[int]) -> None:
    for user_id in sorted(set(user_ids)):
        membership_changed(user_id)
