"""Leaving for good: asked for by the person, carried out later by someone else, never by surprise."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts import effects, personal_data
from foundation.accounts.errors import NotPossible
from foundation.accounts.models import DeletionRequest, User
from foundation.accounts.operations import sessions

NAME_OF_THE_GONE = "已离开的教师"


@transaction.atomic
def ask_deletion(*, person: User) -> DeletionRequest:
    if person.is_superuser:
        raise NotPossible(_("平台管理员的帐号先交出管理权，再注销。"))
    due = timezone.now() + timedelta(days=settings.DELETION_WAIT_DAYS)
    request, created = DeletionRequest.objects.get_or_create(person=person, defaults={"due_at": due})
    if created:
        effects.tell_account_act(person, "person.deletion_asked")
    return request


@transaction.atomic
def withdraw_deletion(*, person: User) -> None:
    deleted, _rows = DeletionRequest.objects.filter(person=person).delete()
    if deleted:
        effects.tell_account_act(person, "person.deletion_withdrawn")


@transaction.atomic
def erase(*, person: User, successor: User | None = None) -> None:
    """The name, the number and the ways in are gone; the id stays, so that counts and the trail stay right.

    Whether it may be done is decided above.
    """
    if person.deleted_at is not None:
        raise NotPossible(_("这个帐号已经注销。"))
    if successor is not None and (successor.pk == person.pk or not successor.is_active):
        raise NotPossible(_("教案要交给另一位在用的老师。"))
    sessions.end_sessions(person=person)
    personal_data.forget_everywhere(person, successor)
    person.username = f"gone-{person.pk}"
    person.name = NAME_OF_THE_GONE
    person.email = ""
    person.password = make_password(None)
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = person.activated_at = None
    person.deleted_at = timezone.now()
    person.save()
