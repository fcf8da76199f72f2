"""集备记录 in the workspaces: a page of its own in the tabs, the newest ones on the overview."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.records import kinds
from lessons.records import queries
from lessons.records.source import ActivityRecords
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import seams

ON_OVERVIEW = 3
BLOCK = "lessons/records/block.html"
ANY = queries.Filters((), None, None)


def _in_centre(user: User, centre: TeachingCentre) -> dict[str, Any]:
    return {"lines": queries.lines_of(queries.records_of(user, centre.region, ANY)[:ON_OVERVIEW])}


def _in_school(user: User, school: School) -> dict[str, Any]:
    return {"lines": queries.lines_of(queries.records_of(user, school, ANY)[:ON_OVERVIEW])}


OF_CENTRE = seams.Section("records", _("集备记录"), "centre-records", BLOCK, _in_centre)
OF_SCHOOL = seams.Section("records", _("集备记录"), "school-records", BLOCK, _in_school)


def register() -> None:
    kinds.register(ActivityRecords())
    for sections, section in ((seams.centre_sections, OF_CENTRE), (seams.school_sections, OF_SCHOOL)):
        if section not in sections:
            sections.append(section)
