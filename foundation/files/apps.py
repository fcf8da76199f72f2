from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "foundation.files"
    label = "files"
    verbose_name = "文件"

    def ready(self) -> None:
        from foundation.accounts import personal_data
        from foundation.files.personal_data import KINDS

        personal_data.register(*KINDS)
