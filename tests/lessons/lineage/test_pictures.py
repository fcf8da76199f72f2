"""Pictures go along with the text, and whoever may read the plan they came into may fetch them."""

import pytest

from foundation.accounts.models import User
from foundation.files.access import may_fetch
from foundation.files.models import Blob, StoredFile
from lessons import versions
from lessons.document import Node, attribute, walk
from lessons.lineage import deciding, pictures, sending
from lessons.lineage.connection import text_of
from lessons.lineage.operations import fork
from lessons.lineage.parts import parts_of
from lessons.models import LessonPlan
from tests.factories import make_teacher
from tests.lessons.lineage.conftest import edit, offers_to, the_offer
from tests.lessons.lineage.edits import changed, key_of, say, section


def make_picture(plan: LessonPlan, name: str) -> StoredFile:
    blob = Blob.objects.create(sha256=name * 64, size=3, media_type="image/png")
    return StoredFile.objects.create(
        blob=blob, name=f"{name}.png", subject_kind="lesson-plan", subject_id=plan.pk, uploaded_by=plan.owner
    )


def with_picture(document: Node, key: str, file: str) -> Node:
    def change(copy: Node) -> None:
        image = {"type": "image", "attrs": {"id": f"i{file[:8]}", "file": file}}
        section(copy, key)["content"].append(image)

    return changed(document, change)


def files_of(plan: LessonPlan) -> list[StoredFile]:
    ids = [attribute(node, "file") for node in walk(text_of(plan)) if node["type"] == "image"]
    return [StoredFile.objects.get(pk=pk) for pk in ids]


def test_an_own_version_has_its_own_row_for_the_same_bytes_and_nothing_is_offered_for_it(
    shared: LessonPlan, owner: User, colleague: User
) -> None:
    picture = make_picture(shared, "a")
    edit(shared, with_picture, "board", str(picture.pk))
    mine = fork(actor=colleague, version=versions.name_version(actor=owner, plan=shared))
    [own] = files_of(mine)
    assert (own.blob, own.subject_id, own.pk != picture.pk) == (picture.blob, mine.pk, True)
    assert offers_to(mine) == []
    LessonPlan.objects.filter(pk=shared.pk).update(reach=LessonPlan.Reach.OWN)
    assert may_fetch(colleague, own)
    assert not may_fetch(colleague, picture)


def test_a_picture_comes_with_what_is_accepted_and_goes_with_what_is_sent(
    shared: LessonPlan, mine: LessonPlan, owner: User, colleague: User
) -> None:
    edit(shared, with_picture, "board", str(make_picture(shared, "a").pk))
    versions.name_version(actor=owner, plan=shared)
    offer = the_offer(mine)
    deciding.accept(actor=colleague, plan=mine, part=offer.key, offered=offer.offered, shown=offer.shown)
    [own] = files_of(mine)
    assert (own.blob_id, own.subject_id) == ("a" * 64, mine.pk)
    assert offers_to(mine) == []

    edit(mine, with_picture, "board", str(make_picture(mine, "b").pk))
    row = sending.send(actor=colleague, plan=mine, part=key_of(text_of(mine), "board"))
    shown = sending.offer_of(row, parts_of(text_of(shared))).shown
    sending.take(actor=owner, contribution=row, shown=shown)
    first, second = files_of(shared)
    assert [file.blob_id for file in (first, second)] == ["a" * 64, "b" * 64]
    assert {first.subject_id, second.subject_id} == {shared.pk}
    versions.name_version(actor=owner, plan=shared)
    assert offers_to(mine) == []


def test_what_the_actor_may_not_fetch_is_not_taken_over(mine: LessonPlan, colleague: User) -> None:
    secret = make_picture(LessonPlan.objects.get(pk=mine.fork.upstream_id), "s")
    LessonPlan.objects.filter(pk=mine.fork.upstream_id).update(reach=LessonPlan.Reach.OWN)
    pictures.take_over(files=[str(secret.pk), "no id at all"], plan=mine, actor=colleague)
    assert StoredFile.objects.count() == 1


def test_the_character_that_no_database_keeps_is_left_out(
    shared: LessonPlan, owner: User, colleague: User
) -> None:
    edit(shared, say, "board", "\0松鼠")
    version = versions.name_version(actor=owner, plan=shared)
    mine = fork(actor=make_teacher(owner.memberships.get().school), version=version)
    assert "\0" not in str(mine.first_content)
    assert offers_to(mine) == []


@pytest.mark.parametrize("picture", ["", "../../x", "00000000-0000-0000-0000-000000000000"])
def test_a_picture_that_is_not_there_keeps_nobody_from_an_own_version(
    picture: str, shared: LessonPlan, owner: User, colleague: User
) -> None:
    edit(shared, with_picture, "board", picture)
    assert fork(actor=colleague, version=versions.name_version(actor=owner, plan=shared))
