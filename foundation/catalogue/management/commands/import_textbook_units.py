from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.catalogue.errors import ImportRefused
from foundation.catalogue.operations import STANDARD_UNITS, import_units


class Command(BaseCommand):
    help = (
        "导入教材目录。CSV 的列：subject,edition,grade,volume,unit_number,unit_title，可加 stage。"
        "有一行不对就一行也不导。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=STANDARD_UNITS, help="不填：平台自带的小学目录"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines:
                result = import_units(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"打不开 {options['file']}：{error}。文件要是 UTF-8 的 CSV。") from error
        except ImportRefused as refused:
            report = "\n".join(f"第 {error.line} 行：{error.message}" for error in refused.errors)
            raise CommandError(f"{report}\n一行都没有导入。改好后再来一次。") from refused
        self.stdout.write(f"新增 {result.books_added} 本教材、{result.units_added} 个单元。")
        self.stdout.write(f"改名 {result.units_renamed} 个单元。")
