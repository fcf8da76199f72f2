from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "lessons"
    label = "lessons"
    verbose_name = "备课"

    def ready(self) -> None:
        from foundation.files import access as files
        from lessons import pictures
        from lessons.collaboration import LessonPlanKind
        from realtime import access, kinds
        from teaching_centres import effects

        kinds.register(LessonPlanKind())
        files.register(LessonPlanKind.name, pictures.may_fetch)
        effects.on_membership_changed(access.person_changed)
