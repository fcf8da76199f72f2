from pathlib import Path
from uuid import UUID

import pytest

from foundation.accounts.models import User
from foundation.files import access
from foundation.files.models import StoredFile
from foundation.files.operations import store
from tests.factories import make_user
from tests.files.pictures import picture, upload

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
