from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.records.models import RecordRevision
from foundation.records.queries import what_is_wrong

AT_ONCE = 200


class Command(BaseCommand):
    help = "核对签字定稿的活动记录。完好时打印份数；被改过的逐份打印（记录、第几次定稿、哪里不对），以状态 1 结束。"

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = 0, []
        for revisions in _batches():
            checked += len(revisions)
            reasons = what_is_wrong(revisions)
            broken += [
                f"{revision.record_id} {revision.number} {reasons[revision.pk]}"
                for revision in revisions
                if revision.pk in reasons
            ]
        if broken:
            raise CommandError("\n".join(broken), returncode=1)
        self.stdout.write(str(checked))


def _batches() -> Iterator[list[RecordRevision]]:
    rows = RecordRevision.objects.order_by("pk").iterator(chunk_size=AT_ONCE)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch
