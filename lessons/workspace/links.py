"""Lesson plans as what is attached to a task, an answer or a notice."""

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.models import LessonPlan
from teaching_centres.errors import NotPossible
from teaching_centres.queries import current_school
from teaching_centres.workspace.seams import Link

OFFERED = 30


class PlanLinks:
    kind = "lesson-plan"

    def choices(self, user: User) -> list[Link]:
        """Own plans and the school's, once they are open to more than those invited."""
        plans = LessonPlan.objects.visible_to(user).filter(state=LessonPlan.State.ACTIVE)
        plans = plans.exclude(reach=LessonPlan.Reach.OWN)
        school = current_school(user)
        mine = plans.filter(owner=user)
        offered = (mine | plans.filter(school=school)) if school else mine
        rows = offered.order_by("-edited_at", "pk").values_list("pk", "title", "owner__name")
        return [Link(self.kind, str(pk), _label(title, name)) for pk, title, name in rows[:OFFERED]]

    def take(self, user: User, ids: list[str]) -> list[Link]:
        plans = {
            str(plan.pk): plan
            for plan in LessonPlan.objects.visible_to(user)
            .filter(pk__in=_uuids(ids))
            .select_related("owner")
            .defer("first_content")
        }
        links = []
        for number in ids:
            plan = plans.get(number)
            if plan is None:
                raise NotPossible(_("有一份教案你现在看不到，请重新选。"))
            if plan.reach == LessonPlan.Reach.OWN:
                raise NotPossible(
                    _("《%(title)s》只有你和你请的人能看。先在“谁能看”里改成本校或更宽，再附上。")
                    % {"title": plan.title}
                )
            links.append(Link(self.kind, number, _label(plan.title, plan.owner.name)))
        return links

    def paths(self, user: User, ids: list[str]) -> dict[str, str]:
        found = LessonPlan.objects.visible_to(user).filter(pk__in=_uuids(ids))
        return {str(pk): reverse("plan-editor", args=[pk]) for pk in found.values_list("pk", flat=True)}


def _label(title: str, owner: str) -> str:
    return _("《%(title)s》 %(owner)s") % {"title": title or _("还没有课题"), "owner": owner}


def _uuids(ids: list[str]) -> list[UUID]:
    found = []
    for number in ids:
        try:
            found.append(UUID(number))
        except ValueError:
            continue
    return found
