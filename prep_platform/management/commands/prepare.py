"""Brings a data folder up to date: migrations, static files, and with --demo the demo province."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError


class Command(BaseCommand):
    help = "Migrate the database, collect static files and, with --demo, fill an empty one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="fill an empty database with the demo province"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._migrate()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        self._collect_static()
        if options["demo"]:
            self._demo()
        call_command("refresh_plans", verbosity=0)

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        self.stdout.write(f"==> {title} …", ending="")
        self.stdout.flush()
        yield
        self.stdout.write(f" ✓ {time.monotonic() - started:.1f}s")
        self.stdout.flush()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with self._step("Database 正在准备数据库"):
                call_command("migrate", verbosity=0, interactive=False)

    def _collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT).with_name("static.stamp")
        current = _fingerprint_of_static_files()
        if stamp.is_file() and stamp.read_text() == current:
            return
        with self._step("Static files 正在准备静态文件"):
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(current)

    def _demo(self) -> None:
        if "demo" not in get_commands() or get_user_model().objects.exists():
            return
        with self._step("Demo province 正在生成演示数据"):
            call_command("demo", verbosity=0)


def _fingerprint_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            path = Path(storage.path(name))
            status = path.stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
