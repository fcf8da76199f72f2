"""The pages of the roster, for test_pages: each makes what it shows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres import operations
from teaching_centres.models import Leave, RosterImport, School, SchoolMerge
from teaching_centres.roster import imports
from teaching_centres.roster.jobs import watcher
from tests.factories import make_administrator, make_county, make_membership, make_school, make_teacher
from tests.support.rosters import person, roster, school


def today() -> Any:
    return timezone.localdate()


def county_administrator(world: Any) -> User:
    """Of the county of the world's teacher: made once."""
    county = own_school(world).county
    found = User.objects.filter(memberships__region=county).first()
    return found or make_administrator(county, name="县管理员")


def new_county(world: Any) -> User:
    return make_administrator(make_county(name="新县"), name="新县管理员")


def own_school(world: Any) -> School:
    return world.teacher.memberships.get(ends=None).school


def someone(world: Any) -> User:
    """With everything a person's page shows."""
    teacher = world.teacher
    if not teacher.leaves.exists():
        make_membership(
            teacher, own_school(world), starts=today() - timedelta(400), ends=today() - timedelta(200)
        )
        Leave.objects.create(user=teacher, kind="maternity", starts=today())
    return teacher


def pair(world: Any) -> tuple[int, int]:
    other = make_teacher(own_school(world), name=world.teacher.name)
    return world.teacher.pk, other.pk


def uploaded(world: Any, schools: Any, people: Any) -> RosterImport:
    admin = county_administrator(world)
    return imports.begin(actor=admin, file_name="名册.xlsx", content=roster(schools, people))


def ready(world: Any) -> RosterImport:
    teacher = world.teacher
    rename = person(1, own_school(world).name, username=teacher.username, name="改名", subject="")
    return uploaded(world, [school("新小学")], [person(1, "新小学"), person(2, "新小学"), rename])


def wrong(world: Any) -> RosterImport:
    return uploaded(world, [school("新小学", kind="幼儿园")], [person(1, "没有的学校", starts="九月")])


def in_state(state: str) -> Callable[[Any], RosterImport]:
    def make(world: Any) -> RosterImport:
        found = ready(world)
        RosterImport.objects.filter(pk=found.pk).update(state=state)
        watcher(found.pk)(40)
        return found

    return make


def failed(world: Any) -> RosterImport:
    found = ready(world)
    reason = ["这个文件里有一处读不了，可能坏了。请用表格软件打开，另存一份再传。", {}]
    RosterImport.objects.filter(pk=found.pk).update(state="failed", reason=reason)
    return found


def closed_school(world: Any) -> School:
    found = make_school(own_school(world).county)
    operations.close_school(school=found, on=today() - timedelta(1), actor=None)
    return found


def merging_school(world: Any) -> School:
    found = make_school(own_school(world).county)
    operations.merge_schools(school=found, into=own_school(world), on=today() + timedelta(9), actor=None)
    return found


def at(name: str, *arguments: Callable[[Any], Any], query: str = "") -> Callable[[Any], str]:
    return lambda world: reverse(name, args=[argument(world) for argument in arguments]) + query


def pk_of(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda world: make(world).pk


Visits = list[tuple[Callable[[Any], User], Callable[[Any], str], int]]


def by_county(*paths: Callable[[Any], str]) -> Visits:
    return [(county_administrator, path, 200) for path in paths]


ROSTER_PAGES: dict[str, Visits] = {
    "roster": [
        *by_county(at("roster"), at("roster", query="?q=没有这样的人"), at("roster", query="?state=all")),
        (new_county, at("roster"), 200),
        (lambda world: world.administrator, at("roster"), 200),
        (lambda world: world.newcomer, at("roster"), 403),
    ],
    "roster-person-new": by_county(at("roster-person-new")),
    "roster-person": by_county(at("roster-person", pk_of(someone))),
    "roster-membership": by_county(
        at("roster-membership", lambda world: someone(world).memberships.first().pk)
    ),
    "roster-duplicates": [
        *by_county(lambda world: pair(world) and reverse("roster-duplicates")),
        (new_county, at("roster-duplicates"), 200),
    ],
    "roster-pair": by_county(lambda world: reverse("roster-pair", args=pair(world))),
    "roster-schools": [
        *by_county(at("roster-schools"), at("roster-schools", query="?q=没有这样的学校")),
        (new_county, at("roster-schools"), 200),
    ],
    "roster-school-new": by_county(at("roster-school-new")),
    "roster-school": by_county(
        at("roster-school", pk_of(own_school)),
        at("roster-school", pk_of(closed_school)),
        at("roster-school", pk_of(merging_school)),
    ),
    "roster-imports": [
        *by_county(lambda world: ready(world) and reverse("roster-imports")),
        (new_county, at("roster-imports"), 200),
    ],
    "roster-import": by_county(
        at("roster-import", pk_of(ready)),
        at("roster-import", pk_of(wrong)),
        at("roster-import", pk_of(failed)),
        *(at("roster-import", pk_of(in_state(state))) for state in ("stale", "writing", "done", "dropped")),
    ),
}
NOT_ROSTER_PAGES = {
    "roster-find-pair": "sends on to the page where two are compared",
    "roster-leave": "takes a form",
    "roster-merge-withdraw": "takes a form",
    "roster-form": "a file",
    "roster-export": "a file",
    "roster-import-state": "part of roster-import",
    "roster-import-confirm": "takes a form",
    "roster-import-drop": "takes a form",
    "roster-import-again": "takes a form",
}
ROSTER_VALUES: dict[str, Callable[[Any], Any]] = {
    "person_id": lambda world: world.teacher.pk,
    "leave_id": lambda world: someone(world).leaves.first().pk,
    "merge_id": lambda world: SchoolMerge.objects.get(school=merging_school(world)).pk,
    "import_id": pk_of(ready),
}
