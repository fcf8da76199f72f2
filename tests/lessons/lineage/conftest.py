from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc

from foundation.accounts.models import User
from lessons import versions
from lessons.document import Node, plain_text, read, read_state, reconcile
from lessons.lineage.connection import connect, text_of
from lessons.lineage.models import Fork
from lessons.lineage.offers import Offer
from lessons.lineage.operations import fork
from lessons.models import LessonPlan, PlanVersion
from realtime import rooms
from tests.factories import make_plan
from tests.lessons.lineage.edits import plan_text


@pytest.fixture
def shared(owner: User) -> LessonPlan:
    return make_plan(owner, title="美丽的小兴安岭", reach="province", content=plan_text())


@pytest.fixture
def version(shared: LessonPlan, owner: User) -> PlanVersion:
    return versions.name_version(actor=owner, plan=shared, name="定稿")


@pytest.fixture
def mine(version: PlanVersion, colleague: User) -> LessonPlan:
    return fork(actor=colleague, version=version)


def edit(plan: LessonPlan, change: Callable[..., Node], *arguments: Any, actor: User | None = None) -> None:
    """As somebody would: `change` makes the new text of the present one."""

    def write(doc: Doc) -> None:
        reconcile(doc, change(read(doc), *arguments))

    rooms.change(plan.document, write, actor_id=(actor or plan.owner).pk)


def words_of(plan: LessonPlan) -> str:
    return plain_text(text_of(plan))


def version_text(version: PlanVersion) -> str:
    return plain_text(read_state(bytes(version.state)))


def offers_to(plan: LessonPlan) -> list[Offer]:
    return connect(Fork.objects.select_related("plan", "upstream", "version").get(plan=plan)).offers(
        text_of(plan)
    )


def the_offer(plan: LessonPlan) -> Offer:
    [offer] = offers_to(plan)
    return offer
