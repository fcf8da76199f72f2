"""Notices downwards: who is counted, who has read, who is reminded."""

from datetime import timedelta

import pytest

from foundation.accounts.belongings import settle_all
from foundation.notices.models import Notice
from teaching_centres.errors import NotPossible
from teaching_centres.roles import Role
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import CircularReceipt
from teaching_centres.workspace.queries import circulars as queries
from tests import factories
from tests.workspaces.conftest import World


def recipients(circular) -> set[str]:
    return {row.user.name for row in circular.receipts.select_related("user")}


def test_those_who_hold_the_roles_there_today_are_counted_once(world: World) -> None:
    both = world.town_teacher
    factories.make_membership(both, world.village, Role.GROUP_LEADER)
    gone = factories.make_user(name="走了的")
    factories.make_membership(gone, world.town, ends=world.today - timedelta(days=1))
    factories.make_teacher(world.tree.point, name="教学点老师")
    circular = world.circular()
    assert recipients(circular) == {"城里组长", "城里老师", "乡里组长", "乡里老师", "教学点老师"}
    assert circular.receipts.count() == 5
    late = factories.make_teacher(world.town)
    assert not CircularReceipt.objects.filter(user=late).exists()


def test_a_side_and_a_role(world: World) -> None:
    audience = Audience(schools=True, side="village", with_point=False)
    assert recipients(world.circular(audience=audience, roles=[Role.TEACHER])) == {"乡里老师"}


def test_receipts_by_unit_and_by_person(world: World) -> None:
    circular = world.circular()
    operations.read_circular(circular=circular, actor=world.town_teacher)
    operations.read_circular(circular=circular, actor=world.town_teacher)
    operations.read_circular(circular=circular, actor=world.outsider)
    found = queries.receipts_of(circular.receipts.all())
    assert (found.people, found.people_read, found.units, found.units_read) == (4, 1, 2, 1)
    assert queries.words_of(found) == "4 人里 1 人看了；2 个单位里 1 个有人看了"
    lines = {
        line.unit.name: (line.people, line.read) for line in queries.units_page(circular.receipts.all()).lines
    }
    assert lines == {world.town.name: (2, 1), world.village.name: (2, 0)}
    unread = queries.units_page(circular.receipts.all(), only_unread=True).lines
    assert [line.unit.name for line in unread] == [world.village.name]
    people = queries.people_page(circular.receipts.all(), world.town).lines
    assert [(line.person.name, bool(line.read_at)) for line in people] == [
        ("城里组长", False),
        ("城里老师", True),
    ]


def test_a_leader_sees_the_receipts_of_their_own_school_only(world: World) -> None:
    circular = world.circular()
    seen = CircularReceipt.objects.visible_to(world.village_leader).filter(circular=circular)
    assert {row.school for row in seen} == {world.village}
    assert seen.count() == 2
    assert CircularReceipt.objects.visible_to(world.village_teacher).get().user == world.village_teacher


def test_only_those_who_have_not_read_it_are_reminded_and_once_a_day(world: World) -> None:
    circular = world.circular()
    operations.read_circular(circular=circular, actor=world.town_teacher)
    Notice.objects.all().delete()
    assert operations.remind_unread(circular=circular, actor=world.researcher) == 3
    assert not Notice.objects.filter(recipient=world.town_teacher).exists()
    with pytest.raises(NotPossible, match="今天提醒过了"):
        operations.remind_unread(circular=circular, actor=world.administrator)
    assert Notice.objects.count() == 3


def test_when_everyone_has_read_it_nobody_is_reminded(world: World) -> None:
    circular = world.circular()
    for receipt in circular.receipts.select_related("user"):
        operations.read_circular(circular=circular, actor=receipt.user)
    with pytest.raises(NotPossible, match="都看过了"):
        operations.remind_unread(circular=circular, actor=world.researcher)


def test_a_circular_to_thousands_takes_a_few_statements(world: World, django_assert_max_num_queries) -> None:
    from foundation.accounts.models import User
    from teaching_centres.models import Membership

    users = User.objects.bulk_create(User(username=f"many-{n}", name=f"老师{n}") for n in range(2400))
    Membership.objects.bulk_create(
        Membership(user=user, role=Role.TEACHER, school=world.town, starts=world.today) for user in users
    )
    with django_assert_max_num_queries(80):
        circular = world.circular()
    assert circular.receipts.count() == 2404
    with django_assert_max_num_queries(3):
        assert queries.receipts_of(circular.receipts.all()).people == 2404


def test_of_two_accounts_of_one_person_either_has_read_it(world: World) -> None:
    absorbed = factories.make_teacher(world.town)
    circular, other = world.circular(), world.circular(roles=[Role.TEACHER])
    CircularReceipt.objects.filter(circular=other, user=world.town_teacher).delete()
    operations.read_circular(circular=circular, actor=absorbed)
    settle_all(world.town_teacher, absorbed)
    assert not CircularReceipt.objects.filter(user=absorbed).exists()
    mine = CircularReceipt.objects.filter(user=world.town_teacher)
    assert {row.circular_id: bool(row.read_at) for row in mine} == {circular.pk: True, other.pk: False}
