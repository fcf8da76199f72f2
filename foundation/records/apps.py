from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "foundation.records"
    label = "records"
    verbose_name = "活动记录"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.notices import calendar
        from foundation.notices.kinds import Kind
        from foundation.notices.kinds import register as register_notices
        from foundation.records.belongings import BELONGINGS
        from foundation.records.calendar import appointments_of
        from foundation.records.personal_data import KINDS

        personal_data.register(*KINDS)
        belongings.register(*BELONGINGS)
        register_notices(
            Kind("record.task", _("活动记录里有你的任务")),
            Kind("record.task_done", _("你主持的活动有任务完成了")),
        )
        calendar.register(appointments_of)
