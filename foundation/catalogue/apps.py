from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "foundation.catalogue"
    label = "catalogue"
    verbose_name = "教材目录"
