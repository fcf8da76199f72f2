from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "lessons"
    label = "lessons"
    verbose_name = "备课"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.files import access as files
        from lessons import pictures
        from lessons.belongings import BELONGINGS
        from lessons.collaboration import LessonPlanKind
        from lessons.personal_data import KINDS
        from lessons.workspace import sections
        from lessons.workspace.personal_data import KINDS as WORKSPACE_KINDS
        from realtime import access, kinds
        from teaching_centres import effects

        personal_data.register(*KINDS, *WORKSPACE_KINDS)
        belongings.register(*BELONGINGS)
        sections.register()
        kinds.register(LessonPlanKind())
        files.register(LessonPlanKind.name, pictures.may_fetch)
        effects.on_membership_changed(access.person_changed)
