"""Browsers in which someone has been signed in before, recognised by a cookie that tells nobody who.

It holds a random id and, for each of the last people, a keyed digest. It opens nothing: it only keeps a
guesser's failures apart from those of the person whose browser it is (`throttle`).
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from foundation.accounts.secrets import digest

COOKIE = "browser"
PEOPLE = 20
MAX_AGE = 365 * 24 * 3600
_signer = Signer(salt="accounts.browsers")


@dataclass(frozen=True)
class Browser:
    id: str
    people: tuple[str, ...] = ()

    def knows(self, username: str) -> bool:
        return self._mark(username) in self.people

    def with_person(self, username: str) -> "Browser":
        mark = self._mark(username)
        others = [known for known in self.people if known != mark]
        return Browser(self.id, (*others[-PEOPLE + 1 :], mark))

    def _mark(self, username: str) -> str:
        return digest("browser", self.id, username.casefold())[:12]


def of(request: HttpRequest) -> Browser:
    """The browser of this request; a new one when it has no cookie of ours."""
    try:
        found, *people = _signer.unsign(request.COOKIES.get(COOKIE, "")).split(".")
    except BadSignature:
        return Browser(secrets.token_hex(8))
    return Browser(found, tuple(people))


def id_if_known(request: HttpRequest, username: str) -> str:
    browser = of(request)
    return browser.id if browser.knows(username) else ""


def remember(response: HttpResponse, browser: Browser) -> None:
    response.set_cookie(
        COOKIE,
        _signer.sign(".".join((browser.id, *browser.people))),
        max_age=MAX_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
