from typing import Any

from django.core.management.base import BaseCommand

from realtime import topics


class Command(BaseCommand):
    help = "删除保存期已过的动态（各类动态各有保存期）。离开更久的页面会重新载入。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"删除了 {topics.clean()} 条动态。")
