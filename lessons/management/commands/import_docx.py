import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from foundation.office.docx.guarded import read_guarded
from foundation.office.docx.reading import refuse_size
from foundation.office.message import Refused


class Command(BaseCommand):
    help = "Reads a Word file and prints, as JSON, the document it gives and what could not be carried."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reading = read_guarded(_content(options["file"]))
        except Refused as refused:
            self._refuse(refused.message.said(_))
        except OSError:
            self._refuse(_("读不到这个文件。"))
        left_out = [each.said() for each in reading.left_out]
        result = {"document": reading.document, "left_out": left_out}
        self.stdout.write(json.dumps(result, ensure_ascii=False))

    def _refuse(self, reason: str) -> None:
        """One line, as other programs expect it."""
        self.stderr.write(reason, self.style.NOTICE)
        sys.exit(1)


def _content(file: Path) -> bytes:
    refuse_size(file.stat().st_size)
    return file.read_bytes()
