from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "foundation.files"
    label = "files"
    verbose_name = "文件"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.files.belongings import BELONGINGS
        from foundation.files.personal_data import KINDS

        personal_data.register(*KINDS)
        belongings.register(*BELONGINGS)
