import hashlib

import pytest
from django.test import Client

from foundation.accounts.models import User
from tests.factories import PASSWORD, make_user


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """An address of this test's own: the counters of tries may live in a Redis that other tests share."""
    return "test-" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]


@pytest.fixture
def teacher(db: None, address: str) -> User:
    return make_user(f"u-{address}", name="王老师", password=PASSWORD)


@pytest.fixture
def caller(address: str) -> Client:
    """A program: it checks nothing by itself, and the server checks its CSRF token."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=address)
