from foundation.accounts.belongings import goes, moves
from foundation.notices.models import CalendarFeed, MailSettings, Notice, Preference

BELONGINGS = (
    moves(Notice, "recipient"),
    goes(Preference, "user"),
    goes(MailSettings, "user"),
    goes(CalendarFeed, "user"),
)
