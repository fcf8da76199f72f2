from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "tests.support.boards"
    label = "boards"

    def ready(self) -> None:
        from realtime import topic_kinds

        from .kind import PlanBoard

        topic_kinds.register(PlanBoard())
