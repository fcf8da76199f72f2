"""Who someone is in the network, as pages and the ledger ask for it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from foundation.ledger.events import NOWHERE, Place
from teaching_centres import queries
from teaching_centres.queries import Belonging, PersonCard, Scopes
from teaching_centres.roles import Role, Verb
from tests import factories
from tests.factories import Tree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tree(db: None) -> Tree:
    return factories.make_region_tree()


def test_the_place_of_a_village_teacher(tree: Tree) -> None:
    teacher = factories.make_teacher(tree.school)
    assert queries.place_of(teacher) == Place(
        role="teacher", school_id=tree.school.pk, region_id=tree.county.pk, urban_class="village"
    )
    assert queries.current_school(teacher) == tree.school
    assert queries.current_region(teacher) == tree.county


def test_the_place_of_a_researcher(tree: Tree) -> None:
    researcher = factories.make_member(tree.prefecture, Role.RESEARCHER)
    assert queries.place_of(researcher) == Place(role="researcher", region_id=tree.prefecture.pk)
    assert queries.current_school(researcher) is None
    assert queries.current_region(researcher) == tree.prefecture


def test_without_a_current_membership_one_stands_nowhere(tree: Tree) -> None:
    former = factories.make_user()
    factories.make_membership(former, tree.school, ends=timezone.localdate() - DAY)
    for user in (former, AnonymousUser()):
        assert queries.place_of(user) == NOWHERE
        assert queries.current_school(user) is None
        assert queries.current_region(user) is None
        assert queries.belonging(user) == Belonging()
        assert not queries.scopes(user, Verb.SEE)


def test_the_main_membership_is_a_school_then_the_oldest(tree: Tree) -> None:
    user = factories.make_user()
    today = timezone.localdate()
    factories.make_membership(user, tree.county, Role.RESEARCHER, starts=today - 90 * DAY)
    factories.make_membership(user, tree.same_county_school, starts=today - 10 * DAY)
    factories.make_membership(user, tree.point, starts=today - 60 * DAY)
    assert queries.current_school(user) == tree.point


def test_scopes_are_the_outermost_regions_and_the_schools(tree: Tree) -> None:
    user = factories.make_user()
    factories.make_membership(user, tree.prefecture, Role.RESEARCHER)
    factories.make_membership(user, tree.county, Role.RESEARCHER)
    factories.make_membership(user, tree.far_school)
    assert queries.scopes(user, "see") == Scopes((tree.prefecture.path,), (tree.far_school.pk,))
    assert queries.scopes(user, Verb.MANAGE) == Scopes()


def test_scopes_are_read_once_per_person(
    tree: Tree, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = factories.make_teacher(tree.school)
    with django_assert_num_queries(2):
        for verb in Verb:
            queries.scopes(user, verb)
        queries.place_of(user)
        queries.belonging(user)


def test_belonging_looks_up_to_the_province(tree: Tree) -> None:
    teacher = factories.make_teacher(tree.school)
    wanted = sorted([tree.province.pk, tree.prefecture.pk, tree.county.pk])
    assert queries.belonging(teacher) == Belonging((tree.school.pk,), tuple(wanted))


def test_a_person_card(tree: Tree) -> None:
    teacher = factories.make_teacher(tree.school, name="李永梅")
    assert queries.person_card(teacher.pk) == PersonCard(
        id=teacher.pk,
        name="李永梅",
        initial="李",
        colour=teacher.colour,
        unit_name=tree.school.name,
        side="village",
    )
    researcher = factories.make_member(tree.county, Role.RESEARCHER)
    assert queries.person_card(researcher.pk).unit_name == "甲一县"
    assert queries.person_card(researcher.pk).side == ""
    assert queries.person_card(factories.make_user().pk).unit_name == ""


def test_many_cards_cost_as_little_as_one(
    tree: Tree, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [factories.make_teacher(tree.school).pk for _ in range(7)]
    with django_assert_num_queries(2):
        assert set(queries.person_cards(ids)) == set(ids)
    assert queries.person_cards([10**9]) == {}


def test_what_lies_below(tree: Tree) -> None:
    assert set(queries.regions_below(tree.prefecture)) == {tree.prefecture, tree.county, tree.sibling_county}
    assert set(queries.schools_below(tree.county)) == {tree.school, tree.same_county_school, tree.point}
    teacher, leader = factories.make_teacher(tree.point), factories.make_member(tree.county, Role.RESEARCHER)
    factories.make_teacher(tree.far_school)
    assert set(queries.people_below(tree.prefecture)) == {teacher, leader}


def test_the_nearest_centre(tree: Tree) -> None:
    province = factories.make_centre(tree.province)
    county = factories.make_centre(tree.county)
    assert queries.centre_of(tree.county) == county
    assert queries.centre_of(tree.sibling_county) == province


def test_the_address_book_finds_across_counties_for_members_only(tree: Tree) -> None:
    me = factories.make_teacher(tree.school)
    other = factories.make_teacher(tree.far_school, name="金美兰")
    former = factories.make_user(name="金退休")
    factories.make_membership(former, tree.far_school, ends=timezone.localdate() - DAY)
    assert [card.id for card in queries.find_people(me, "金")] == [other.pk]
    assert [card.id for card in queries.find_people(me, tree.far_school.name)] == [other.pk]
    assert [school.id for school in queries.find_schools(me, "乙一县")] == [tree.far_school.pk]
    for nobody in (former, AnonymousUser()):
        assert queries.find_people(nobody, "金") == []
        assert queries.find_schools(nobody, "乙一县") == []
    assert queries.find_people(me, " ") == []
