"""Looking back in the log: rare questions that read a document's whole history. Blocks; call it from a thread."""

from . import store
from .models import DocumentUpdate
from .update import Id, read_update


def state_before_deletion(document: str, struct_id: Id) -> bytes | None:
    """The state just before the row that deleted this struct; None when no row names it."""
    client, clock = struct_id
    earlier: list[bytes] = []
    rows = DocumentUpdate.objects.filter(document=document).order_by("id").values_list("payload", flat=True)
    for payload in rows.iterator():
        ranges = read_update(bytes(payload)).deletes.get(client, [])
        if any(start <= clock < start + length for start, length in ranges):
            return store.merge(earlier)
        earlier.append(bytes(payload))
    return None
