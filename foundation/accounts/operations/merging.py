"""Two accounts of one person: everything moves to the surviving one, the other is closed for good."""

from django.db import transaction

from foundation.accounts import belongings
from foundation.accounts.models import User
from foundation.accounts.operations import sessions


@transaction.atomic
def absorb(*, survivor: User, absorbed: User) -> int:
    """Returns how many rows moved. Whether it may be done is decided above.

    The absorbed row stays, since records lead to its id; nobody signs in with it any more.
    """
    sessions.end_sessions(person=absorbed)
    moved = belongings.settle_all(survivor, absorbed)
    if not survivor.email and absorbed.email:
        survivor.email = absorbed.email
        survivor.save(update_fields=["email"])
    absorbed.email = ""
    absorbed.is_active = absorbed.is_staff = absorbed.is_superuser = False
    absorbed.save(update_fields=["email", "is_active", "is_staff", "is_superuser"])
    return moved
