"""The admin's name; what is in it belongs to the apps."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

admin.site.site_header = _("城乡同步备课 · 后台")
admin.site.site_title = _("城乡同步备课 · 后台")
admin.site.index_title = _("管理什么")
admin.site.empty_value_display = "—"
