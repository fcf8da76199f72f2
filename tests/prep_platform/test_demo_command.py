"""`manage.py demo`: the whole demo province, and safe to run again."""

import pytest
from django.core.management import call_command

from foundation.accounts.models import User
from foundation.records.models import RecordRevision
from lessons.models import LessonPlan, PlanVersion
from realtime import authors
from teaching_centres.models import Membership, School


def figures() -> list[int]:
    return [model.objects.count() for model in (User, School, Membership, LessonPlan, RecordRevision)]


@pytest.mark.django_db
def test_it_builds_people_schools_and_a_dozen_plans_and_nothing_twice() -> None:
    call_command("demo", verbosity=0)
    first = figures()
    assert LessonPlan.objects.count() >= 12
    assert not LessonPlan.objects.filter(is_demo=False).exists()
    assert RecordRevision.objects.get().body["reflection"]
    call_command("demo", verbosity=0)
    assert figures() == first


@pytest.mark.django_db
def test_some_plans_have_a_history_of_several_authors() -> None:
    call_command("demo", verbosity=0)
    poem = LessonPlan.objects.get(title="古诗三首：山行", fork=None)
    names = {pk: User.objects.get(pk=pk).name for pk in authors.owners(poem.document).values()}
    assert set(names.values()) == {"王春燕", "李永梅", "赵海峰"}
    versions = list(PlanVersion.objects.filter(plan=poem).exclude(number=None).order_by("number"))
    assert [version.name for version in versions] == ["初稿", "集体备课后", "课后修订"]
    assert poem.created_at < versions[0].created_at < versions[1].created_at < poem.edited_at
    assert {names[pk] for pk in poem.edited_by} == {"王春燕"}


@pytest.mark.django_db
def test_listing_builds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo", "--list")
    assert capsys.readouterr().out.startswith("demo account: wang-town demo-beike-2026 ")
    assert figures() == [0, 0, 0, 0, 0]
