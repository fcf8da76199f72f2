from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from foundation.accounts.forms import PersonAddForm, PersonChangeForm
from foundation.accounts.models import User

admin.site.unregister(Group)  # what people may do follows from their memberships, not from groups


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonChangeForm
    add_form = PersonAddForm
    list_display = ["username", "name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_demo"]
    search_fields = ["username", "name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = ["last_login", "joined_at", "activated_at"]
    fieldsets = [
        (None, {"fields": ["username", "name", "email"]}),
        (_("登录"), {"fields": ["is_active", "last_login", "joined_at", "activated_at"]}),
        (
            _("后台"),
            {"fields": ["is_staff", "is_superuser"], "description": _("在平台里能做什么，看“任职”。")},
        ),
    ]
    add_form_template = None
    add_fieldsets = [(None, {"fields": ["username", "name", "email"]})]

    def get_urls(self) -> list[URLPattern]:
        """Nobody sets another's password: a one-time code lets them choose their own."""
        return admin.ModelAdmin.get_urls(self)
