"""The admin (后台): its name, and how a choice reads when two people or two schools share a name."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from prep_platform import errors

logger = logging.getLogger(__name__)


class LabelledChoices(AutocompleteJsonView):
    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """A page of the admin may say `choice_label(row)`; otherwise a choice reads like its row."""
        result = super().serialize_result(obj, to_field_name)  # type: ignore[misc]
        label = getattr(self.model_admin, "choice_label", None)
        return {**result, "text": label(obj)} if label else result


class PlatformAdminSite(AdminSite):
    site_header = _("同步备课 · 后台")
    site_title = _("同步备课 · 后台")
    index_title = _("管理什么")
    empty_value_display = "—"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A list asked for with what cannot be (the year 999999, a number of thirty digits) is a bad request."""
        checked = super().admin_view(view, cacheable)

        @wraps(checked)
        def view_of_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return checked(request, *args, **kwargs)
            except (ValueError, OverflowError, DataError):
                if request.method != "GET" or not request.GET:
                    raise
                logger.warning("a page of the admin could not read its address", exc_info=True)
                return errors.bad_request(request)

        return view_of_address

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        view: Callable[[HttpRequest], Any] = LabelledChoices.as_view(admin_site=self)
        return view(request)


class PlatformAdminConfig(AdminConfig):
    default_site = "prep_platform.admin_site.PlatformAdminSite"
