from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from foundation.ledger.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Read only: records are neither changed nor deleted here."""

    list_display = ["at", "kind", "actor", "role", "subject_label"]
    list_filter = ["kind", "urban_class"]
    list_select_related = ["actor"]
    date_hierarchy = "at"
    search_fields = ["subject_id", "actor__username", "actor__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
