"""Sessions in use go on, those on shared computers end in time, and leave nothing behind."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from foundation.accounts import browsers
from foundation.accounts.operations import sessions, sign_out

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionsMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if sessions.is_too_old(request):
            sign_out(request=request)
        elif sessions.SEEN in request.session:
            sessions.keep_alive(request)
        response = self.get_response(request)
        if request.session.get(sessions.OWN) is False and not response.has_header("Cache-Control"):
            add_never_cache_headers(
                response
            )  # the next person at this computer must not find it by going back
        signed_in = sessions.just_signed_in(request)
        if signed_in is not None:
            browsers.remember(response, browsers.of(request).with_person(signed_in))
        return response
