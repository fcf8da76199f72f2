from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "foundation.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.notices import tasks as tasks  # so that the process that runs jobs knows these
        from foundation.notices.belongings import BELONGINGS
        from foundation.notices.personal_data import KINDS

        personal_data.register(*KINDS)
        belongings.register(*BELONGINGS)
