"""Who may review: every role × state × unit of the author × state of what was handed in. The filters say the same."""

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanVersion, Recommendation, Review, Submission
from lessons.policies import rights
from lessons.reviewing import policies
from lessons.reviewing.models import RecommendationStep
from teaching_centres.models import Region, School, TeachingCentre
from teaching_centres.policies import Unit
from tests.factories import make_plan, make_user
from tests.teaching_centres.test_rights_matrix import (
    PLACEMENTS,
    REACH_BY_HAND,
    STATES,
    STATES_THAT_COUNT,
    Network,
    Placement,
    person_in,
)
from tests.teaching_centres.test_rights_matrix import network as network  # the fixture

pytestmark = pytest.mark.django_db
REVIEWERS = {("group_leader", "school"), ("researcher", "region")}
CONDITIONS = ("handed in", "taken back", "replaced", "plan archived", "plan deleted")
OPEN = {"handed in", "plan archived"}


def expected(placement: Placement, state: str, unit: str, condition: str) -> bool:
    school_closed = state == "school closed"
    counts = state in STATES_THAT_COUNT or (school_closed and placement.kind == "region")
    if not counts or condition not in OPEN or unit not in REACH_BY_HAND[placement.unit]:
        return False
    closed = {"closed_school", "school"} if school_closed else {"closed_school"}
    return (placement.role, placement.kind) in REVIEWERS and unit not in closed


def submit(author: User, unit: Unit, condition: str, **fields: Any) -> Submission:
    state = {"plan archived": "archived", "plan deleted": "deleted"}.get(condition, "active")
    place = (
        {"region": unit, "school": None}
        if isinstance(unit, Region)
        else {"school": unit, "region": unit.county}
    )
    plan = make_plan(author, state=state, **place)
    version = PlanVersion.objects.create(plan=plan, number=1, state=b"", through_id=0, characters=9)
    ended = {"taken back": "taken_back", "replaced": "replaced"}.get(condition, "")
    return Submission.objects.create(
        plan=plan,
        version=version,
        handed_in_by=author,
        school=unit if isinstance(unit, School) else None,
        region=unit if isinstance(unit, Region) else None,
        ended=ended,
        ended_at=timezone.now() if ended else None,
        **fields,
    )


@pytest.fixture
def submissions(network: Network) -> dict[tuple[str, str], Submission]:
    author = make_user()
    return {
        (name, condition): submit(author, unit, condition)
        for (name, unit), condition in product(network.units.items(), CONDITIONS)
    }


def reread() -> dict[int, Submission]:
    return Submission.objects.select_related("plan__region", "school__county", "region").in_bulk()


def test_who_reviews_what(network: Network, submissions: dict[tuple[str, str], Submission]) -> None:
    wrong, checked = [], 0
    for placement, state in product(PLACEMENTS, STATES):
        with person_in(network, placement, state) as user:
            reviewable = set(Submission.objects.reviewable_by(user).values_list("pk", flat=True))
            visible = set(Submission.objects.visible_to(user).values_list("pk", flat=True))
            readable, rows = LessonPlan.objects.visible_to(user).count(), reread()
            for (unit, condition), submission in submissions.items():
                wanted = expected(placement, state, unit, condition)
                now = rows[submission.pk]
                found = (
                    bool(policies.may_review(user, now)),
                    policies.may_see(user, now),
                    submission.pk in reviewable,
                    submission.pk in visible,
                )
                if set(found) != {wanted}:
                    wrong.append(f"{placement} {state} {unit} {condition}: {wanted=} {found=}")
                checked += 1
            if readable:
                wrong.append(f"{placement} {state}: handing in opened the plans themselves")
    assert wrong == []
    assert checked == len(PLACEMENTS) * len(STATES) * len(network.units) * len(CONDITIONS)


def test_the_author_sees_everything_of_the_own_and_reviews_none_of_it(network: Network) -> None:
    for placement in PLACEMENTS:
        with person_in(network, placement, "current") as user:
            mine = [submit(user, network.units[placement.unit], condition) for condition in CONDITIONS]
            assert set(Submission.objects.visible_to(user)) == set(mine)
            assert not Submission.objects.reviewable_by(user).exists()
            for submission in mine:
                assert policies.may_see(user, submission)
                assert not policies.may_review(user, submission)
            User.objects.filter(pk=user.pk).update(is_active=False)
            off = User.objects.get(pk=user.pk)
            assert not Submission.objects.visible_to(off).exists()
            assert not any(policies.may_see(off, submission) for submission in mine)
            Submission.objects.all().delete()
            LessonPlan.objects.all().delete()


def test_reviews_are_seen_by_their_two_sides_and_by_those_who_review_the_plan(
    network: Network, submissions: dict[tuple[str, str], Submission]
) -> None:
    someone, wrong = make_user(), []
    reviews = {
        key: Review.objects.create(
            plan=submission.plan, version=submission.version, reviewer=someone, level="优", rank=1
        )
        for key, submission in submissions.items()
    }
    for placement, state in product(PLACEMENTS, STATES):
        with person_in(network, placement, state) as user:
            visible = set(Review.objects.visible_to(user).values_list("pk", flat=True))
            for (unit, condition), review in reviews.items():
                wanted = expected(placement, state, unit, condition)
                found = (policies.may_see_review(user, review), review.pk in visible)
                if found != (wanted, wanted):
                    wrong.append(f"{placement} {state} {unit} {condition}: {wanted=} {found=}")
    assert wrong == []
    author = submissions["school", "handed in"].plan.owner
    for person in (someone, author):
        assert set(Review.objects.visible_to(person)) == set(reviews.values())
        assert all(policies.may_see_review(person, review) for review in reviews.values())


def test_who_decides_on_a_recommendation(network: Network) -> None:
    """To each centre, of a plan of the school: whoever reviews there, once the author has agreed."""
    author, someone, wrong = make_user(), make_user(), []
    wanted_if: dict[int, tuple[bool, str]] = {}
    for condition, consent in product(("handed in", "taken back"), Recommendation.Consent.values):
        for step_state, name in product(
            RecommendationStep.State.values, ("county", "prefecture", "sibling_county")
        ):
            submission = submit(author, network.units["school"], condition)
            step = RecommendationStep.objects.create(
                recommendation=Recommendation.objects.create(submission=submission, consent=consent),
                centre=TeachingCentre.objects.get(region=network.units[name]),
                put_forward_by=someone,
                reason="好",
                state=step_state,
            )
            begun = consent == "given" and step_state == "waiting" and condition == "handed in"
            wanted_if[step.pk] = (begun, name)
    for placement, state in product(PLACEMENTS, ("current", "ended", "inactive person", "school closed")):
        with person_in(network, placement, state) as user:
            waiting = set(RecommendationStep.objects.waiting_for(user).values_list("pk", flat=True))
            for step in RecommendationStep.objects.select_related(
                "centre__region",
                "recommendation__submission__plan",
                "recommendation__submission__school__county",
                "recommendation__submission__region",
            ):
                begun, centre = wanted_if[step.pk]
                reviews = expected(placement, state, "school", "handed in")
                wanted = begun and reviews and centre in REACH_BY_HAND[placement.unit]
                found = (bool(policies.may_decide(user, step)), step.pk in waiting)
                if found != (wanted, wanted):
                    wrong.append(f"{placement} {state} {centre}: {wanted=} {found=}")
    assert wrong == []
    assert len(wanted_if) == 2 * 3 * 4 * 3


def test_a_draft_that_was_not_handed_in_is_opened_to_no_reviewer(network: Network) -> None:
    draft = make_plan(make_user(), school=network.units["school"], region=network.units["county"])
    for placement in PLACEMENTS:
        with person_in(network, placement, "current") as user:
            assert not rights(user, draft).read
            assert not Submission.objects.visible_to(user).exists()
            assert not Review.objects.visible_to(user).exists()
