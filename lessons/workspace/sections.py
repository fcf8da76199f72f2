"""The pages that plans have in the workspaces, and their blocks on the overviews."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from lessons.workspace import queries
from lessons.workspace.links import PlanLinks
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import seams

ON_OVERVIEW = 4


def _exemplars(user: User, centre: TeachingCentre) -> dict[str, Any]:
    rows = queries.exemplars_of(user, centre, queries.ExemplarFilters())[:ON_OVERVIEW]
    return {"exemplars": queries.exemplar_lines(rows, user)}


def _plans(_user: User, school: School) -> dict[str, Any]:
    return {"plans": queries.school_plans(school)}


EXEMPLARS = seams.Section(
    "exemplars", _("范例"), "centre-exemplars", "lessons/workspace/exemplars_block.html", _exemplars
)
PLANS = seams.Section("plans", _("教案"), "school-plans", "lessons/workspace/plans_block.html", _plans)


def register() -> None:
    seams.attachables[PlanLinks.kind] = PlanLinks()
    for sections, section in ((seams.centre_sections, EXEMPLARS), (seams.school_sections, PLANS)):
        if section not in sections:
            sections.append(section)
