"""Who may do what between an own version and its shared plan; all of it stands on the rights on the two plans.

- Looking at an own version's page: who may read the own version. What the shared plan says is shown only to those
  who may read that one too.
- Deciding on an offer, following, sending back: the owner of the own version alone, while it may be written.
- Answering what was sent, and saying why something was changed: the owner of the shared plan, while it may be written.
"""

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.errors import Denied, NotPossible
from lessons.lineage.models import Contribution, Fork
from lessons.models import LessonPlan
from lessons.policies import require_manage, require_read, require_write, rights


def may_decide(user: User, fork: Fork) -> bool:
    own = rights(user, fork.plan)
    return own.manage and own.write and rights(user, fork.upstream).read


def require_decide(user: User, fork: Fork) -> None:
    if not require_read(user, fork.plan).manage:
        raise Denied(_("采不采用，只有这份个案的主人能决定。"))
    require_write(user, fork.plan)
    if not rights(user, fork.upstream).read:
        raise NotPossible(_("这份共案你现在看不到，不能采用它的改动。你的个案照常能用。"))


def require_send(user: User, fork: Fork) -> None:
    require_decide(user, fork)
    if fork.upstream.state != LessonPlan.State.ACTIVE:
        raise NotPossible(_("这份共案已归档，不再收改法。"))


def require_withdraw(user: User, contribution: Contribution) -> None:
    require_read(user, contribution.fork.plan)
    if contribution.author_id != user.pk:
        raise Denied(_("只有提的人能收回。"))


def may_answer(user: User, plan: LessonPlan) -> bool:
    found = rights(user, plan)
    return found.manage and found.write


def require_answer(user: User, plan: LessonPlan) -> None:
    require_manage(user, plan)
    require_write(user, plan)
