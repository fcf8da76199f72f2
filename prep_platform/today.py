"""今日: each app says what it has for this person; this file says who is asked and in which order it stands."""

from dataclasses import dataclass
from datetime import datetime

from foundation.accounts.models import User
from foundation.notices.queries import unread
from lessons import today as lessons_today
from teaching_centres import network_today
from teaching_centres.today import Block, Contribution, Contributor, Figure, Waiting
from teaching_centres.workspace import today as workspaces_today

NOTICES = 5
SAID_ALREADY = ["plan.invited", "lineage.news", "lineage.offered"]
"""They stand there as the plan itself, or as what is to be decided."""


def notices(user: User, now: datetime) -> Contribution:
    lines = unread(user, besides=SAID_ALREADY, limit=NOTICES)
    return Contribution(
        waiting=[Waiting("bell", line.text, notice_id=line.id, at=line.created_at) for line in lines]
    )


# Cards stand in this order, in the main column and beside it.
CONTRIBUTORS: tuple[Contributor, ...] = (
    lessons_today.contribution,
    network_today.contribution,
    workspaces_today.contribution,
    notices,
)


@dataclass(frozen=True)
class Today:
    headline: list[str]
    main: list[Block]
    side: list[Block]
    waiting: list[Waiting]
    helped: list[Figure]


def today(user: User, now: datetime) -> Today:
    given = [contributor(user, now) for contributor in CONTRIBUTORS]
    return Today(
        headline=[words for each in given for words in each.headline],
        main=[block for each in given for block in each.main],
        side=[block for each in given for block in each.side],
        waiting=[line for each in given for line in each.waiting],
        helped=[figure for each in given for figure in each.helped],
    )
