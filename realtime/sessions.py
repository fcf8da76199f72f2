"""Which sessions are still alive. Blocks; call it in a thread."""

from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.utils import timezone


def living(keys: Iterable[str]) -> set[str]:
    found = Session.objects.filter(session_key__in=set(keys) - {""}, expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True))
