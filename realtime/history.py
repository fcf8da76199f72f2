"""Looking back in the log: rare questions that read a document's whole history. Blocks; call it from a thread."""

from . import store
from .models import DocumentUpdate
from .update import Id, read_update, without_deletions


def state_without_deletion(document: str, struct_ids: set[Id]) -> bytes | None:
    """The state as if one of these structs had never been deleted, nor anything since; None when none was."""
    parts: list[bytes] = []
    found = False
    rows = DocumentUpdate.objects.filter(document=document).order_by("id").values_list("payload", flat=True)
    for row in rows.iterator():
        payload = bytes(row)
        found = found or _deletes_one(payload, struct_ids)
        parts.append(without_deletions(payload) if found else payload)
    return store.merge(parts) if found else None


def _deletes_one(payload: bytes, struct_ids: set[Id]) -> bool:
    deletes = read_update(payload).deletes
    return any(
        start <= clock < start + length
        for client, clock in struct_ids
        for start, length in deletes.get(client, [])
    )
