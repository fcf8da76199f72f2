from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeachingCentresConfig(AppConfig):
    name = "teaching_centres"
    label = "teaching_centres"
    verbose_name = "备课中心与备课点"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.notices import calendar
        from foundation.notices.kinds import Kind
        from foundation.notices.kinds import register as register_notices
        from teaching_centres import tasks as tasks  # so that the process that runs jobs knows these
        from teaching_centres.belongings import BELONGINGS
        from teaching_centres.calendar import personal_data as timetables
        from teaching_centres.calendar.appointments import appointments_of
        from teaching_centres.personal_data import KINDS
        from teaching_centres.workspace.belongings import BELONGINGS as WORKSPACE_BELONGINGS
        from teaching_centres.workspace.personal_data import KINDS as WORKSPACE_KINDS

        personal_data.register(*timetables.KINDS, *KINDS, *WORKSPACE_KINDS)
        belongings.register(*BELONGINGS, *timetables.BELONGINGS, *WORKSPACE_BELONGINGS)
        register_notices(
            Kind("timetable.substitute", _("请你代课")),
            Kind("timetable.changed", _("别人改了你的课")),
            Kind("account.deletion", _("有人申请注销帐号")),
        )
        calendar.register(appointments_of)
