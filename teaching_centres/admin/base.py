"""What the pages of the network in the admin have in common.

Rows and permissions follow the roles (`manage`), not Django's own permissions; writing goes through the
operations, so that rights are checked, the ledger sees it and open documents are re-judged.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from foundation.accounts.models import User
from teaching_centres.errors import TeachingCentresError
from teaching_centres.policies import Unit, allowed
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes


def actor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def manages_anything(request: HttpRequest) -> bool:
    return bool(scopes(request.user, Verb.MANAGE))


def manages_regions(request: HttpRequest) -> bool:
    return bool(scopes(request.user, Verb.MANAGE).region_paths)


def adopt(form_row: Model, written: Model) -> None:
    """The operation wrote its own row; let the form's instance, which the admin goes on with, be that row."""
    form_row.pk = written.pk
    form_row.refresh_from_db()


class PlainChoices:
    """A choice of a school or a person without the icons that would add or change one on the way."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            widget = field.widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return field


class ReasonsAsMessages(PlainChoices, admin.ModelAdmin):
    """A refusal by an operation becomes a message on the page; nothing was written."""

    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ["teaching_centres/admin.css"]}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except TeachingCentresError as error:
            messages.error(request, error.reason)
            return HttpResponseRedirect(request.get_full_path())


class UnitAdmin(ReasonsAsMessages):
    """Rows of units: seen and changed by whoever manages the unit; closed or ended, never deleted."""

    def unit_of(self, row: Any) -> Unit:
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(request.user, Verb.MANAGE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages_anything(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_anything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _manages(self, request: HttpRequest, row: Any) -> bool:
        if row is None:
            return manages_anything(request)
        return bool(allowed(request.user, Verb.MANAGE, self.unit_of(row)))
