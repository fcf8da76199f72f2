import hashlib
from collections.abc import Callable

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
def visitor(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


@pytest.fixture
def sign_in(visitor: Client, teacher: User) -> Callable:
    def post(password: str = PASSWORD, username: str = "", path: str = "/login/", **fields: str):
        return visitor.post(path, {"username": username or teacher.username, "password": password, **fields})

    return post
