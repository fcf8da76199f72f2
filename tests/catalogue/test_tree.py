import pytest

from foundation.catalogue import queries
from foundation.catalogue.models import Textbook
from foundation.catalogue.operations import import_standard_units
from tests.factories import make_superuser


@pytest.fixture(autouse=True)
def catalogue(db):
    import_standard_units()


def test_the_tree_has_every_book_and_unit_in_the_order_of_the_years(django_assert_num_queries):
    with django_assert_num_queries(2):
        stages = queries.tree()

    assert [stage.name for stage in stages] == ["小学"]
    subjects = stages[0].subjects
    assert [subject.name for subject in subjects] == ["语文", "数学", "英语", "科学"]
    books = [book for subject in subjects for edition in subject.editions for book in edition.books]
    assert len(books) == 44
    assert sum(len(book.units) for book in books) == 285
    chinese = subjects[0].editions[0]
    assert chinese.name == "统编版"
    assert [book.name for book in chinese.books][:3] == ["一年级上册", "一年级下册", "二年级上册"]
    assert [unit.number for unit in chinese.books[4].units] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_tree_does_not_grow_in_queries(django_assert_num_queries):
    Textbook.objects.filter(grade__gt=1).delete()

    with django_assert_num_queries(2):
        queries.tree()


@pytest.mark.parametrize("path", ["subject/", "textbook/", "textbook/add/"])
def test_admin_pages_open(client, path):
    client.force_login(make_superuser())

    assert client.get(f"/admin/catalogue/{path}").status_code == 200
