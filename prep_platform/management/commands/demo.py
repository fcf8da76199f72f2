"""The demo province: the network, then the lesson plans in it. Safe to run again."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from teaching_centres import demo as network


class Command(BaseCommand):
    help = "Fill the database with the demo province, or list its accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="print the demo accounts and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(network.accounts()))
            return
        self._say(options, "network 网络 …")
        network.build()
        if find_spec("lessons.demo"):
            self._say(options, "lesson plans 教案 …")
            import_module("lessons.demo").build()
            self._say(options, "workspaces 备课中心和备课点 …")
            import_module("lessons.workspace.demo").build()
            self._say(options, "collective preparation 集体备课 …")
            import_module("lessons.activities.demo").build()
            self._say(options, "own versions 个案 …")
            import_module("lessons.lineage.demo").build()
            import_module("lessons.reviewing.demo").build()
            import_module("lessons.records.demo").build()
        self._say(options, "demo province ready 演示数据已就绪")

    def _say(self, options: dict[str, Any], line: str) -> None:
        if options["verbosity"]:
            self.stdout.write(line)
