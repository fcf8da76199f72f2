from django.apps import AppConfig


class TeachingCentresConfig(AppConfig):
    name = "teaching_centres"
    label = "teaching_centres"
    verbose_name = "备课中心与备课点"
