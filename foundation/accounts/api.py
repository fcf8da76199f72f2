"""/api/v1/session: sign in, who am I, sign out."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from foundation.accounts import operations
from foundation.accounts.errors import SignInRefused, TooManyTries
from foundation.accounts.models import User
from foundation.accounts.views.common import person_of
from foundation.api.problems import Problem

router = Router(tags=["session"])


class SignInIn(Schema):
    username: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=256)]
    code: Annotated[str, Field(max_length=40)] = ""
    """Of the second factor, where the account has one."""


class PersonOut(Schema):
    id: int
    username: str
    name: str


class SessionOut(Schema):
    user: PersonOut


@router.post("", response=SessionOut, auth=None, summary="登录")
def create_session(request: HttpRequest, body: SignInIn) -> dict[str, User]:
    """Sets the session cookie, and the `csrftoken` cookie whose value unsafe calls send as X-CSRFToken.

    JSON only: a form on another site cannot send it, so this one call needs no CSRF token.
    """
    if request.content_type != "application/json":
        raise Problem(415, _("登录只收 Content-Type: application/json。"))
    try:
        step = operations.sign_in(request=request, username=body.username, password=body.password)
        if step is operations.Step.SECOND_FACTOR:
            operations.show_second_factor(request=request, code=body.code)
    except TooManyTries as refusal:
        raise Problem(429, refusal.message, headers={"Retry-After": str(refusal.seconds)}) from None
    except SignInRefused as refusal:
        raise Problem(401, refusal.message) from None
    if step is operations.Step.SET_UP:
        raise Problem(401, _("这个帐号要先在网页上登录一次，设置二次验证。"))
    get_token(request)
    return {"user": person_of(request)}


@router.get("", response=SessionOut, summary="我是谁")
def read_session(request: HttpRequest) -> dict[str, object]:
    return {"user": request.user}


@router.delete("", response={204: None}, summary="退出")
def delete_session(request: HttpRequest) -> HttpResponse:
    operations.sign_out(request=request)
    return HttpResponse(status=204)
