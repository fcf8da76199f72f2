"""A roster from the command line: the report is JSON, so that a script can read it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext

from foundation.accounts.models import User
from foundation.accounts.operations import tidy_username
from foundation.office import tables
from foundation.office.tables import Refused, Trouble
from teaching_centres.errors import TeachingCentresError
from teaching_centres.roster.checking import compare, nobody_watches, one_at_a_time, read_file, write_plan
from teaching_centres.roster.plan import Plan
from teaching_centres.roster.sheets import ABOUT, SHEETS


class Command(BaseCommand):
    help = "导入名册（学校、人员）。有一处错就一行也不导；报告是 JSON：sheet、cell、message。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="要导入的 .xlsx")
        parser.add_argument("--check", action="store_true", help="只检查，不写入")
        parser.add_argument("--template", type=Path, metavar="OUT", help="写一份空表到这里，不导入")
        parser.add_argument("--actor", metavar="USERNAME", help="以谁的身份和权限；不填就是平台运维人员")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["template"]:
            options["template"].write_bytes(tables.write(SHEETS, about=ABOUT))
            self.stdout.write(f"已写好空表：{options['template']}")
            return
        if options["file"] is None:
            raise CommandError("请写要导入的文件，或者用 --template 要一份空表。")
        actor = self._actor(options["actor"])
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"打不开 {options['file']}：{error.strerror}。") from error
        try:
            plan = self._run(content, actor, options["check"])
        except Refused as refused:
            trouble = {"sheet": "", "cell": "", "message": refused.message.said(gettext)}
            self._report(False, {}, [trouble], [])
            raise CommandError("文件读不了，一行也没有导入。", returncode=1) from refused
        except TeachingCentresError as refused:
            raise CommandError(f"{refused.reason}一行也没有导入。", returncode=1) from refused
        written = not plan.troubles and not options["check"]
        self._report(written, plan.counts(), _said(plan.troubles), _said(plan.notes))
        if plan.troubles:
            raise CommandError(f"{len(plan.troubles)} 处要改，一行也没有导入。", returncode=1)

    def _actor(self, username: str | None) -> User | None:
        if not username:
            return None
        actor = User.objects.filter(username=tidy_username(username), is_active=True).first()
        if actor is None:
            raise CommandError(f"没有可用的帐号 {username}。")
        return actor

    def _run(self, content: bytes, actor: User | None, only_check: bool) -> Plan:
        found = read_file(content)
        with transaction.atomic():
            if not only_check:
                one_at_a_time()
            plan = compare(found, actor)
            if not plan.troubles and not only_check:
                write_plan(plan, actor, None, nobody_watches)
        return plan

    def _report(self, written: bool, counts: dict[str, Any], errors: list[Any], notes: list[Any]) -> None:
        report = {"imported": written, "counts": counts, "errors": errors, "notes": notes}
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))


def _said(troubles: list[Trouble]) -> list[dict[str, str]]:
    return [
        {"sheet": trouble.sheet, "cell": trouble.cell, "message": trouble.message.said(gettext)}
        for trouble in troubles
    ]
