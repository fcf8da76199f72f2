"""Making one's own version of a shared plan."""

import pytest

from foundation.accounts.models import User
from foundation.ledger.models import Event
from lessons import versions
from lessons.document import attribute, plain_text, read_state, walk
from lessons.errors import Denied, NotPossible, PlanNotFound
from lessons.lineage.models import Fork
from lessons.lineage.operations import fork
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from realtime import rooms
from teaching_centres.roles import Role
from tests.factories import Tree, make_member, make_plan, make_teacher


def read(plan: LessonPlan):
    return read_state(rooms.state(plan.document).state)


def field(plan: LessonPlan, key: str) -> str:
    return next(plain_text(node) for node in walk(read(plan)) if attribute(node, "key") == key)


def test_an_own_version_is_a_new_document_with_the_same_text_and_the_same_ids(
    version: PlanVersion, shared: LessonPlan, colleague: User
) -> None:
    mine = fork(actor=colleague, version=version)
    assert (mine.owner, mine.title, mine.reach) == (colleague, "美丽的小兴安岭", LessonPlan.Reach.OWN)
    assert mine.school != shared.school
    assert {key: part.hash for key, part in parts_of(read(mine)).items()} == {
        key: part.hash for key, part in parts_of(read(shared)).items()
    }
    assert field(mine, "taught_by") == "王春燕"
    assert (mine.fork.upstream, mine.fork.version, mine.fork.waiting) == (shared, version, 0)
    assert Event.objects.get(kind="plan.forked").data["version_id"] == version.pk


def test_there_is_one_own_version_for_a_person_and_a_shared_plan(
    version: PlanVersion, shared: LessonPlan, owner: User, colleague: User, tree: Tree
) -> None:
    first = fork(actor=colleague, version=version)
    later = versions.name_version(actor=owner, plan=shared)
    assert fork(actor=colleague, version=later) == first
    assert fork(actor=make_teacher(tree.point), version=later) != first
    assert fork(actor=owner, version=version).fork.upstream == shared
    assert Fork.objects.count() == 3


def test_an_own_version_in_the_bin_is_brought_back_not_made_again(
    version: PlanVersion, colleague: User
) -> None:
    mine = fork(actor=colleague, version=version)
    LessonPlan.objects.filter(pk=mine.pk).update(state=LessonPlan.State.DELETED)
    with pytest.raises(NotPossible, match="回收"):
        fork(actor=colleague, version=version)
    assert Fork.objects.count() == 1


def test_only_a_named_version_is_forked(shared: LessonPlan, colleague: User) -> None:
    now = rooms.state(shared.document)
    automatic = PlanVersion.objects.create(plan=shared, state=now.state, through_id=now.through_id)
    with pytest.raises(NotPossible, match="定为一版"):
        fork(actor=colleague, version=automatic)
    assert not Fork.objects.exists()


def test_who_may_read_the_shared_plan_and_write_plans_may_make_an_own_version(
    tree: Tree, owner: User
) -> None:
    people = {
        "invited to read": make_teacher(tree.far_school),
        "invited to write": make_teacher(tree.far_school),
        "stranger": make_teacher(tree.far_school),
        "administrator, invited": make_member(tree.school, Role.ADMINISTRATOR),
    }
    plan = make_plan(owner)
    version = versions.name_version(actor=owner, plan=plan)
    for name, access in (("invited to read", "read"), ("invited to write", "write")):
        PlanInvitation.objects.create(plan=plan, user=people[name], access=access, invited_by=owner)
    PlanInvitation.objects.create(
        plan=plan, user=people["administrator, invited"], access="write", invited_by=owner
    )
    assert fork(actor=people["invited to read"], version=version)
    assert fork(actor=people["invited to write"], version=version)
    with pytest.raises(PlanNotFound):
        fork(actor=people["stranger"], version=version)
    with pytest.raises(Denied):
        fork(actor=people["administrator, invited"], version=version)
    assert Fork.objects.count() == 2
    LessonPlan.objects.filter(pk=plan.pk).update(state=LessonPlan.State.DELETED)
    with pytest.raises(PlanNotFound):
        fork(actor=make_teacher(tree.school), version=version)
