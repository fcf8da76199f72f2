import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.storage import default_storage

from foundation.accounts.models import User
from foundation.files import access
from foundation.files.models import StoredFile
from foundation.files.operations import store
from prep_platform.settings import s3_storage
from tests.factories import make_user
from tests.files.pictures import picture, upload
from tests.support.s3 import S3Server

SUBJECT = UUID(int=5)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    """An own folder for this test's files."""
    options = {"location": str(tmp_path)}
    backend = "foundation.files.storage.WholeFileStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path


@pytest.fixture
def teacher(db: None) -> User:
    return make_user()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The people who may fetch files of the kind "test"."""
    allowed: set[int] = set()
    monkeypatch.setitem(
        access._resolvers, "test", lambda user, subject: subject == SUBJECT and user.pk in allowed
    )
    return allowed


@pytest.fixture
def send(teacher: User):
    def send(content: bytes | None = None, name: str = "板书.png", actor: User | None = None) -> StoredFile:
        sent = upload(picture() if content is None else content, name)
        return store(upload=sent, subject_kind="test", subject_id=SUBJECT, actor=actor or teacher)

    return send


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def s3(s3_server: S3Server, settings, request: pytest.FixtureRequest) -> S3Server:
    """Files go to a bucket of this test's own on a real S3 server."""
    bucket = "test-" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]
    storage = s3_storage(
        bucket=bucket,
        endpoint=s3_server.endpoint,
        key=s3_server.key,
        secret=s3_server.secret,
        region="us-east-1",
    )
    settings.STORAGES = settings.STORAGES | {"default": storage}
    default_storage.bucket.create()  # type: ignore[attr-defined]  # S3Storage
    return s3_server
