"""The API knows people by the session cookie; unsafe calls need the CSRF token, like forms."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from foundation.api.problems import Problem


class SessionAuth(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # checked below, after the person is known

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        user = request.user
        if not user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise Problem(403, _("缺少或不对的 X-CSRFToken 请求头：把 csrftoken 这个 cookie 的值放进去。"))
        return user
