"""What every operation of the workspaces does."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

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


Row = TypeVar("Row", bound=Model)


def sent_already(model: type[Row], once: UUID | None, **by: User) -> Row | None:
    """What the same person made with the same form before: its button was pressed twice, or the answer got lost."""
    return model._default_manager.filter(once=once, **by).first() if once else None


def create_once(model: type[Row], **values: Any) -> Row:
    """Two of the same form at the same moment: the second is told."""
    try:
        with transaction.atomic():
            return model._default_manager.create(**values)
    except IntegrityError:
        if values.get("once") and model._default_manager.filter(once=values["once"]).exists():
            raise NotPossible(_("刚刚已经发出去了，不用再发。")) from None
        raise


def refuse_if(wrong: object, reason: str) -> None:
    if wrong:
        raise NotPossible(reason)
