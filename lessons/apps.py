from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LessonsConfig(AppConfig):
    name = "lessons"
    label = "lessons"
    verbose_name = "备课"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.files import access as files
        from foundation.notices.kinds import Kind
        from foundation.notices.kinds import register as register_notices
        from lessons import pictures
        from lessons.activities.personal_data import KINDS as ACTIVITY_KINDS
        from lessons.belongings import BELONGINGS
        from lessons.collaboration import LessonPlanKind
        from lessons.discussion import notices as discussion
        from lessons.discussion.personal_data import KINDS as DISCUSSION_KINDS
        from lessons.discussion.topics import PlanComments
        from lessons.lineage.personal_data import KINDS as LINEAGE_KINDS
        from lessons.personal_data import KINDS
        from lessons.workspace import sections
        from lessons.workspace.personal_data import KINDS as WORKSPACE_KINDS
        from realtime import access, kinds, topic_kinds
        from teaching_centres import effects

        personal_data.register(*KINDS, *WORKSPACE_KINDS)
        personal_data.register(*ACTIVITY_KINDS)
        personal_data.register(*LINEAGE_KINDS)
        personal_data.register(*DISCUSSION_KINDS)
        belongings.register(*BELONGINGS)
        sections.register()
        register_notices(
            Kind("plan.invited", _("有人请你看或一起写教案")),
            Kind("plan.restored", _("你的教案恢复了旧版本")),
            Kind("plan.handed_over", _("离开的老师的教案交给你")),
            Kind("exemplar", _("你的教案被选为范例")),
            Kind("activity.called", _("有人请你参加集体备课")),
            Kind("activity.moved", _("你参加的备课活动有了变化")),
            Kind("activity.settled", _("共案定稿，可以接收")),
            Kind("lineage.news", _("共案有新的改动可以采用")),
            Kind("lineage.offered", _("有人给你的共案提改法")),
            Kind("lineage.answered", _("你提给共案的改法有了回复")),
            Kind(discussion.OPENED, _("你的教案有新的批注和问题")),
            Kind(discussion.REPLIED, _("你参加的讨论有新的回复")),
            Kind(discussion.MENTIONED, _("有人在讨论里提到你")),
        )
        kinds.register(LessonPlanKind())
        topic_kinds.register(PlanComments())
        files.register(LessonPlanKind.name, pictures.may_fetch)
        effects.on_membership_changed(access.person_changed)
