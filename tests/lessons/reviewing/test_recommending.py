"""Recommending upward: one question to the author, then an answer at each level, an exemplar and its reach."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from foundation.accounts.models import User
from foundation.ledger.models import AuditEntry, Event
from foundation.notices.models import Notice
from lessons import operations as plans
from lessons.errors import Denied, PlanNotFound
from lessons.models import Exemplar, LessonPlan, Recommendation, Submission
from lessons.policies import rights
from lessons.reviewing import operations, recommending
from lessons.reviewing.models import RecommendationStep
from lessons.reviewing.recommending import answer_recommendation, decide, put_forward, recommend
from lessons.workspace.operations import choose_exemplar
from teaching_centres.errors import NotPossible
from teaching_centres.models import TeachingCentre
from teaching_centres.roles import Role
from tests.factories import make_member, make_membership, make_teacher
from tests.lessons.reviewing.conftest import World, make_review_world


def everything() -> tuple[object, ...]:
    return (
        list(RecommendationStep.objects.order_by("pk").values_list("pk", "state", "decision")),
        list(Recommendation.objects.order_by("pk").values_list("pk", "consent")),
        list(LessonPlan.objects.order_by("pk").values_list("pk", "reach")),
        *(model.objects.count() for model in (Exemplar, Notice, Event)),
        AuditEntry.objects.filter(allowed=True).count(),
    )


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("text", flat=True))


def step_of(recommendation: Recommendation) -> RecommendationStep:
    return recommendation.steps.select_related("centre__region", "recommendation__submission").order_by(
        "-id"
    )[0]


def agreed(world: World, submission: Submission | None = None) -> Recommendation:
    submission = submission or world.handed_in()
    recommendation = recommend(actor=world.leader, submission=submission, reason="读的训练扎实")
    answer_recommendation(actor=submission.plan.owner, recommendation=recommendation, agreed=True)
    return recommendation


def test_from_the_school_to_the_province_one_step_after_the_other(world: World) -> None:
    recommendation = agreed(world)
    plan = recommendation.submission.plan
    reaches = []
    for person, above in ((world.county, world.prefecture), (world.prefecture, world.province)):
        decide(actor=person, step=step_of(recommendation), accepted=True, reason="全县都能学")
        reaches.append(LessonPlan.objects.get(pk=plan.pk).reach)
        put_forward(actor=person, recommendation=recommendation, reason="再往上推")
        assert told(above)[-1].endswith("的教案等你看")
    decide(actor=world.province, step=step_of(recommendation), accepted=True, reason="城乡都能用")
    plan.refresh_from_db()
    assert [*reaches, plan.reach] == ["county", "prefecture", "province"]
    centres = [step.centre.region for step in recommendation.steps.all()]
    assert centres == [world.tree.county, world.tree.prefecture, world.tree.province]
    exemplars = {row.centre.region: row for row in Exemplar.objects.all()}
    assert set(exemplars) == set(centres)
    assert {row.plan for row in exemplars.values()} == {plan}
    assert plan.owner == world.author
    assert exemplars[world.tree.county].reason == "全县都能学"
    assert all(step.exemplar == exemplars[step.centre.region] for step in recommendation.steps.all())
    assert recommending.next_centre(recommendation) is None
    with pytest.raises(NotPossible, match="到顶"):
        put_forward(actor=world.province, recommendation=recommendation, reason="再往上")
    assert AuditEntry.objects.filter(act="recommendation.decided", allowed=True).count() == 3
    assert Event.objects.filter(kind="plan.recommended").count() == 3


def test_nobody_above_is_told_and_nothing_is_opened_before_the_author_agrees(world: World) -> None:
    submission = world.handed_in()
    recommendation = recommend(actor=world.leader, submission=submission, reason="好")
    assert "等你同意" in told(world.author)[-1]
    assert told(world.county) == []
    before = everything()
    with pytest.raises(NotPossible, match="还没有同意"):
        decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    with pytest.raises(Denied, match="只有教案的主人"):
        answer_recommendation(actor=world.leader, recommendation=recommendation, agreed=True)
    assert everything() == before
    answer_recommendation(actor=world.author, recommendation=recommendation, agreed=False)
    assert told(world.leader)[-1] == "《美丽的小兴安岭》的作者不同意推荐"
    assert not RecommendationStep.objects.waiting_for(world.county).exists()
    before = everything()
    with pytest.raises(NotPossible, match="已经有人推荐"):
        recommend(actor=world.county, submission=submission, reason="再问一次")
    assert everything() == before
    answer_recommendation(actor=world.author, recommendation=recommendation, agreed=True)
    assert told(world.county) == [f"有推荐到{world.tree.county.name}备课中心的教案等你看"]
    submission.plan.refresh_from_db()
    assert submission.plan.reach == "own"


def test_declined_ends_it_with_the_reason(world: World) -> None:
    recommendation = agreed(world)
    decide(actor=world.county, step=step_of(recommendation), accepted=False, reason="作业没有分层")
    assert "没有接受推荐" in told(world.author)[-1]
    assert "没有接受推荐" in told(world.leader)[-1]
    assert not Exemplar.objects.exists()
    before = everything()
    for act in (
        lambda: decide(actor=world.province, step=step_of(recommendation), accepted=True, reason="好"),
        lambda: put_forward(actor=world.county, recommendation=recommendation, reason="还是好"),
    ):
        with pytest.raises(NotPossible):
            act()
    assert everything() == before
    assert LessonPlan.objects.get().reach == "own"


def test_who_may_not_decide_or_put_forward_changes_nothing(world: World) -> None:
    recommendation = agreed(world)
    far = make_member(world.tree.far_county, Role.RESEARCHER)
    before = everything()
    for person, error in (
        (world.leader, Denied),
        (world.author, Denied),
        (far, PlanNotFound),
        (world.colleague, PlanNotFound),
    ):
        with pytest.raises(error):
            decide(actor=person, step=step_of(recommendation), accepted=True, reason="好")
    with pytest.raises(NotPossible, match="写一句理由"):
        decide(actor=world.county, step=step_of(recommendation), accepted=True, reason=" ")
    with pytest.raises(NotPossible, match="还没有结果"):
        put_forward(actor=world.county, recommendation=recommendation, reason="好")
    with pytest.raises(PlanNotFound):
        recommend(actor=world.colleague, submission=recommendation.submission, reason="好")
    assert everything() == before
    decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    before = everything()
    with pytest.raises(Denied):
        put_forward(actor=world.leader, recommendation=recommendation, reason="我来推")
    assert everything() == before
    assert AuditEntry.objects.filter(act="recommendation.decided", allowed=False).count() == 2


def test_taken_back_it_waits_nowhere_any_more(world: World) -> None:
    recommendation = agreed(world)
    operations.take_back(actor=world.author, plan=recommendation.submission.plan)
    assert step_of(recommendation).state == "withdrawn"
    assert not RecommendationStep.objects.waiting_for(world.county).exists()
    before = everything()
    with pytest.raises(PlanNotFound):
        decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    with pytest.raises(NotPossible, match="收回"):
        answer_recommendation(actor=world.author, recommendation=recommendation, agreed=False)
    assert everything() == before


def test_what_is_an_exemplar_already_stays_the_one_it_is(world: World) -> None:
    plan = world.plan()
    plans.change_reach(actor=world.author, plan=plan, reach=LessonPlan.Reach.PROVINCE)
    centre = TeachingCentre.objects.get(region=world.tree.county)
    chosen = choose_exemplar(centre=centre, plan=plan, reason="早就好", actor=world.county)
    recommendation = agreed(world, world.handed_in(plan))
    step = decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    assert step.exemplar == chosen
    assert Exemplar.objects.get() == chosen
    plan.refresh_from_db()
    assert plan.reach == "province"


def test_a_reach_is_widened_as_far_as_agreed_and_not_further(world: World) -> None:
    recommendation = agreed(world)
    plan = recommendation.submission.plan
    near, far = make_teacher(world.tree.same_county_school), make_teacher(world.tree.sibling_county_school)
    assert not rights(near, plan).read
    decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    plan.refresh_from_db()
    assert rights(near, plan).read
    assert not rights(far, plan).read
    assert Event.objects.get(kind="plan.reach_changed").data == {"before": "own", "after": "county"}


def test_archived_meanwhile_it_cannot_become_an_exemplar(world: World) -> None:
    recommendation = agreed(world)
    plans.change_state(
        actor=world.author, plan=recommendation.submission.plan, state=LessonPlan.State.ARCHIVED
    )
    before = everything()
    with pytest.raises(NotPossible, match="归档"):
        decide(actor=world.county, step=step_of(recommendation), accepted=True, reason="好")
    assert everything() == before


def test_a_teacher_who_came_from_another_county_is_recommended_where_plan_and_author_belong(
    world: World,
) -> None:
    """The plan was made in the sibling county: only the prefecture and the province know both."""
    mover = make_teacher(world.tree.sibling_county_school)
    plan = world.plan(owner=mover)
    mover.memberships.all().delete()
    make_membership(mover, world.tree.school)
    submission = world.handed_in(LessonPlan.objects.get(pk=plan.pk))
    centres = [centre.region for centre in recommending.centres_above(submission)]
    assert centres == [world.tree.prefecture, world.tree.province]


@pytest.mark.django_db(transaction=True)
def test_two_decide_at_once_the_first_decision_stands() -> None:
    world = make_review_world()
    second = make_member(world.tree.county, Role.RESEARCHER)
    recommendation = agreed(world)
    step = step_of(recommendation)
    start = Barrier(2)

    def work(person: User, accepted: bool) -> bool:
        try:
            start.wait()
            decide(actor=person, step=step, accepted=accepted, reason="理由")
        except NotPossible:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        first, other = pool.map(work, [world.county, second], [True, False])
    step.refresh_from_db()
    assert first != other
    assert step.state == ("accepted" if first else "declined")
    assert Exemplar.objects.count() == (1 if first else 0)
