"""Schools and their prep points."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from teaching_centres import effects
from teaching_centres.errors import NotPossible
from teaching_centres.models import PrepPoint, Region, School
from teaching_centres.operations.common import (
    about_unit,
    day,
    people_reaching,
    place_in,
    record_school,
    require_manage,
    require_redraw,
)
from teaching_centres.operations.memberships import EndedAs, end

SECONDARY_AND_ABOVE = {
    School.Kind.JUNIOR,
    School.Kind.NINE_YEAR,
    School.Kind.TWELVE_YEAR,
    School.Kind.COMPLETE_SECONDARY,
    School.Kind.SPECIAL,
}


def create_school(
    *,
    county: Region,
    name: str,
    kind: str,
    urban_class: str,
    is_rural_central: bool = False,
    parent: School | None = None,
    opened: date | None = None,
    is_demo: bool = False,
    actor: User | None,
) -> School:
    school = School(
        county=county,
        name=name,
        kind=kind,
        urban_class=urban_class,
        is_rural_central=is_rural_central,
        parent=parent,
        opened=opened,
        is_demo=is_demo,
    )
    with audited("school.opened", **{**about_unit(county, actor), "subject_label": name}) as entry:
        require_manage(actor, county)
        refuse_wrong_school(school)
        school.save()
        entry.subject_kind, entry.subject_id, entry.place = "school", school.pk, place_in(school, actor)
        record_school(events.SchoolOpened, school, actor)
    return school


def change_school(
    *,
    school: School,
    county: Region,
    name: str,
    kind: str,
    urban_class: str,
    is_rural_central: bool,
    parent: School | None,
    opened: date | None,
    actor: User | None,
) -> School:
    """Everything but closing. A change of county or of central school changes who reaches the school.

    A new name leaves the old one in the list of former names.
    """
    before = School.objects.select_related("county").get(pk=school.pk)
    after: dict[str, Any] = {
        "county": county,
        "name": name,
        "kind": kind,
        "urban_class": urban_class,
        "is_rural_central": is_rural_central,
        "parent": parent,
        "opened": opened,
    }
    changed = [key for key, value in after.items() if getattr(before, key) != value]
    if not changed:
        require_redraw(actor, before)
        return before
    with audited("school.changed", **about_unit(before, actor, fields=" ".join(changed))):
        require_redraw(actor, before)
        if county.pk != before.county_id:
            require_manage(actor, county)
        _change(before, after, changed, actor)
    return before


def _change(school: School, after: dict[str, Any], changed: list[str], actor: User | None) -> None:
    moved = bool({"county", "parent"} & set(changed))
    concerned = people_reaching(school) if moved else set()
    former = school.name
    for key, value in after.items():
        setattr(school, key, value)
    refuse_wrong_school(school)
    school.save()
    if "name" in changed:
        remember_name(school, former)
    record_school(events.SchoolChanged, school, actor)
    effects.memberships_changed(concerned | people_reaching(school) if moved else ())


def remember_name(school: School, former: str) -> None:
    """Up to yesterday. A name that the school takes again is no former one any more."""
    school.former_names.filter(name=school.name).delete()
    school.former_names.create(name=former, until=timezone.localdate() - timedelta(days=1))


def close_school(*, school: School, on: date, actor: User | None) -> School:
    """`on` is its last day: its prep point closes and memberships in it end with that day."""
    with audited("school.closed", **about_unit(school, actor, on=day(on))):
        require_redraw(actor, school)
        close(school, on, actor)
    return school


def close(school: School, on: date, actor: User | None, *, ended_as: str = EndedAs.CLOSED) -> None:
    """Without asking for a right: another act has asked."""
    if school.closed is not None:
        raise NotPossible(_("“%(school)s”已经撤并。") % {"school": school})
    if school.points.open(on).exclude(closed=on).exists():
        raise NotPossible(
            _("“%(school)s”还有教学点，请先撤并教学点或改由别的学校管理。") % {"school": school}
        )
    point = PrepPoint.objects.open(on).filter(school=school).first()
    if point is not None:
        _close_point(point, on, actor)
    for membership in school.memberships.filter(Q(ends__isnull=True) | Q(ends__gt=on)).select_related("user"):
        end(membership, on, actor, ended_as=ended_as)
    school.closed = on
    school.save(update_fields=["closed"])
    record_school(events.SchoolClosed, school, actor)
    effects.memberships_changed(people_reaching(school))


def reopen_school(*, school: School, actor: User | None) -> School:
    """After a mistake. The memberships and the prep point that ended with it are not brought back."""
    with audited("school.reopened", **about_unit(school, actor)):
        require_redraw(actor, school)
        if school.closed is None:
            raise NotPossible(_("“%(school)s”没有撤并。") % {"school": school})
        if school.merged_into_id is not None:
            raise NotPossible(_("“%(school)s”已并入别的学校，不能恢复。请另设一所。") % {"school": school})
        school.closed = None
        school.save(update_fields=["closed"])
        record_school(events.SchoolOpened, school, actor)
        effects.memberships_changed(people_reaching(school))
    return school


def open_prep_point(
    *, school: School, on: date | None = None, is_demo: bool = False, actor: User | None
) -> PrepPoint:
    with audited("prep_point.opened", **about_unit(school, actor)):
        require_redraw(actor, school)
        return open_point(school, on or timezone.localdate(), actor, is_demo=is_demo)


def open_point(school: School, on: date, actor: User | None, *, is_demo: bool = False) -> PrepPoint:
    """Without asking for a right: another act has asked."""
    reason = why_no_prep_point(school)
    if reason:
        raise NotPossible(reason)
    point, created = PrepPoint.objects.get_or_create(
        school=school, defaults={"opened": on, "is_demo": is_demo}
    )
    if not created:
        if point.closed is None:
            raise NotPossible(_("“%(school)s”已经有备课点。") % {"school": school})
        point.opened, point.closed = on, None
        point.save(update_fields=["opened", "closed"])
    record_school(events.PrepPointOpened, school, actor)
    return point


def close_prep_point(*, prep_point: PrepPoint, on: date | None = None, actor: User | None) -> PrepPoint:
    last = on or timezone.localdate()
    with audited("prep_point.closed", **about_unit(prep_point.school, actor, on=day(last))):
        require_redraw(actor, prep_point.school)
        if prep_point.closed is not None:
            raise NotPossible(_("“%(school)s”的备课点已经撤销。") % {"school": prep_point.school})
        _close_point(prep_point, last, actor)
    return prep_point


def _close_point(prep_point: PrepPoint, on: date, actor: User | None) -> None:
    prep_point.closed = on
    prep_point.save(update_fields=["closed"])
    record_school(events.PrepPointClosed, prep_point.school, actor)


def why_no_prep_point(school: School) -> str:
    """Prep points are for rural central schools and above; a reason when this school is not one, else ""."""
    if school.is_closed():
        return _("“%(school)s”已经撤并，不能设备课点。") % {"school": school}
    if school.kind == School.Kind.TEACHING_POINT:
        return _("教学点不设备课点，老师到中心校的备课点备课。")
    village = school.urban_class == School.UrbanClass.VILLAGE
    if village and not school.is_rural_central and school.kind not in SECONDARY_AND_ABOVE:
        return _("备课点设在农村中心校及以上学校，“%(school)s”不是中心校。") % {"school": school}
    return ""


def refuse_wrong_school(school: School) -> None:
    if school.county.level == Region.Level.PROVINCE:
        raise NotPossible(_("学校要放在县（市、区）或市州下面。"))
    if school.parent is not None and school.parent.county_id != school.county_id:
        raise NotPossible(_("中心校要和学校在同一个县（市、区）。"))
    if school.parent is not None and (school.parent.parent_id is not None or school.parent_id == school.pk):
        raise NotPossible(_("“%(school)s”自己不是中心校。") % {"school": school.parent})
    same_name = School.objects.filter(county=school.county, name=school.name).exclude(pk=school.pk)
    if same_name.exists():
        raise NotPossible(_("这个县（市、区）已经有“%(school)s”。") % {"school": school})
