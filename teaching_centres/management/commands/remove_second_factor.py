from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.accounts.models import User
from teaching_centres import operations
from teaching_centres.errors import TeachingCentresError


class Command(BaseCommand):
    help = "取消一个人的二次验证（手机丢了、恢复码也没有，上面又没有别人能办）；要求二次验证的，下次登录重新设置。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="手机号或工号")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"没有这个帐号：{options['username']}")
        try:
            operations.remove_second_factor(person=person, actor=None)
        except TeachingCentresError as error:
            raise CommandError(error.reason) from None
        self.stdout.write("取消了。")
