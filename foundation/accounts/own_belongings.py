from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry

from foundation.accounts.belongings import goes, moves, stays
from foundation.accounts.models import (
    DeletionRequest,
    OneTimeCode,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
)

BELONGINGS = (
    goes(OneTimeCode, "person"),
    moves(OneTimeCode, "issued_by"),
    goes(SignedInSession, "person"),
    goes(SecondFactor, "person"),
    goes(RecoveryCode, "person"),
    goes(DeletionRequest, "person"),
    moves(SocialAccount, "user"),
    goes(EmailAddress, "user"),
    stays(LogEntry, "user", because="a record of the admin stays as it was written"),
)
