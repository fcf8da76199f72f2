from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.files.models import StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(admin.ModelAdmin):
    """To see what is there. Files come with what they belong to, and are not edited."""

    list_display = ["name", "media_type", "size", "by", "at"]
    list_select_related = ["blob", "uploaded_by"]
    search_fields = ["name", "uploaded_by__username"]

    @admin.display(description=_("类型"))
    def media_type(self, file: StoredFile) -> str:
        return file.blob.media_type

    @admin.display(description=_("字节数"))
    def size(self, file: StoredFile) -> int:
        return file.blob.size

    @admin.display(description=_("上传的人"), ordering="uploaded_by")
    def by(self, file: StoredFile) -> str:
        return str(file.uploaded_by)

    @admin.display(description=_("上传时间"), ordering="uploaded_at")
    def at(self, file: StoredFile) -> datetime:
        return file.uploaded_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
