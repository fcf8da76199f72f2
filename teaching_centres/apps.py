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
        from teaching_centres.workspace import today as workspaces_today
        from teaching_centres.workspace.belongings import BELONGINGS as WORKSPACE_BELONGINGS
        from teaching_centres.workspace.personal_data import KINDS as WORKSPACE_KINDS

        personal_data.register(*timetables.KINDS, *KINDS, *WORKSPACE_KINDS)
        belongings.register(*BELONGINGS, *timetables.BELONGINGS, *WORKSPACE_BELONGINGS)
        register_notices(
            Kind("timetable.substitute", _("请你代课")),
            Kind("timetable.changed", _("别人改了你的课")),
            Kind("account.deletion", _("有人申请注销帐号")),
            Kind("circular", _("备课中心的通知")),
            Kind("task", _("任务：布置、交来、退回、撤回")),
            Kind("task.due", _("任务快到期")),
            Kind("ticket", _("求助有人接、有了答复")),
            Kind("ticket.due", _("求助快到期")),
            Kind("pairing", _("城乡结对")),
            Kind("visit", _("送教、走教等交流要确认")),
        )
        calendar.register(appointments_of)
        calendar.register(workspaces_today.appointments_of)
