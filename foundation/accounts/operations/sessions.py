"""Sessions as people see them: begun, kept alive, listed, ended one by one or all."""

import logging
import time
from collections.abc import Iterable
from functools import partial
from importlib import import_module

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from foundation.accounts import effects
from foundation.accounts.addresses import network_of
from foundation.accounts.devices import device_of
from foundation.accounts.models import SignedInSession, User

logger = logging.getLogger(__name__)

SEEN = "seen"
BEGAN = "began"
OWN = "own_computer"
JUST_SIGNED_IN = "accounts.just_signed_in"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(*, request: HttpRequest, user: User, own_computer: bool) -> None:
    """A new session key; 30 days on one's own computer, elsewhere until the browser closes or rests too long."""
    login(request, user, backend=BACKEND)
    if own_computer:
        request.session.set_expiry(settings.OWN_COMPUTER_SESSION_SECONDS)
    request.META[JUST_SIGNED_IN] = user.username
    now = time.time()
    request.session.update({SEEN: now, BEGAN: now, OWN: own_computer})
    request.session.save()
    SignedInSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "person": user,
            "device": device_of(request.headers.get("User-Agent", "")),
            "network": network_of(request),
            "own_computer": own_computer,
        },
    )


def just_signed_in(request: HttpRequest) -> str | None:
    """The username of whoever this request signed in."""
    return request.META.get(JUST_SIGNED_IN)


def keep_alive(request: HttpRequest) -> None:
    """A session that is used goes on: its end moves, and its owner sees when it was last used."""
    now = time.time()
    if now - request.session[SEEN] < settings.SESSION_SEEN_EVERY_SECONDS:
        return
    rows = SignedInSession.objects.filter(session_key=request.session.session_key)
    try:
        rows.update(seen_at=timezone.now(), network=network_of(request))
    except DatabaseError as error:  # a full disk must not keep anybody from reading
        logger.error("sessions are not kept alive: %s", type(error).__name__)
        return
    request.session[SEEN] = now  # the middleware saves it, with a new end


def is_too_old(request: HttpRequest) -> bool:
    """On a shared computer nobody stays signed in for longer than a school day, however busy."""
    began, own = request.session.get(BEGAN), request.session.get(OWN)
    return began is not None and not own and time.time() - began > settings.SHARED_COMPUTER_LONGEST_SECONDS


def forget(request: HttpRequest) -> None:
    SignedInSession.objects.filter(session_key=request.session.session_key or "").delete()


@transaction.atomic
def end_sessions(*, person: User, only: int | None = None, but_for: str = "") -> int:
    """End one session (`only`, its id), or all but one (`but_for`, its key). Sockets close once it is committed."""
    rows = SignedInSession.objects.filter(person=person).exclude(session_key=but_for)
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    if keys:
        _delete(keys)
        rows.delete()
        for effect in effects.signed_out:
            transaction.on_commit(partial(effect, person))
    return len(keys)


def _delete(keys: Iterable[str]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(key).delete()


def renew_key(request: HttpRequest, person: User) -> None:
    """The password changed: this session goes on, under a new key."""
    before = request.session.session_key
    update_session_auth_hash(request, person)
    request.session.save()
    SignedInSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
