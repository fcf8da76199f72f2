"""One line under someone's bell: told once, seen only by the one it is for."""

import pytest

from foundation.notices import operations, queries
from foundation.notices.models import Notice
from foundation.notices.operations import notify
from tests.factories import make_user


def tell(*people, text="李老师请你一起写教案", path="/notices/"):
    return notify(recipients=people, kind="plan.invited", text=text, path=path)


@pytest.fixture
def teacher(db):
    return make_user()


@pytest.fixture
def reader(client, teacher):
    client.force_login(teacher)
    return client


def test_everyone_is_told_once(teacher):
    colleague = make_user()

    assert tell(teacher, colleague.pk, teacher.pk) == 2
    assert queries.unread_count(teacher) == queries.unread_count(colleague) == 1


def test_the_same_line_unread_is_not_doubled_but_comes_again_after_reading(teacher):
    tell(teacher)

    assert tell(teacher) == 0
    operations.mark_read(actor=teacher)
    assert tell(teacher) == 1
    assert Notice.objects.count() == 2


def test_telling_many_costs_as_much_as_telling_one(teacher, django_assert_num_queries):
    people = [teacher, *(make_user() for _ in range(20))]

    with django_assert_num_queries(5):  # savepoint, look, what each wants, insert, release
        tell(*people)


def test_marking_read_reaches_only_ones_own(teacher):
    colleague = make_user()
    tell(teacher, colleague)

    assert operations.mark_read(actor=teacher) == 1
    assert operations.mark_read(actor=teacher, notice_id=Notice.objects.get(recipient=colleague).pk) == 0
    assert queries.unread_count(colleague) == 1


def test_the_list_shows_the_newest_first_and_pages(reader, teacher):
    for number in range(queries.PAGE_SIZE + 1):
        tell(teacher, text=f"第 {number} 条")
    tell(make_user(), text="别人的")

    first = reader.get("/notices/").content.decode()
    second = reader.get("/notices/?page=2").content.decode()

    assert f"第 {queries.PAGE_SIZE} 条" in first
    assert "第 0 条" not in first
    assert "第 0 条" in second
    assert "别人的" not in first + second


def test_the_list_costs_the_same_however_long(reader, teacher, django_assert_max_num_queries):
    for number in range(queries.PAGE_SIZE):
        tell(teacher, text=f"第 {number} 条")

    with django_assert_max_num_queries(9):
        reader.get("/notices/")


def test_an_empty_list_says_what_will_come(reader):
    assert "还没有消息" in reader.get("/notices/").content.decode()


def test_opening_reads_and_leads_on(reader, teacher):
    tell(teacher, path="/plans/")
    notice = Notice.objects.get()

    response = reader.post(f"/notices/{notice.pk}/")

    assert response["Location"] == "/plans/"
    assert queries.unread_count(teacher) == 0


@pytest.mark.parametrize("path", ["", "https://evil.example/", "//evil.example/"])
def test_a_notice_never_leads_away_from_the_platform(reader, teacher, path):
    tell(teacher, path=path)

    assert reader.post(f"/notices/{Notice.objects.get().pk}/")["Location"] == "/notices/"


def test_another_persons_notice_is_not_there(reader):
    colleague = make_user()
    tell(colleague)

    assert reader.post(f"/notices/{Notice.objects.get().pk}/").status_code == 404
    assert queries.unread_count(colleague) == 1


def test_reading_all(reader, teacher):
    tell(teacher)
    tell(teacher, text="另一条")

    reader.post("/notices/read/")

    assert queries.unread_count(teacher) == 0
    assert reader.get("/notices/read/").status_code == 405
