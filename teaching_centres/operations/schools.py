"""Schools and their prep points."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from teaching_centres import effects
from teaching_centres.errors import NotPossible
from teaching_centres.models import PrepPoint, Region, School
from teaching_centres.operations.common import people_reaching, record_school, require_manage, require_redraw
from teaching_centres.operations.memberships import end

SECONDARY_AND_ABOVE = {
    School.Kind.JUNIOR,
    School.Kind.NINE_YEAR,
    School.Kind.TWELVE_YEAR,
    School.Kind.COMPLETE_SECONDARY,
    School.Kind.SPECIAL,
}


@transaction.atomic
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
    require_manage(actor, county)
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
    refuse_wrong_school(school)
    school.save()
    record_school(events.SchoolOpened, school, actor)
    return school


@transaction.atomic
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
    """Everything but closing. A change of county or of central school changes who reaches the school."""
    before = School.objects.select_related("county").get(pk=school.pk)
    require_redraw(actor, before)
    if county.pk != before.county_id:
        require_manage(actor, county)
    moved = (county.pk, parent.pk if parent else None) != (before.county_id, before.parent_id)
    concerned = people_reaching(before) if moved else set()
    before.county, before.parent, before.name, before.kind = county, parent, name, kind
    before.urban_class, before.is_rural_central, before.opened = urban_class, is_rural_central, opened
    refuse_wrong_school(before)
    before.save()
    record_school(events.SchoolChanged, before, actor)
    effects.memberships_changed(concerned | people_reaching(before) if moved else ())
    return before


@transaction.atomic
def close_school(*, school: School, on: date, actor: User | None) -> School:
    """`on` is its last day: its prep point closes and memberships in it end with that day."""
    require_redraw(actor, school)
    if school.closed is not None:
        raise NotPossible(_("“%(school)s”已经撤并。") % {"school": school})
    if school.points.open(on).exclude(closed=on).exists():
        raise NotPossible(
            _("“%(school)s”还有教学点，请先撤并教学点或改由别的学校管理。") % {"school": school}
        )
    point = PrepPoint.objects.open(on).filter(school=school).first()
    if point is not None:
        close_prep_point(prep_point=point, on=on, actor=actor)
    for membership in school.memberships.filter(Q(ends__isnull=True) | Q(ends__gt=on)):
        end(membership, on, actor)
    school.closed = on
    school.save(update_fields=["closed"])
    record_school(events.SchoolClosed, school, actor)
    effects.memberships_changed(people_reaching(school))
    return school


@transaction.atomic
def reopen_school(*, school: School, actor: User | None) -> School:
    """After a mistake. The memberships and the prep point that ended with it are not brought back."""
    require_redraw(actor, school)
    if school.closed is None:
        raise NotPossible(_("“%(school)s”没有撤并。") % {"school": school})
    school.closed = None
    school.save(update_fields=["closed"])
    record_school(events.SchoolOpened, school, actor)
    effects.memberships_changed(people_reaching(school))
    return school


@transaction.atomic
def open_prep_point(
    *, school: School, on: date | None = None, is_demo: bool = False, actor: User | None
) -> PrepPoint:
    require_redraw(actor, school)
    reason = why_no_prep_point(school)
    if reason:
        raise NotPossible(reason)
    point, created = PrepPoint.objects.get_or_create(
        school=school, defaults={"opened": on or timezone.localdate(), "is_demo": is_demo}
    )
    if not created:
        if point.closed is None:
            raise NotPossible(_("“%(school)s”已经有备课点。") % {"school": school})
        point.opened, point.closed = on or timezone.localdate(), None
        point.save(update_fields=["opened", "closed"])
    record_school(events.PrepPointOpened, school, actor)
    return point


@transaction.atomic
def close_prep_point(*, prep_point: PrepPoint, on: date | None = None, actor: User | None) -> PrepPoint:
    require_redraw(actor, prep_point.school)
    if prep_point.closed is not None:
        raise NotPossible(_("“%(school)s”的备课点已经撤销。") % {"school": prep_point.school})
    prep_point.closed = on or timezone.localdate()
    prep_point.save(update_fields=["closed"])
    record_school(events.PrepPointClosed, prep_point.school, actor)
    return prep_point


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
