"""Who may fetch a file is answered by the app that owns what the file belongs to."""

from collections.abc import Callable
from uuid import UUID

from foundation.accounts.models import User
from foundation.files.models import StoredFile

Resolver = Callable[[User, UUID], bool]

_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """Called from an app's `ready()`: `resolver(user, subject_id)` answers for files of this subject kind."""
    _resolvers[kind] = resolver


def may_fetch(user: User, file: StoredFile) -> bool:
    """Files of a kind that nobody answers for are not fetched by anyone."""
    resolver = _resolvers.get(file.subject_kind)
    return resolver is not None and resolver(user, file.subject_id)
