from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lessons import contracts

TARGET = Path(settings.BASE_DIR) / "frontend" / "src" / "generated" / "contracts.ts"


class Command(BaseCommand):
    help = "Writes frontend/src/generated/contracts.ts from the schema and the wire protocol."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        text = contracts.typescript()
        if options["check"]:
            if not TARGET.is_file() or TARGET.read_text() != text:
                raise CommandError(f"{TARGET} is out of date: run script/manage write_contracts")
            return
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        if not TARGET.is_file() or TARGET.read_text() != text:
            TARGET.write_text(text)
        self.stdout.write(f"wrote {TARGET.relative_to(settings.BASE_DIR)}")
