"""Plain functions that make rows for tests. Names are made unique by counting; nothing is random."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from foundation.accounts.models import User
from foundation.catalogue.models import Subject, Textbook
from lessons.content import ids_of, plan_content
from lessons.models import LessonPlan, PlanTemplate
from lessons.outline import outline_of
from lessons.standard_templates import form
from teaching_centres.models import (
    Membership,
    PrepPoint,
    Region,
    School,
    TeachingCentre,
    Term,
    TimetableEntry,
)
from teaching_centres.operations import add_region
from teaching_centres.policies import Unit
from teaching_centres.queries import current_region, current_school
from teaching_centres.roles import Role

PASSWORD = "a-password-for-tests-17"
_number = count(1)


# ---- people ------------------------------------------------------------------------------------------
def make_user(username: str = "", *, name: str = "", password: str = "", **fields: Any) -> User:
    """Without `password` nobody can sign in as this person (quick); give PASSWORD to sign in."""
    number = next(_number)
    user = User(username=username or f"person-{number}", name=name or f"测试{number}", **fields)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    return user


def make_superuser(**fields: Any) -> User:
    return make_user(is_superuser=True, is_staff=True, **fields)


# ---- units -------------------------------------------------------------------------------------------
def make_province(name: str = "测试省") -> Region:
    return _make_region(name, Region.Level.PROVINCE, None)


def make_prefecture(province: Region | None = None, name: str = "") -> Region:
    return _make_region(name or "测试市", Region.Level.PREFECTURE, province or make_province())


def make_county(prefecture: Region | None = None, name: str = "") -> Region:
    return _make_region(name or "测试县", Region.Level.COUNTY, prefecture or make_prefecture())


def _make_region(name: str, level: str, parent: Region | None) -> Region:
    return add_region(own_id=f"T-{next(_number)}", name=name, level=level, parent=parent, actor=None)


def make_school(county: Region | None = None, *, name: str = "", **fields: Any) -> School:
    values: dict[str, Any] = {"kind": School.Kind.PRIMARY, "urban_class": School.UrbanClass.TOWN}
    values |= fields
    return School.objects.create(
        county=county or make_county(), name=name or f"第{next(_number)}测试小学", **values
    )


def make_village_school(county: Region | None = None, **fields: Any) -> School:
    values: dict[str, Any] = {"urban_class": School.UrbanClass.VILLAGE, "is_rural_central": True}
    return make_school(county, **(values | fields))


def make_teaching_point(central: School, **fields: Any) -> School:
    values: dict[str, Any] = {
        "kind": School.Kind.TEACHING_POINT,
        "urban_class": School.UrbanClass.VILLAGE,
        "parent": central,
    }
    return make_school(central.county, **(values | fields))


def make_prep_point(school: School | None = None, **fields: Any) -> PrepPoint:
    return PrepPoint.objects.create(school=school or make_village_school(), **fields)


def make_centre(region: Region) -> TeachingCentre:
    return TeachingCentre.objects.create(region=region, name=f"{region.name}备课中心")


@dataclass(frozen=True)
class Tree:
    """Two prefectures of a province; the first has two counties, the first of these schools and a point."""

    province: Region
    prefecture: Region
    other_prefecture: Region
    county: Region
    sibling_county: Region
    far_county: Region
    school: School
    same_county_school: School
    point: School
    sibling_county_school: School
    far_school: School


def make_region_tree() -> Tree:
    province = make_province()
    prefecture, other = make_prefecture(province, "甲市"), make_prefecture(province, "乙市")
    county, sibling = make_county(prefecture, "甲一县"), make_county(prefecture, "甲二县")
    far = make_county(other, "乙一县")
    school = make_village_school(county)
    return Tree(
        province=province,
        prefecture=prefecture,
        other_prefecture=other,
        county=county,
        sibling_county=sibling,
        far_county=far,
        school=school,
        same_county_school=make_school(county),
        point=make_teaching_point(school),
        sibling_county_school=make_school(sibling),
        far_school=make_school(far),
    )


# ---- memberships -------------------------------------------------------------------------------------
def make_membership(
    user: User,
    unit: Unit,
    role: str = Role.TEACHER,
    *,
    starts: date | None = None,
    ends: date | None = None,
    subject: str = "",
) -> Membership:
    return Membership.objects.create(
        user=user,
        role=role,
        school=unit if isinstance(unit, School) else None,
        region=unit if isinstance(unit, Region) else None,
        starts=starts or timezone.localdate() - timedelta(days=30),
        ends=ends,
        subject=subject,
    )


def make_member(unit: Unit | None = None, role: str = Role.TEACHER, **user_fields: Any) -> User:
    """A person with a current membership: by default a teacher of a new school."""
    user = make_user(**user_fields)
    make_membership(user, unit or make_school(), role)
    return user


def make_teacher(school: School | None = None, **user_fields: Any) -> User:
    return make_member(school, Role.TEACHER, **user_fields)


def make_administrator(unit: Unit, **user_fields: Any) -> User:
    return make_member(unit, Role.ADMINISTRATOR, is_staff=True, **user_fields)


# ---- lesson plans ------------------------------------------------------------------------------------
def make_template(unit: Unit, goal_style: str = "core", **fields: Any) -> PlanTemplate:
    return PlanTemplate.objects.create(
        name=f"教案格式{next(_number)}",
        goal_style=goal_style,
        body=form(goal_style),
        school=unit if isinstance(unit, School) else None,
        region=unit if isinstance(unit, Region) else None,
        **fields,
    )


def make_plan(
    owner: User | None = None, *, title: str = "", content: Any = None, **fields: Any
) -> LessonPlan:
    """A plan as `create_plan` leaves it, without the ledger; `content` is its first JSON."""
    owner = owner or make_teacher()
    number = next(_number)
    title = title or f"第{number}课"
    first = content or plan_content(form("core"), header={"title": title}, new_id=ids_of(str(number)))
    values: dict[str, Any] = {
        "school": current_school(owner),
        "region": current_region(owner),
        "outline": outline_of(first).data(),
        "edited_by": [owner.pk],
    }
    return LessonPlan.objects.create(owner=owner, title=title, first_content=first, **(values | fields))


def make_textbook(subject: str = "语文", grade: int = 3, **fields: Any) -> Textbook:
    values: dict[str, Any] = {"stage": "primary", "edition": "统编版", "volume": "first"} | fields
    return Textbook.objects.create(
        subject=Subject.objects.get_or_create(name=subject)[0], grade=grade, **values
    )


# ---- the school year -----------------------------------------------------------------------------------
def make_term(region: Region, code: str = "2026-1", **fields: Any) -> Term:
    """The autumn term of 2026 begins on a Tuesday and ends on a Friday."""
    values: dict[str, Any] = {"starts": date(2026, 9, 1), "ends": date(2027, 1, 15)} | fields
    return Term.objects.create(region=region, code=code, **values)


def make_entry(teacher: User, weekday: int = 1, period: int = 1, **fields: Any) -> TimetableEntry:
    """A lesson of the week in the teacher's own school."""
    values: dict[str, Any] = {
        "school": current_school(teacher),
        "term": "2026-1",
        "subject": "语文",
        "class_label": "三（2）班",
        "grade": 3,
    } | fields
    return TimetableEntry.objects.create(teacher=teacher, weekday=weekday, period=period, **values)
