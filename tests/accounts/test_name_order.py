"""People stand in the order in which their names are read, on every database."""

import pytest

from foundation.accounts.models import User
from foundation.accounts.names import sort_key
from foundation.accounts.operations import create_person, erase
from teaching_centres.operations import change_person
from teaching_centres.people_accounts import Filters, account_page
from tests.factories import make_administrator, make_school, make_teacher


def in_order(*names: str) -> list[str]:
    return sorted(names, key=sort_key)


def test_names_stand_as_they_are_read() -> None:
    register = ["安然", "白雪", "单于飞", "佟丽", "王晓明", "闫芳", "曾小红", "朱军"]
    assert in_order(*sorted(register)) == register != sorted(register)
    assert in_order("林安", "李娜") == ["李娜", "林安"]
    assert in_order("김철수", "uma", "Tom Li", "朱军") == ["Tom Li", "uma", "朱军", "김철수"]


def test_the_same_reading_still_has_one_order() -> None:
    assert sort_key("王小明") != sort_key("王晓明")
    assert sort_key("王小明").split()[0] == sort_key("王晓明").split()[0]
    assert sort_key("") == ""


def test_keys_are_the_same_to_every_collation() -> None:
    for name in ("김철수", "阿依古丽·买买提" * 9, "Ｔｏｍ", "𠮷野", "已离开的教师"):
        key = sort_key(name)
        assert key.isascii() and key == key.lower() and len(key) <= 255


@pytest.mark.django_db
def test_the_key_follows_the_name_however_it_is_written() -> None:
    school = make_school()
    person = create_person(username="13900000001", name="朱军")
    assert User.objects.get(pk=person.pk).name_key == sort_key("朱军")
    teacher = make_teacher(school, name="朱军")
    change_person(
        person=teacher, username=teacher.username, name="白雪", email="", actor=make_administrator(school)
    )
    teacher.refresh_from_db()
    assert teacher.name_key == sort_key("白雪")
    erase(person=teacher)
    teacher.refresh_from_db()
    assert teacher.name_key == sort_key("已离开的教师")


@pytest.mark.django_db
def test_a_list_of_people_is_in_this_order() -> None:
    school = make_school()
    for name in ("朱军", "闫芳", "安然", "曾小红"):
        make_teacher(school, name=name)
    head = make_administrator(school, name="白雪")
    rows = account_page(head, Filters()).rows
    assert [row.card.name for row in rows] == ["安然", "白雪", "闫芳", "曾小红", "朱军"]
