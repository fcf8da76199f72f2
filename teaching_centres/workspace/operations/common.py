"""What every operation of the workspaces does."""

from collections.abc import Iterable

from foundation.accounts.models import User
from foundation.ledger.events import LedgerEvent
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from teaching_centres.errors import NotPossible
from teaching_centres.queries import place_of

AT_ONCE = 500


def record_event(event: LedgerEvent, actor: User, key: str | None = None) -> None:
    record(event, actor=actor, place=place_of(actor), key=key)


def tell(people: Iterable[int], *, kind: str, text: str, path: str, but: User | None = None) -> int:
    """Thousands at a time, in statements that both databases take. No name of a person goes into `text`."""
    ids = sorted(set(people) - ({but.pk} if but else set()))
    return sum(
        notify(recipients=ids[start : start + AT_ONCE], kind=kind, text=text, path=path)
        for start in range(0, len(ids), AT_ONCE)
    )


def refuse_if(wrong: object, reason: str) -> None:
    if wrong:
        raise NotPossible(reason)
