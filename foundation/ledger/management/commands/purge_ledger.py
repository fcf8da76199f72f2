from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.ledger.operations import purge

YEARS_KEPT = 3


class Command(BaseCommand):
    help = "删除保存期已过的使用记录。记录是统计的来源：先导出，再删。三年以内的不删。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before", required=True, type=datetime.fromisoformat, help="某天以前，如 2026-09-01"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before = options["before"]
        before = timezone.make_aware(before) if timezone.is_naive(before) else before
        now = timezone.now()
        if before > now.replace(year=now.year - YEARS_KEPT, day=min(now.day, 28)):
            raise CommandError(f"{YEARS_KEPT} 年以内的记录不删。")
        self.stdout.write(f"删除了 {purge(before=before)} 条记录。")
