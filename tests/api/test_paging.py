"""Cursor paging: every row once, in order, while rows come and go."""

import base64
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.api.paging import MAX_LIMIT, page
from foundation.api.problems import Problem
from foundation.notices.models import Notice
from tests.factories import make_user

ORDER = ("-created_at", "id")


@pytest.fixture
def notices(db):
    """Seven rows at three moments, so that the moment alone does not order them."""
    person, now = make_user(), timezone.now()
    rows = [Notice.objects.create(recipient=person, kind="x", text=str(number)) for number in range(7)]
    for number, row in enumerate(rows):
        Notice.objects.filter(pk=row.pk).update(created_at=now - timedelta(hours=number // 3))
    return Notice.objects.all()


def walk(rows, limit: int) -> list[str]:
    found, cursor = [], None
    while True:
        part = page(rows, order=ORDER, cursor=cursor, limit=limit)
        found += [row.text for row in part.items]
        cursor = part.next
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_every_row_comes_once_in_order(notices, limit):
    assert walk(notices, limit) == ["0", "1", "2", "3", "4", "5", "6"]


def test_a_row_that_comes_in_between_moves_nothing(notices):
    first = page(notices, order=ORDER, limit=3)
    Notice.objects.create(recipient=make_user(), kind="x", text="new")

    second = page(notices, order=ORDER, cursor=first.next, limit=3)

    assert [row.text for row in second.items] == ["3", "4", "5"]


def test_the_row_at_the_cursor_may_be_gone(notices):
    first = page(notices, order=ORDER, limit=3)
    first.items[-1].delete()

    assert [row.text for row in page(notices, order=ORDER, cursor=first.next).items] == ["3", "4", "5", "6"]


def test_a_page_is_one_query(notices, django_assert_num_queries):
    with django_assert_num_queries(1):
        page(notices, order=ORDER, limit=3)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (10**9, MAX_LIMIT)])
def test_limits_stay_in_bounds(notices, asked, given):
    with CaptureQueriesContext(connection) as queries:
        page(notices, order=ORDER, limit=asked)

    assert f"LIMIT {given + 1}" in queries[0]["sql"]


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "é",
        cursor_of({}),
        cursor_of([1]),
        cursor_of(["yesterday", 1]),
        cursor_of([1, 2]),
        cursor_of([None, None]),
    ],
)
def test_a_cursor_of_ones_own_making_is_refused(notices, cursor):
    with pytest.raises(Problem) as refused:
        page(notices, order=ORDER, cursor=cursor)
    assert refused.value.status == 422
