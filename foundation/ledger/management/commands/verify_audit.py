from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.ledger.audit import Anchor, heads, verify


class Command(BaseCommand):
    help = "核对操作记录的校验链。完好时逐链打印锚点（链、条数、校验值）：另存到别处，以后用 --anchors 对照。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", type=Path, help="从前另存的锚点文件")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = verify(_read(options["anchors"]) if options["anchors"] else ())
        if broken:
            raise CommandError("\n".join(map(str, broken)), returncode=1)
        for head in heads():
            self.stdout.write(str(head))


def _read(path: Path) -> list[Anchor]:
    anchors = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            chain, number, digest = line.split()
            anchors.append(Anchor(chain, int(number), digest))
    return anchors
