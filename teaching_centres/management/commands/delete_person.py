from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.accounts.errors import NotPossible as AccountNotPossible
from foundation.accounts.models import User
from teaching_centres import operations
from teaching_centres.errors import TeachingCentresError


class Command(BaseCommand):
    help = "注销一个人的帐号，不等申请到期：姓名、手机号和登录的凭据删除，统计不变。不能恢复。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="手机号或工号")
        parser.add_argument("--plans-to", help="教案交给谁（手机号或工号）；不填就署名“已离开的教师”")
        parser.add_argument("--yes", action="store_true", help="不再问")

    def handle(self, *args: Any, **options: Any) -> None:
        person = _person(options["username"])
        successor = _person(options["plans_to"]) if options["plans_to"] else None
        if (
            not options["yes"]
            and input(f"注销“{person.name}”（{person.username}），不能恢复。键入 yes：") != "yes"
        ):
            raise CommandError("没有注销。")
        try:
            operations.delete_person(person=person, successor=successor, actor=None)
        except TeachingCentresError as error:
            raise CommandError(error.reason) from None
        except AccountNotPossible as error:
            raise CommandError(error.message) from None
        self.stdout.write("注销了。")


def _person(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"没有这个帐号：{username}")
    return person
