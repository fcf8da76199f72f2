from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "foundation.accounts"
    label = "accounts"
    verbose_name = "帐号"

    def ready(self) -> None:
        from foundation.accounts import belongings, own_belongings, own_data, personal_data
        from foundation.accounts import tasks as tasks  # the jobs are known by it

        personal_data.register(*own_data.KINDS)
        belongings.register(*own_belongings.BELONGINGS)
