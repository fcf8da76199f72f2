"""May this person do this with this plan? The row filter of the same rules is LessonPlan.objects.visible_to.

- The owner writes and manages.
- Invited people, and whoever teaches now at an invited school, read, comment or write as invited.
- A plan that belongs to an activity is read, commented and written by its people as its stage says
  (lessons.activities.rights).
- A plan whose reach is a unit is read by those who teach or research in that unit; those who review
  (group leaders in their school, researchers below their centre) read it too. Who may comment in the unit
  that the plan comes from (its teachers, and those who review) comments on it. Administrators and inspectors
  see no plan by their role.
- Archived: nobody writes. Deleted: only the owner still sees it, to bring it back.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities import rights as activities
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.models import LessonPlan, PlanInvitation
from lessons.reading import Reading, unit_at
from realtime.kinds import Access
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes


@dataclass(frozen=True)
class Rights:
    access: Access
    manage: bool = False
    reason: str = ""  # why less than usual: "archived" or "deleted"

    @property
    def read(self) -> bool:
        return self.access >= Access.READ

    @property
    def comment(self) -> bool:
        return self.access >= Access.COMMENT

    @property
    def write(self) -> bool:
        return self.access >= Access.WRITE


NO_RIGHTS = Rights(Access.NONE)
INVITED = {
    PlanInvitation.Access.READ: Access.READ,
    PlanInvitation.Access.COMMENT: Access.COMMENT,
    PlanInvitation.Access.WRITE: Access.WRITE,
}


def rights(user: User, plan: LessonPlan) -> Rights:
    if not user.is_active:
        return NO_RIGHTS
    owner = plan.owner_id == user.pk
    access = Access.WRITE if owner else _given(user, plan)
    if access == Access.NONE:
        return NO_RIGHTS
    if plan.state == LessonPlan.State.DELETED:
        return Rights(Access.READ if owner else Access.NONE, owner, "deleted")
    if plan.state == LessonPlan.State.ARCHIVED:
        return Rights(Access.READ, owner, "archived")
    return Rights(access, owner)


def _given(user: User, plan: LessonPlan) -> Access:
    return max(_invited(user, plan), activities.access_of(user, plan), _by_reach(user, plan))


def _invited(user: User, plan: LessonPlan) -> Access:
    levels = PlanInvitation.objects.filter(plan=plan).for_person(user).values_list("access", flat=True)
    return max((INVITED[PlanInvitation.Access(level)] for level in levels), default=Access.NONE)


def _by_reach(user: User, plan: LessonPlan) -> Access:
    if plan.reach == LessonPlan.Reach.OWN:
        return Access.NONE
    reading, path = Reading.of(user), plan.region.path
    if reading.comments_on(school_id=plan.school_id, path=path):
        return Access.COMMENT
    if reading.covers(school_id=plan.school_id, path=path):
        return Access.READ
    depth = LessonPlan.DEPTH_OF_REACH.get(LessonPlan.Reach(plan.reach))
    unit = unit_at(path, depth) if depth else ""
    return Access.READ if unit and unit in reading.units(depth or 0) else Access.NONE


# ---- checks that raise: one sentence for the person ---------------------------------------------


def require_read(user: User, plan: LessonPlan) -> Rights:
    found = rights(user, plan)
    if not found.read:
        raise PlanNotFound
    return found


def require_write(user: User, plan: LessonPlan) -> Rights:
    found = require_read(user, plan)
    if found.reason == "archived":
        raise NotPossible(_("这份教案已归档，只能看。要改，请主人先取消归档。"))
    if found.reason == "deleted":
        raise NotPossible(_("这份教案已删除。先恢复，再改。"))
    if not found.write:
        raise Denied(_("你可以看这份教案，不能改。需要改，请它的主人把你加为“可以改”。"))
    return found


def require_comment(user: User, plan: LessonPlan) -> Rights:
    found = require_read(user, plan)
    if found.reason == "archived":
        raise NotPossible(_("这份教案已归档，讨论只能看。"))
    if found.reason == "deleted":
        raise NotPossible(_("这份教案已删除，讨论只能看。"))
    if not found.comment:
        raise Denied(_("你可以看这份教案，不能批注。要批注，请它的主人把你加为“可以批注”。"))
    return found


def require_manage(user: User, plan: LessonPlan) -> Rights:
    found = require_read(user, plan)
    if not found.manage:
        raise Denied(_("只有教案的主人能定谁能看、归档和删除。"))
    return found


def may_create(user: User) -> bool:
    return bool(scopes(user, Verb.EDIT))


def require_create(user: User) -> None:
    if not may_create(user):
        raise Denied(_("新建教案要有教师、备课组长或教研员的任职。请学校管理员在名册里登记。"))
