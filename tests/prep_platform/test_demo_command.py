"""`manage.py demo`: the whole demo province, and safe to run again."""

import pytest
from django.core.management import call_command

from foundation.accounts.models import User
from lessons.models import LessonPlan
from teaching_centres.models import Membership, School


def figures() -> list[int]:
    return [model.objects.count() for model in (User, School, Membership, LessonPlan)]


@pytest.mark.django_db
def test_it_builds_people_schools_and_a_dozen_plans_and_nothing_twice() -> None:
    call_command("demo", verbosity=0)
    first = figures()
    assert LessonPlan.objects.count() >= 12
    assert not LessonPlan.objects.filter(is_demo=False).exists()
    call_command("demo", verbosity=0)
    assert figures() == first


@pytest.mark.django_db
def test_listing_builds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo", "--list")
    assert capsys.readouterr().out.startswith("demo account: wang-town demo-beike-2026 ")
    assert figures() == [0, 0, 0, 0]
