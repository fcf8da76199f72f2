"""The rows of the sheet 学校, compared with the network."""

from typing import Any

from django.utils.translation import gettext_noop

from foundation.office.tables import Row, same
from teaching_centres.models import Region, School
from teaching_centres.operations.schools import why_no_prep_point
from teaching_centres.roster.network import Network
from teaching_centres.roster.plan import Difference, Plan, SchoolChange
from teaching_centres.roster.plan import text as day_text

PLAIN = (
    ("kind", "办学类型"),
    ("urban_class", "城乡分类"),
    ("is_rural_central", "农村中心校"),
    ("opened", "建校"),
)


def compare_schools(rows: list[Row], network: Network, plan: Plan) -> None:
    """Central schools may stand below the points that name them: parents are looked up once all rows are known."""
    own = network.own_county()
    seen: dict[tuple[int, str], int] = {}
    changes = []
    for row in rows:
        county = _county(row, own, network, plan)
        if county is None or row.values["name"] is None:
            continue
        first = seen.setdefault((county.pk, same(row.values["name"])), row.number)
        if first != row.number:
            plan.wrong(row, "name", gettext_noop("和第 %(row)d 行是同一所学校。"), row=first)
            continue
        change = _change(row, county, network, plan)
        if change is not None:
            changes.append(change)
    for change in changes:
        _set_parent(change, network, plan)
        _open_point(change, network, plan)
        if change.is_new or change.differences or change.opens_prep_point:
            plan.schools.append(change)
        else:
            plan.unchanged["school"] += 1


def _county(row: Row, own: Region | None, network: Network, plan: Plan) -> Region | None:
    name = row.values["county"]
    if name is None:
        if own is None and "county" not in row.wrong:
            plan.wrong(row, "county", gettext_noop("请填学校所在的县（市、区）。"))
        return own
    found = list(dict.fromkeys(network.counties[same(name)]))
    if not found:
        plan.wrong(row, "county", gettext_noop("没有叫“%(name)s”的县（市、区）。"), name=name)
        return None
    if len(found) > 1:
        plan.wrong(row, "county", gettext_noop("叫“%(name)s”的不止一个，前面请加上市州名。"), name=name)
        return None
    decision = network.may_manage(found[0])
    if not decision:
        plan.deny(row, "county", gettext_noop("%(reason)s"), reason=decision.reason)
        return None
    if found[0].level == Region.Level.PROVINCE:
        plan.wrong(row, "county", gettext_noop("学校要放在县（市、区）或市州下面。"))
        return None
    return found[0]


def _change(row: Row, county: Region, network: Network, plan: Plan) -> SchoolChange | None:
    school = network.school_in(county, row.values["name"])
    former = row.values["former_name"]
    if school is None and former is not None:
        return _renamed(row, county, former, network, plan)
    if school is None:
        return _new(row, county, network, plan)
    if school.closed is not None:
        plan.wrong(row, "name", gettext_noop("“%(school)s”已经撤并。"), school=school.name)
        return None
    return _compared(row, school, [], network, plan)


def _renamed(row: Row, county: Region, former: str, network: Network, plan: Plan) -> SchoolChange | None:
    before = network.school_in(county, former)
    if before is None or before.pk is None:
        plan.wrong(
            row,
            "former_name",
            gettext_noop("“%(county)s”没有叫“%(name)s”的学校。"),
            county=county.name,
            name=former,
        )
        return None
    difference = ("学校名称", before.name, row.values["name"])
    old = before.name
    before.name = row.values["name"]
    network.renamed(before, old)
    change = _compared(row, before, [difference], network, plan)
    if change is not None:
        change.former_name = old
    return change


def _new(row: Row, county: Region, network: Network, plan: Plan) -> SchoolChange | None:
    values = row.values
    before = network.formerly(county, values["name"])
    if before is not None:
        plan.note(
            row,
            "name",
            gettext_noop("“%(school)s”曾经叫这个名字。要是同一所学校，请写现在的校名。"),
            school=before.name,
        )
    school = School(
        county=county,
        name=values["name"],
        kind=values["kind"] or School.Kind.PRIMARY,
        urban_class=values["urban_class"] or School.UrbanClass.TOWN,
        is_rural_central=bool(values["is_rural_central"]),
        opened=values["opened"],
    )
    network.add(school)  # even where the row has a mistake: its people need not all be wrong as well
    return SchoolChange(row, school)


def _compared(
    row: Row, school: School, differences: list[Difference], network: Network, plan: Plan
) -> SchoolChange | None:
    """What is not filled in stays as it is."""
    for key, head in PLAIN:
        value = row.values[key]
        if value is not None and value != getattr(school, key):
            differences.append((head, _shown(school, key), ""))
            setattr(school, key, value)
            differences[-1] = (head, differences[-1][1], _shown(school, key))
    decision = network.may_redraw(school)
    if differences and not decision:
        plan.deny(row, "name", gettext_noop("%(reason)s"), reason=decision.reason)
        return None
    return SchoolChange(row, school, differences)


def _shown(school: School, key: str) -> str:
    value: Any = getattr(school, key)
    if key == "opened":
        return day_text(value)
    if key == "is_rural_central":
        return "是" if value else "否"
    return str(getattr(school, f"get_{key}_display")())


def _set_parent(change: SchoolChange, network: Network, plan: Plan) -> None:
    row, school = change.row, change.school
    name = row.values["parent"]
    if name is None:
        if change.is_new and school.kind == School.Kind.TEACHING_POINT:
            plan.note(row, "parent", gettext_noop("教学点没有填中心校，它的老师就没有备课点可去。"))
        return
    parent = network.school_in(school.county, name)
    if parent is None:
        plan.wrong(
            row,
            "parent",
            gettext_noop("“%(county)s”没有叫“%(name)s”的学校。请先在这张表里加上它。"),
            county=school.county.name,
            name=name,
        )
    elif parent is school or parent.parent is not None or parent.kind == School.Kind.TEACHING_POINT:
        plan.wrong(row, "parent", gettext_noop("“%(name)s”自己不是中心校。"), name=parent.name)
    elif school.parent is not parent and (school.parent_id is None or school.parent_id != parent.pk):
        if not change.is_new:
            decision = network.may_redraw(school)
            if not decision:
                plan.deny(row, "parent", gettext_noop("%(reason)s"), reason=decision.reason)
                return
            change.differences.append(("中心校", str(school.parent or ""), parent.name))
        school.parent = parent


def _open_point(change: SchoolChange, network: Network, plan: Plan) -> None:
    row, school = change.row, change.school
    point = getattr(school, "prep_point", None) if school.pk else None
    is_open = point is not None and point.closed is None
    if row.values["prep_point"] is False and is_open:
        plan.note(row, "prep_point", gettext_noop("这里已有备课点。撤销请到学校页面办，导入不撤。"))
    if not row.values["prep_point"] or is_open:
        return
    decision = network.may_redraw(school)
    reason = why_no_prep_point(school)
    if not decision:
        plan.deny(row, "prep_point", gettext_noop("%(reason)s"), reason=decision.reason)
    elif reason:
        plan.wrong(row, "prep_point", gettext_noop("%(reason)s"), reason=reason)
    else:
        change.opens_prep_point = True
