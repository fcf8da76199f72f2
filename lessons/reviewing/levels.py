"""The levels of a unit (优、良、中、差): its own, else the nearest above it, else the customary four."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.audit import audited
from lessons.reviewing.models import ReviewScale
from teaching_centres.calendar.queries import units_up
from teaching_centres.errors import NotPossible
from teaching_centres.operations.common import about_unit
from teaching_centres.policies import Unit, require
from teaching_centres.roles import Verb

CUSTOMARY = ("优", "良", "中", "差")
FEWEST, MOST, LONGEST = 2, 6, 8


def levels_of(unit: Unit) -> list[str]:
    """The best first."""
    chain = units_up(unit)
    schools = [pk for kind, pk in chain if kind == "school"]
    regions = [pk for kind, pk in chain if kind == "region"]
    found = {
        ("school", row.school_id) if row.school_id else ("region", row.region_id): list(row.levels)
        for row in ReviewScale.objects.filter(Q(school_id__in=schools) | Q(region_id__in=regions))
    }
    return next((found[place] for place in chain if place in found), list(CUSTOMARY))


def has_own_levels(unit: Unit) -> bool:
    return ReviewScale.objects.filter(**_place(unit)).exists()


def set_levels(*, unit: Unit, levels: list[str], actor: User) -> None:
    """Whoever manages the unit. What was given before keeps the word it was given with."""
    with audited("review.levels_set", **about_unit(unit, actor, count=len(levels))):
        require(actor, Verb.MANAGE, unit)
        _require_sensible(levels)
        ReviewScale.objects.update_or_create(
            **_place(unit),
            defaults={"levels": levels, "changed_by": actor, "changed_at": timezone.now()},
        )


def use_levels_from_above(*, unit: Unit, actor: User) -> None:
    with audited("review.levels_set", **about_unit(unit, actor, count=0)):
        require(actor, Verb.MANAGE, unit)
        ReviewScale.objects.filter(**_place(unit)).delete()


def _require_sensible(levels: list[str]) -> None:
    if not FEWEST <= len(levels) <= MOST:
        raise NotPossible(
            _("等级要有 %(fewest)s 到 %(most)s 个，从好到差一行一个。") % {"fewest": FEWEST, "most": MOST}
        )
    if any(len(level) > LONGEST for level in levels):
        raise NotPossible(_("一个等级最多 %(longest)s 个字。") % {"longest": LONGEST})
    if len(set(levels)) < len(levels):
        raise NotPossible(_("有两个等级写的一样。"))


def _place(unit: Unit) -> dict[str, Any]:
    return {"region" if hasattr(unit, "path") else "school": unit}
