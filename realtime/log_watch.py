"""Finds in the log what no message told: the relay may lose messages, and a process may die before it sends one.

On PostgreSQL the order of ids is not the order of commits: a row may appear below ids that were seen already. So
each look goes back to the newest id of some seconds ago and passes over the ids that are known.
"""

import time
from collections import deque
from collections.abc import Iterable

from django.db.models import Max

from . import limits
from .models import DocumentUpdate

ROWS_BEFORE_THE_FIRST_LOOK = 1000  # written while the process started


class LogWatch:
    def __init__(self) -> None:
        self._known: set[int] = set()
        self._left: dict[str, list[int]] = {}
        self._marks: deque[tuple[float, int]] = deque()  # (when, the newest id then)

    @property
    def after(self) -> int | None:
        """From where the next look has to read; None before the first."""
        return self._marks[0][1] if self._marks else None

    def note(self, row_ids: Iterable[int]) -> None:
        """These rows are known here already."""
        self._known.update(row_ids)

    def put_back(self, document: str, row_ids: list[int]) -> None:
        """They could not be taken: they are found again next time."""
        self._left.setdefault(document, []).extend(row_ids)

    def sort_out(self, rows: list[tuple[int, str]]) -> dict[str, list[int]]:
        """Of what `read` found, the rows that nobody told of, by document."""
        found, self._left = self._left, {}
        for row_id, document in rows:
            if row_id not in self._known:
                found.setdefault(document, []).append(row_id)
        self._known.update(row_id for row_id, _ in rows)
        newest = max([row_id for row_id, _ in rows[-1:]], default=self._marks[-1][1] if self._marks else 0)
        self._move_on(newest)
        return found

    def _move_on(self, newest: int) -> None:
        now = time.monotonic()
        self._marks.append((now, newest))
        while len(self._marks) > 1 and self._marks[1][0] < now - limits.WATCH_BACK_SECONDS:
            self._marks.popleft()
        oldest = self._marks[0][1]
        self._known = {row_id for row_id in self._known if row_id > oldest}


def read(after: int | None) -> list[tuple[int, str]]:
    """(id, document) of the rows after an id. Blocks; one query over the primary key."""
    if after is None:
        newest = DocumentUpdate.objects.aggregate(newest=Max("id"))["newest"] or 0
        after = newest - ROWS_BEFORE_THE_FIRST_LOOK
    return list(DocumentUpdate.objects.filter(id__gt=after).order_by("id").values_list("id", "document"))
