"""Accounts without a password, one or ten thousand, and the codes that open them.

Whether someone may do this is decided above, where places and roles are known; so is the audit.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.errors import NotPossible
from foundation.accounts.models import OneTimeCode, User
from foundation.accounts.secrets import digest, new_code, new_token

BATCH = 1000
Purpose = OneTimeCode.Purpose


@dataclass(frozen=True)
class NewPerson:
    username: str
    name: str
    email: str = ""


def create_person(*, username: str, name: str, email: str = "") -> User:
    return create_people([NewPerson(username, name, email)])[0]


@transaction.atomic
def create_people(people: Iterable[NewPerson]) -> list[User]:
    """Accounts that nobody can sign in to yet, in the order given. All, or none when one is not possible."""
    rows = [_row(person) for person in people]
    _refuse_taken([row.username for row in rows])
    return User.objects.bulk_create(rows, batch_size=BATCH)


def usernames_taken(usernames: Iterable[str]) -> set[str]:
    """Which of these somebody has already, as they are stored."""
    tidy = sorted({tidy_username(username) for username in usernames})
    taken: set[str] = set()
    for start in range(0, len(tidy), BATCH):
        found = User.objects.filter(username__in=tidy[start : start + BATCH])
        taken |= set(found.values_list("username", flat=True))
    return taken


@transaction.atomic
def issue_codes(
    *, people: Iterable[User], purpose: Purpose = Purpose.ACTIVATION, actor: User | None
) -> dict[int, str]:
    """A new code for each person, by id; it is shown now or never. Earlier ones no longer work."""
    codes = {person.pk: new_code() for person in people}
    _replace({pk: digest("code", pk, code) for pk, code in codes.items()}, purpose, _life(purpose), actor)
    return codes


@transaction.atomic
def issue_link(*, person: User, purpose: Purpose, actor: User | None, minutes: int | None = None) -> str:
    """The secret part of a link for a message to this person."""
    token = new_token()
    life = timedelta(minutes=minutes) if minutes else _life(purpose)
    _replace({person.pk: digest("link", token)}, purpose, life, actor)
    return token


def _row(person: NewPerson) -> User:
    row = User(username=tidy_username(person.username), name=tidy_name(person.name), email=person.email)
    row.password = make_password(None)
    if not row.username or len(row.username) > 64:
        raise NotPossible(_("手机号或工号要填，最多 64 个字。"))
    if not row.name or len(row.name) > 64:
        raise NotPossible(_("姓名要填，最多 64 个字。"))
    return row


def _refuse_taken(usernames: list[str]) -> None:
    twice = {username for username, times in Counter(usernames).items() if times > 1}
    taken = twice | usernames_taken(usernames)
    if taken:
        raise NotPossible(_("已经有人用了这个手机号或工号：%s") % "、".join(sorted(taken)[:5]))


def _life(purpose: Purpose) -> timedelta:
    if purpose == Purpose.ACTIVATION:
        return timedelta(days=settings.ACTIVATION_CODE_DAYS)
    return timedelta(hours=settings.RESET_CODE_HOURS)


def _replace(digests: dict[int, str], purpose: Purpose, life: timedelta, actor: User | None) -> None:
    now = timezone.now()
    ids = sorted(digests)
    for start in range(0, len(ids), BATCH):
        OneTimeCode.objects.filter(person_id__in=ids[start : start + BATCH]).delete()
    rows = [
        OneTimeCode(
            person_id=pk,
            purpose=purpose,
            digest=value,
            issued_by=actor,
            issued_at=now,
            expires_at=now + life,
        )
        for pk, value in digests.items()
    ]
    OneTimeCode.objects.bulk_create(rows, batch_size=BATCH)


def tidy_username(text: str) -> str:
    """People type full-width digits and stray spaces."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\x00", "").split())


def tidy_name(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())
