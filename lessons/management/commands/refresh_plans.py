from typing import Any

from django.core.management.base import BaseCommand

from lessons.derived import refresh_all, refresh_behind


class Command(BaseCommand):
    help = (
        "Recomputes what lists show of plans: of those whose document is newer, or with --all of every one."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--all", action="store_true", help="every plan, not only those that are behind")

    def handle(self, *args: Any, **options: Any) -> None:
        count = refresh_all() if options["all"] else refresh_behind()
        if options["verbosity"]:
            self.stdout.write(f"{count} plans refreshed")
