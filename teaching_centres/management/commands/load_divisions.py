from typing import Any

from django.core.management.base import BaseCommand

from teaching_centres import operations


class Command(BaseCommand):
    help = "吉林省行政区划：省、市州、县（市、区）和国标代码。可以重复执行。"

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = operations.load_divisions()
        self.stdout.write(
            f"divisions: {loaded.regions} in the files, {loaded.added} added, {loaded.codes} codes"
        )
