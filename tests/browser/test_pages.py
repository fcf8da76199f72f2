"""Every page, found by walking the addresses: axe has nothing serious to say and nothing is cut off.

A new address must be entered below, in PAGES with a way to visit it or in NOT_PAGES with what it answers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from foundation.accounts.models import DeletionRequest, SecondFactor, User
from foundation.notices.models import Notice
from foundation.notices.operations import notify
from lessons import operations, versions
from lessons.models import LessonPlan, PlanInvitation
from teaching_centres import operations as network
from tests.browser import activity_pages, lineage_pages, record_pages, review_pages, workspace_pages
from tests.browser.calendar_pages import (
    CALENDAR_PAGES,
    CALENDAR_VALUES,
    NOT_CALENDAR_PAGES,
    fill_calendar,
)
from tests.browser.part_visits import PartVisit
from tests.browser.roster_pages import NOT_ROSTER_PAGES, ROSTER_PAGES, ROSTER_VALUES
from tests.browser.word_out_pages import NOT_WORD_OUT_PAGES, WORD_OUT_PAGES, WORD_OUT_VALUES
from tests.browser.word_pages import NOT_WORD_PAGES, WORD_PAGES, WORD_VALUES
from tests.factories import (
    make_administrator,
    make_plan,
    make_school,
    make_teacher,
    make_textbook,
    make_village_school,
)
from tests.support.browser import serious_violations

WIDTHS = [1280, 360]
SCHEMES = ["light", "dark"]
UNKNOWN = UUID(int=0)


@dataclass(frozen=True)
class World:
    """A teacher whose plan has something of everything, a colleague who may read it, an administrator."""

    teacher: User
    reader: User
    newcomer: User
    administrator: User
    plan: LessonPlan
    archived: LessonPlan
    deleted: LessonPlan
    first: int
    second: int

    @cached_property
    def workspace(self) -> workspace_pages.Workspace:
        """Made for the pages that need it."""
        return workspace_pages.make_workspace()

    @cached_property
    def records(self) -> record_pages.Records:
        return record_pages.make_records()

    @cached_property
    def group(self) -> activity_pages.Group:
        """Made for the pages that need it."""
        return activity_pages.make_group()

    @cached_property
    def lineage(self) -> lineage_pages.Lineage:
        return lineage_pages.make_lineage()

    @cached_property
    def reviewing(self) -> review_pages.Reviewing:
        return review_pages.make_reviewing()


def make_world() -> World:
    school = make_village_school(name="松岭乡青山小学")
    teacher = make_teacher(school, name="李老师")
    reader = make_teacher(make_school(school.county, name="第一实验小学"), name="王老师")
    plan = make_plan(teacher, title="美丽的小兴安岭", textbook=make_textbook())
    operations.invite(actor=teacher, plan=plan, user=reader, level=PlanInvitation.Access.READ)
    operations.invite(actor=teacher, plan=plan, school=make_school(), level=PlanInvitation.Access.WRITE)
    first = versions.name_version(actor=teacher, plan=plan, name="集体备课前")
    second = versions.name_version(actor=teacher, plan=plan, name="定稿")
    archived, deleted = make_plan(teacher, title="山行"), make_plan(teacher, title="赠刘景文")
    operations.change_state(actor=teacher, plan=archived, state=LessonPlan.State.ARCHIVED)
    operations.change_state(actor=teacher, plan=deleted, state=LessonPlan.State.DELETED)
    administrator = make_administrator(school, is_superuser=True, name="管理员")
    SecondFactor.objects.create(person=administrator, secret="x")
    DeletionRequest.objects.create(person=administrator, due_at=timezone.now())
    DeletionRequest.objects.create(person=teacher, due_at=timezone.now())
    network.end_sessions(person=reader, actor=administrator)
    notify(recipients=[teacher], kind="plan", text="王老师打开了《美丽的小兴安岭》", path=plan_path(plan))
    fill_calendar(teacher, plan)
    return World(
        teacher=teacher,
        reader=reader,
        newcomer=make_teacher(name="新老师"),
        administrator=administrator,
        plan=plan,
        archived=archived,
        deleted=deleted,
        first=first.pk,
        second=second.pk,
    )


def plan_path(plan: LessonPlan) -> str:
    return reverse("plan-editor", args=[plan.pk])


# ---- where everything is --------------------------------------------------------------------------
@dataclass(frozen=True)
class Visit:
    """Who goes where. `ready` is what has to be on the page before it is judged."""

    who: Callable[[World], User | None]
    path: Callable[[World], str]
    ready: str = "main"
    status: int = 200


def teacher(name: str, *arguments: Callable[[World], Any], query: str = "", **options: Any) -> Visit:
    return Visit(lambda world: world.teacher, address(name, *arguments, query=query), **options)


def address(name: str, *arguments: Callable[[World], Any], query: str = "") -> Callable[[World], str]:
    return lambda world: reverse(name, args=[argument(world) for argument in arguments]) + query


def plan(world: World) -> UUID:
    return world.plan.pk


def first(world: World) -> int:
    return world.first


def manager(name: str, *arguments: Callable[[World], Any], query: str = "", **options: Any) -> Visit:
    return Visit(lambda world: world.administrator, address(name, *arguments, query=query), **options)


def nobody(name: str) -> Visit:
    return Visit(lambda world: None, address(name))


EDITOR = ".ProseMirror"
PAGES: dict[str, list[Visit]] = {
    "admin:index": [Visit(lambda world: world.administrator, address("admin:index"))],
    "admin:login": [Visit(lambda world: None, address("admin:login"))],
    "login": [nobody("login")],
    "open-by-code": [nobody("open-by-code")],
    "forgotten": [nobody("forgotten")],
    "account": [teacher("account")],
    "account-password": [teacher("account-password")],
    "account-second-factor": [teacher("account-second-factor")],
    "account-second-factor-manage": [manager("account-second-factor-manage")],
    "personal-data": [teacher("personal-data"), manager("personal-data")],
    "people-accounts": [
        manager("people-accounts"),
        manager("people-accounts", query="?q=没有这个人"),
        teacher("people-accounts", status=403),
    ],
    "person-account": [manager("person-account", lambda world: world.teacher.pk)],
    "audit-trail": [manager("audit-trail"), manager("audit-trail", query="?q=没有这个人")],
    "running": [manager("running"), teacher("running", status=403)],
    "notice-list": [
        teacher("notice-list"),
        Visit(lambda world: world.newcomer, address("notice-list")),
    ],
    "plan-list": [
        teacher("plan-list"),
        teacher("plan-list", query="?q=没有这样的教案"),
        Visit(lambda world: world.newcomer, address("plan-list")),
    ],
    "plan-create": [teacher("plan-create")],
    "plan-editor": [
        teacher("plan-editor", plan, ready=EDITOR),
        teacher("plan-editor", lambda world: world.archived.pk, ready=EDITOR),
        teacher("plan-editor", lambda world: world.deleted.pk),
        teacher("plan-editor", lambda world: UNKNOWN, status=404),
        Visit(lambda world: world.reader, address("plan-editor", plan), ready=EDITOR),
    ],
    "plan-book": [teacher("plan-book", plan)],
    "plan-sharing": [
        teacher("plan-sharing", plan),
        Visit(lambda world: world.reader, address("plan-sharing", plan)),
        Visit(lambda world: world.newcomer, address("plan-sharing", plan), status=404),
    ],
    "plan-versions": [teacher("plan-versions", plan)],
    "plan-version": [teacher("plan-version", plan, first)],
    "plan-compare": [
        teacher("plan-compare", plan, query="?from=first&to=now"),
        teacher("plan-compare", plan),
    ],
}
NOT_PAGES: dict[str, str] = {
    "api:openapi-json": "JSON",
    "api:api-root": "never an answer of its own",
    "api:create_session": "JSON",
    "api:read_session": "JSON",
    "api:delete_session": "JSON",
    "api:list_plans": "JSON",
    "api:get_plan": "JSON",
    "api:list_threads": "JSON",
    "api:some_threads": "JSON",
    "api:list_people": "JSON",
    "api:one_person": "JSON",
    "api:open_thread": "JSON",
    "api:reply": "JSON",
    "api:change_state": "JSON",
    "api:change_comment": "JSON",
    "api:delete_comment": "JSON",
    "/admin/login/": "sends on to the one sign-in page",
    "health": "one word for the proxy",
    "ready": "one word for the proxy",
    "metrics": "figures for Prometheus",
    "running-guide": "plain text",
    "language": "takes a form and sends back",
    "logout": "takes a form and sends on to the sign-in page",
    "second-factor": "a step after the password: test_accounts",
    "second-factor-set-up": "a step after the password: test_accounts",
    "choose-password": "a step after a code: test_accounts",
    "open-link": "sends on to choose-password",
    "single-sign-on": "takes a form and sends on to the provider",
    "openid_connect_callback": "sends on",
    "account-session-end": "takes a form",
    "account-sessions-end-others": "takes a form",
    "session-alive": "nothing",
    "account-link": "takes a form",
    "account-unlink": "takes a form",
    "personal-data-export": "a file",
    "account-delete": "takes a form",
    "account-keep": "takes a form",
    "activation-slips": "takes a form: test_accounts",
    "audit-export": "a file",
    "file": "the bytes of a file",
    "notice-read-all": "takes a form",
    "notice-open": "sends on to what the notice is about",
    "plan-create-books": "part of plan-create",
    "plan-state": "takes a form",
    "plan-upload": "takes a picture, answers JSON",
    "plan-agenda": "takes a form, answers JSON",
    "plan-sharing-find": "part of plan-sharing",
    "plan-reach": "takes a form",
    "plan-invite": "takes a form",
    "plan-invitation": "takes a form",
    "plan-version-name": "takes a form",
    "plan-edge-state": "bytes",
    "plan-version-state": "bytes",
    "plan-version-restore": "takes a form",
    "plan-compare-data": "JSON",
}
VALUES: dict[str, Callable[[World], Any]] = {
    "plan_id": plan,
    "version_id": first,
    "invitation_id": lambda world: world.plan.invitations.order_by("pk")[0].pk,
    "notice_id": lambda world: Notice.objects.filter(recipient=world.teacher)[0].pk,
    "file_id": lambda world: UNKNOWN,
    "edge": lambda world: "now",
    "person_id": lambda world: world.teacher.pk,
    "session_id": lambda world: 1,
    "token": lambda world: "x",
    "provider_id": lambda world: "oidc",
    "thread_id": lambda world: "nosuchthrd",
    "comment_id": lambda world: 1,
}

PAGES |= {
    name: [Visit(who, path, status=status) for who, path, status in visits]
    for name, visits in (ROSTER_PAGES | CALENDAR_PAGES | WORD_PAGES | WORD_OUT_PAGES).items()
}
NOT_PAGES |= NOT_ROSTER_PAGES | NOT_CALENDAR_PAGES | NOT_WORD_PAGES | NOT_WORD_OUT_PAGES
VALUES |= ROSTER_VALUES | CALENDAR_VALUES | WORD_VALUES | WORD_OUT_VALUES


def in_part(part: str, name: str, visit: PartVisit) -> Visit:
    return Visit(
        lambda world: getattr(getattr(world, part), visit.who),
        lambda world: (
            reverse(name, args=[argument(getattr(world, part)) for argument in visit.arguments]) + visit.query
        ),
        status=visit.status,
    )


def of_part(part: str, value: Callable[[Any], Any]) -> Callable[[World], Any]:
    return lambda world: value(getattr(world, part))


#: what the world calls the part, and the module that lists its pages
PARTS = {
    "workspace": workspace_pages,
    "group": activity_pages,
    "lineage": lineage_pages,
    "reviewing": review_pages,
}
for part, listed in PARTS.items():
    PAGES |= {name: [in_part(part, name, visit) for visit in visits] for name, visits in listed.PAGES.items()}
    NOT_PAGES |= listed.NOT_PAGES
    VALUES |= {name: of_part(part, value) for name, value in listed.VALUES.items()}

PAGES |= {
    name: [
        Visit(
            lambda world, who=who: who(world.records),
            lambda world, path=path: path(world.records),
            status=status,
        )
        for who, path, status in visits
    ]
    for name, visits in record_pages.RECORD_PAGES.items()
}
NOT_PAGES |= record_pages.NOT_RECORD_PAGES
VALUES |= {
    name: lambda world, value=value: value(world.records)
    for name, value in record_pages.RECORD_VALUES.items()
}


def patterns(resolver: URLResolver, names: str = "", route: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Name (with its namespace) and pattern; an address without a name goes by its route."""
    for pattern in resolver.url_patterns:
        place = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from patterns(pattern, inside, place)
        else:
            yield (names + pattern.name if pattern.name else place), pattern


def addresses() -> dict[str, URLPattern]:
    """Every address, without the inside of Django's admin."""
    kept = {"admin:index", "admin:login", "/admin/login/"}
    return {
        name: pattern
        for name, pattern in patterns(get_resolver())
        if name in kept or not name.startswith(("admin:", "/admin/"))
    }


def test_every_address_is_entered_here() -> None:
    found = set(addresses())
    entered = set(PAGES) | set(NOT_PAGES)
    assert found - entered == set(), "enter these in PAGES or NOT_PAGES"
    assert entered - found == set(), "these are gone"
    assert set(PAGES) & set(NOT_PAGES) == set()


@pytest.mark.django_db
def test_what_is_entered_as_no_page_is_none(client: Client) -> None:
    world = make_world()
    client.force_login(world.teacher)
    for name in NOT_PAGES:
        wanted = {key: VALUES[key](world) for key in addresses()[name].pattern.converters}
        response = client.get(name if name.startswith("/") else reverse(name, kwargs=wanted))
        answered = response.status_code == 200 and response["Content-Type"].startswith("text/html")
        assert not (answered and b"<html" in response.content), f"{name} is a page: enter it in PAGES"


# a colour on its way to another is no colour to judge
WHEN_STILL = "Promise.allSettled(document.getAnimations().map(animation => animation.finished))"
SMOKE = {"login-0", "today-0", "plan-list-0", "plan-editor-0"}


def marked(key: str, visit: Visit) -> Any:
    return pytest.param(visit, id=key, marks=[pytest.mark.smoke] if key in SMOKE else [])


VISITS = [
    marked(f"{name}-{number}", visit) for name, visits in PAGES.items() for number, visit in enumerate(visits)
]


@pytest.mark.parametrize("visit", VISITS)
def test_page_is_accessible_and_fits(visit: Visit, page_of: Callable[..., Page]) -> None:
    world = make_world()
    page = page_of(visit.who(world), reduced_motion="reduce")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    response = page.goto(visit.path(world))
    assert response is not None
    assert response.status == visit.status
    expect(page.locator(visit.ready).first).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(WHEN_STILL)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{width} px, {scheme}"
            violations = serious_violations(page)
            assert not violations, "\n".join([where, *violations])
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{where}: {overflow} px too wide"
    assert said == []
