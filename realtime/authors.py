"""Who wrote and who deleted what, read from the log."""

from . import store
from .models import DocumentUpdate
from .update import Ranges, delete_set, read_update


def owners(document: str) -> dict[int, int]:
    """Yjs client id → user id."""
    return store.owners(document)


def deletions(document: str, after_id: int, through_id: int) -> list[tuple[int, bytes]]:
    """(user id, Yjs delete set) of everyone who deleted something in the rows (after_id, through_id]."""
    by_user: dict[int, Ranges] = {}
    rows = DocumentUpdate.objects.filter(
        document=document, id__gt=after_id, id__lte=through_id, user_id__isnull=False
    ).order_by("id")
    for user_id, payload in rows.values_list("user_id", "payload").iterator():
        for client, ranges in read_update(bytes(payload)).deletes.items():
            by_user.setdefault(user_id or 0, {}).setdefault(client, []).extend(ranges)
    return [(user_id, delete_set(ranges)) for user_id, ranges in by_user.items()]
