from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LessonsConfig(AppConfig):
    name = "lessons"
    label = "lessons"
    verbose_name = "备课"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.files import access as files
        from foundation.notices import calendar
        from foundation.notices.kinds import Kind
        from foundation.notices.kinds import register as register_notices
        from lessons import pictures, versions
        from lessons.activities.calendar import appointments_of
        from lessons.activities.personal_data import KINDS as ACTIVITY_KINDS
        from lessons.belongings import BELONGINGS
        from lessons.collaboration import LessonPlanKind
        from lessons.discussion import notices as discussion
        from lessons.discussion.personal_data import KINDS as DISCUSSION_KINDS
        from lessons.discussion.topics import PlanComments
        from lessons.lineage import telling
        from lessons.lineage.personal_data import KINDS as LINEAGE_KINDS
        from lessons.personal_data import KINDS
        from lessons.records import sections as records
        from lessons.reviewing.belongings import BELONGINGS as REVIEWING_BELONGINGS
        from lessons.reviewing.personal_data import KINDS as REVIEWING_KINDS
        from lessons.word_out import templates as word_templates
        from lessons.word_out.personal_data import KINDS as WORD_KINDS
        from lessons.workspace import sections
        from lessons.workspace.personal_data import KINDS as WORKSPACE_KINDS
        from realtime import access, kinds, topic_kinds
        from teaching_centres import effects

        personal_data.register(*KINDS, *WORKSPACE_KINDS)
        personal_data.register(*ACTIVITY_KINDS)
        personal_data.register(*LINEAGE_KINDS)
        personal_data.register(*DISCUSSION_KINDS)
        personal_data.register(*REVIEWING_KINDS)
        personal_data.register(*DISCUSSION_KINDS)
        belongings.register(*BELONGINGS, *REVIEWING_BELONGINGS)
        personal_data.register(*WORD_KINDS)
        sections.register()
        records.register()
        versions.after_naming.append(telling.version_named)
        register_notices(
            Kind("plan.invited", _("有人请你看或一起写教案")),
            Kind("plan.restored", _("你的教案恢复了旧版本")),
            Kind("plan.handed_over", _("离开的老师的教案交给你")),
            Kind("exemplar", _("你的教案被选为范例")),
            Kind("activity.called", _("有人请你参加集体备课")),
            Kind("activity.moved", _("你参加的备课活动有了变化")),
            Kind("activity.turn", _("备课活动轮到你：集研、接收共案、做个案")),
            Kind("lineage.news", _("共案有新的改动可以采用")),
            Kind("lineage.offered", _("有人给你的共案提改法")),
            Kind("lineage.answered", _("你提给共案的改法有了回复")),
            Kind("review.handed_in", _("有教案交上来等你批阅")),
            Kind("review.given", _("你的教案有了批阅")),
            Kind("review.replied", _("作者回复了你的批阅")),
            Kind("recommendation.asked", _("有人想推荐你的教案")),
            Kind("recommendation.waiting", _("有推荐上来的教案等你看")),
            Kind("recommendation.decided", _("推荐有了结果")),
            Kind(discussion.OPENED, _("你的教案有新的批注和问题")),
            Kind(discussion.REPLIED, _("你参加的讨论有新的回复")),
            Kind(discussion.MENTIONED, _("有人在讨论里提到你")),
        )
        calendar.register(appointments_of)
        kinds.register(LessonPlanKind())
        topic_kinds.register(PlanComments())
        files.register(LessonPlanKind.name, pictures.may_fetch)
        files.register(word_templates.SUBJECT, word_templates.may_fetch)
        effects.on_membership_changed(access.person_changed)
