"""Regions and their teaching centres."""

from datetime import date

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from teaching_centres import effects
from teaching_centres.errors import NotPossible
from teaching_centres.models import Region, TeachingCentre
from teaching_centres.operations.common import people_around, record_event, require_manage, require_redraw

LEVEL_ABOVE = {
    Region.Level.PROVINCE: None,
    Region.Level.PREFECTURE: Region.Level.PROVINCE,
    Region.Level.COUNTY: Region.Level.PREFECTURE,
}


@transaction.atomic
def add_region(
    *,
    own_id: str,
    name: str,
    level: str,
    parent: Region | None,
    kind: str = "",
    reports_to: Region | None = None,
    actor: User | None,
) -> Region:
    """`path` needs the row's id: the row is written with its own_id as a path, then given the real one."""
    require_redraw(actor, Region(level=level, parent=parent))
    _refuse_wrong_level(level, parent)
    region = Region.objects.create(
        own_id=own_id, name=name, level=level, parent=parent, kind=kind, reports_to=reports_to, path=own_id
    )
    region.path = f"{parent.path if parent else '/'}{region.pk}/"
    Region.objects.filter(pk=region.pk).update(path=region.path)
    record_event(events.RegionChanged(subject_id=region.pk, subject_label=name), actor)
    return region


@transaction.atomic
def change_region(
    *, region: Region, name: str, kind: str, reports_to: Region | None = None, actor: User | None
) -> Region:
    require_redraw(actor, region)
    Region.objects.filter(pk=region.pk).update(name=name, kind=kind, reports_to=reports_to)
    region.refresh_from_db()
    record_event(events.RegionChanged(subject_id=region.pk, subject_label=name), actor)
    return region


@transaction.atomic
def move_region(*, region: Region, parent: Region, actor: User | None) -> Region:
    """Under another parent, with all below it (as 公主岭市 in 2020). Roles above both are re-judged."""
    require_redraw(actor, region)
    require_manage(actor, parent)
    _refuse_wrong_level(region.level, parent)
    concerned = people_around(region) | people_around(parent)
    old, new = region.path, f"{parent.path}{region.pk}/"
    below = Region.objects.filter(path__startswith=old)
    below.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    Region.objects.filter(pk=region.pk).update(parent=parent)
    region.refresh_from_db()
    record_event(events.RegionChanged(subject_id=region.pk, subject_label=region.name), actor)
    effects.memberships_changed(concerned)
    return region


@transaction.atomic
def open_centre(
    *, region: Region, name: str, opened: date | None = None, is_demo: bool = False, actor: User | None
) -> TeachingCentre:
    require_manage(actor, region)
    centre = TeachingCentre.objects.create(region=region, name=name, opened=opened, is_demo=is_demo)
    record_event(events.RegionChanged(subject_id=region.pk, subject_label=region.name), actor)
    return centre


@transaction.atomic
def change_centre(
    *, centre: TeachingCentre, name: str, opened: date | None, actor: User | None
) -> TeachingCentre:
    require_manage(actor, centre.region)
    centre.name, centre.opened = name, opened
    centre.save(update_fields=["name", "opened"])
    record_event(events.RegionChanged(subject_id=centre.region_id, subject_label=centre.region.name), actor)
    return centre


def _refuse_wrong_level(level: str, parent: Region | None) -> None:
    if (parent.level if parent else None) != LEVEL_ABOVE[Region.Level(level)]:
        raise NotPossible(_("上级单位的层级不对。"))
