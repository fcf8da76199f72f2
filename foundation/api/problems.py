"""Errors of the API as problem documents (RFC 9457), with a Chinese title and detail."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROBLEM = "application/problem+json"
TITLES: dict[int, Promise] = {
    400: _("请求看不懂"),
    401: _("还没有登录"),
    403: _("没有这个权限"),
    404: _("没有这一项"),
    405: _("这里不能这样做"),
    409: _("和现在的情况冲突"),
    413: _("内容太大"),
    415: _("只收 JSON"),
    422: _("有的内容不对"),
    429: _("试的次数多了"),
    500: _("系统出错了"),
    503: _("暂时不能用"),
}


class Problem(Exception):
    """Raise this in an API view to answer with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.headers = dict(headers or {})


def answer(problem: Problem) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES.get(problem.status, TITLES[400])),
        "status": problem.status,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=problem.status,
        content_type=PROBLEM,
        headers=problem.headers,
    )
