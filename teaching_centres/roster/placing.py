"""Which unit a row of people means, and whether the actor, and the role, belong there."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from foundation.office.tables import Row, same
from teaching_centres.models import Region, School
from teaching_centres.policies import Unit
from teaching_centres.roles import Role, UnitKind, roles_in
from teaching_centres.roster.network import Network
from teaching_centres.roster.plan import Plan
from teaching_centres.roster.sheets import ENDINGS


@dataclass(frozen=True)
class Placing:
    network: Network
    plan: Plan

    def unit_of(self, row: Row) -> Unit | None:
        name = row.values["unit"]
        if name is None:
            return None
        county = self._county(row)
        if county is None and row.values["county"] is not None:
            return None
        found = self.network.units(name, county)
        if not found:
            self._no_unit(row, name, county)
            return None
        if len(found) > 1 and row.values["role"] is not None:
            fitting = [unit for unit in found if row.values["role"] in roles_in(kind_of(unit))]
            found = fitting or found
        if len(found) > 1:
            self.plan.wrong(
                row,
                "unit",
                gettext_noop("有 %(count)d 个单位叫“%(name)s”。请填县（市、区）。"),
                count=len(found),
                name=name,
            )
            return None
        unit = self._allowed(row, found[0])
        return unit if unit is not None and self._fits(row, unit) else None

    def _county(self, row: Row) -> Region | None:
        name = row.values["county"]
        if name is None:
            return None
        found = list(dict.fromkeys(self.network.counties[same(name)]))
        if len(found) != 1:
            said = (
                gettext_noop("叫“%(name)s”的不止一个，前面请加上市州名。")
                if found
                else gettext_noop("没有叫“%(name)s”的县（市、区）。")
            )
            self.plan.wrong(row, "county", said, name=name)
            return None
        return found[0]

    def _no_unit(self, row: Row, name: str, county: Region | None) -> None:
        former = self.network.former_named(name, county)
        like = self.network.like(name)
        if former:
            self.plan.wrong(
                row,
                "unit",
                gettext_noop("“%(name)s”已改名“%(now)s”。请写现在的校名。"),
                name=name,
                now=former,
            )
        elif like:
            self.plan.wrong(
                row, "unit", gettext_noop("没有找到“%(name)s”。是不是“%(like)s”？"), name=name, like=like
            )
        else:
            self.plan.wrong(
                row, "unit", gettext_noop("没有找到“%(name)s”。请先在“学校”表里加上，或核对校名。"), name=name
            )

    def _allowed(self, row: Row, unit: Unit) -> Unit | None:
        decision = self.network.may_manage(unit)
        if not decision:
            self.plan.deny(row, "unit", gettext_noop("%(reason)s"), reason=decision.reason)
            return None
        if isinstance(unit, School) and unit.closed is not None and row.values["mark"] not in ENDINGS:
            self.plan.wrong(row, "unit", gettext_noop("“%(unit)s”已经撤并。"), unit=unit.name)
            return None
        return unit

    def _fits(self, row: Row, unit: Unit) -> bool:
        role = row.values["role"]
        if role is None or role in roles_in(kind_of(unit)):
            return True
        self.plan.wrong(
            row,
            "role",
            gettext_noop("%(role)s不能在“%(unit)s”任职。%(hint)s"),
            role=str(Role(role).label),
            unit=str(unit),
            hint="教师、备课组长在学校，教研员、督导在县（市、区）以上。",
        )
        return False


def kind_of(unit: Unit) -> UnitKind:
    return UnitKind.SCHOOL if isinstance(unit, School) else UnitKind.REGION
