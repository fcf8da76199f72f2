from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.catalogue.errors import ImportRefused, LineError
from foundation.catalogue.operations import (
    STANDARD_UNITS,
    ImportResult,
    import_unit_table,
    import_units,
)


class Command(BaseCommand):
    help = (
        "导入教材目录。CSV 的列：subject,edition,grade,volume,unit_number,unit_title，可加 stage；"
        "或 .xlsx，列名用中文：学科、教材版本、年级、册次、单元序号、单元名称，可加学段。"
        "有一行不对就一行也不导。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=STANDARD_UNITS, help="不填：平台自带的小学目录"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self._import(options["file"])
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"打不开 {options['file']}：{error}。文件要是 UTF-8 的 CSV。") from error
        except ImportRefused as refused:
            report = "\n".join(_said(error) for error in refused.errors)
            raise CommandError(f"{report}\n一行都没有导入。改好后再来一次。") from refused
        self.stdout.write(f"新增 {result.books_added} 本教材、{result.units_added} 个单元。")
        self.stdout.write(f"改名 {result.units_renamed} 个单元。")

    def _import(self, file: Path) -> ImportResult:
        if file.suffix.lower() == ".xlsx":
            return import_unit_table(file.read_bytes())
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return import_units(lines)


def _said(error: LineError) -> str:
    if error.cell:
        return f"{error.cell}：{error.message}"
    return f"第 {error.line} 行：{error.message}" if error.line else error.message
