"""The demo network: complete, marked, repeatable."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from foundation.accounts.models import User
from teaching_centres import demo
from teaching_centres.models import Membership, PrepPoint, School, TeachingCentre
from teaching_centres.roles import VERBS, Role, UnitKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db: None) -> demo.Demo:
    return demo.build()


def test_it_has_everything_a_visitor_wants_to_see(built: demo.Demo) -> None:
    schools = School.objects.all()
    assert schools.count() >= 8
    assert {school.county.name for school in schools} == {"梨树县", "敦化市"}
    assert len({school.county.parent_id for school in schools}) == 2
    assert {school.kind for school in schools} >= {
        "primary",
        "teaching_point",
        "nine_year",
        "junior",
        "special",
    }
    assert {school.urban_class for school in schools} == {"city", "town", "village"}
    assert {centre.region.level for centre in TeachingCentre.objects.all()} == {
        "province",
        "prefecture",
        "county",
    }
    assert PrepPoint.objects.filter(school__is_rural_central=True).count() >= 2
    assert User.objects.count() >= 12


def test_every_role_in_every_kind_of_unit_has_a_person(built: demo.Demo) -> None:
    held = {(Role(row.role), row.unit_kind) for row in Membership.objects.all()}
    assert held == set(VERBS)
    levels = set(Membership.objects.exclude(region=None).values_list("role", "region__level"))
    for level in ("county", "prefecture", "province"):
        assert {("researcher", level), ("administrator", level)} <= levels
    assert all(row.is_current() for row in Membership.objects.select_related("user", "school"))
    assert UnitKind.SCHOOL in {row.unit_kind for row in built.people["liu-point"].memberships.all()}
    assert built.people["liu-point"].memberships.values("school").distinct().count() == 2


def test_everything_demo_is_marked(built: demo.Demo) -> None:
    for rows in (School.objects, TeachingCentre.objects, PrepPoint.objects, User.objects):
        assert not rows.filter(is_demo=False).exists()
    assert all(school.name.endswith("·演示") for school in School.objects.all())
    assert all(centre.name.endswith("·演示") for centre in TeachingCentre.objects.all())


def test_a_second_time_changes_nothing(built: demo.Demo) -> None:
    before = [model.objects.count() for model in (User, School, PrepPoint, TeachingCentre, Membership)]
    passwords = list(User.objects.order_by("pk").values_list("password", flat=True))
    again = demo.build()
    assert [
        model.objects.count() for model in (User, School, PrepPoint, TeachingCentre, Membership)
    ] == before
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == passwords
    assert again == built


def test_the_listed_accounts_sign_in(built: demo.Demo, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo", "--list")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == User.objects.count()
    accounts = [line.removeprefix("demo account: ").split(" ") for line in lines]
    assert [account[0] for account in accounts[:2]] == ["wang-town", "li-village"]
    assert all(len(account) == 3 for account in accounts)
    for username, password, _shown_as in accounts[:2]:
        assert authenticate(username=username, password=password) == built.people[username]
    assert {built.people[name].memberships.get().school.side for name in ("wang-town",)} == {"town"}
    assert {built.people[name].memberships.get().school.side for name in ("li-village",)} == {"village"}
