from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "foundation.accounts"
    label = "accounts"
    verbose_name = "帐号"

    def ready(self) -> None:
        from foundation.accounts import own_data, personal_data, tasks  # noqa: F401  # the jobs are known by it

        personal_data.register(*own_data.KINDS)
