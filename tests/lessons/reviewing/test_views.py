"""The pages of reviewing over HTTP."""

from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.accounts.models import User
from lessons import versions
from lessons.models import LessonPlan, OpinionPhrase, Review, Submission
from lessons.pictures import may_fetch
from lessons.reviewing import levels, operations, recommending, similarity
from lessons.reviewing.models import RecommendationStep, Similarity
from lessons.reviewing.urls import urlpatterns
from teaching_centres.roles import Role
from tests.factories import make_administrator, make_member, make_term, make_textbook
from tests.lessons.reviewing.conftest import SENTENCES, World, write
from tests.lessons.reviewing.test_reviewing import everything

JSON = {"HTTP_ACCEPT": "application/json"}
PAGE = {"HTTP_ACCEPT": "text/html"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page(user: User, name: str, *args: object, query: str = "", status: int = 200) -> str:
    answer = client_of(user).get(reverse(name, args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def many(world: World, count: int, **fields) -> list[Submission]:
    return [world.handed_in(title=f"第{number:02}课", text="甲" * 30, **fields) for number in range(count)]


# ---- the queue -------------------------------------------------------------------------------------------
def test_the_queue_is_narrowed_and_each_plan_keeps_its_place_in_the_batch(world: World) -> None:
    make_term(world.tree.province, starts=date(2020, 9, 1), ends=date(2099, 1, 1))
    first, second, third = many(world, 3)
    book = make_textbook("数学", grade=4)
    LessonPlan.objects.filter(pk=second.plan_id).update(textbook=book)
    operations.give_review(actor=world.leader, submission=first, level="良")
    html = page(world.leader, "review-list")
    assert "第00课" not in html
    assert "第01课" in html
    for query, found in (
        ("?state=done", {"第00课"}),
        ("?state=all", {"第00课", "第01课", "第02课"}),
        (f"?subject={book.subject_id}", {"第01课"}),
        ("?grade=4", {"第01课"}),
        ("?grade=5", set()),
        ("?q=02", {"第02课"}),
        ("?q=李永梅", {"第01课", "第02课"}),
        ("?term=2026-1", {"第01课", "第02课"}),
        ("?term=2020-1", set()),
        (f"?school={world.tree.school.pk}", {"第01课", "第02课"}),
        (f"?school={world.tree.point.pk}", set()),
        ("?grade=x&school=%F0&term=&page=zzz&state=sideways", {"第01课", "第02课"}),
    ):
        html = page(world.leader, "review-list", query=query)
        assert {title for title in ("第00课", "第01课", "第02课") if f">{title}</a>" in html} == found, query
    desk = page(world.leader, "review-desk", second.pk)
    assert "第 2 / 3 份" in desk
    assert "批过 1 份" in desk
    assert reverse("review-desk", args=[first.pk]) in desk
    assert reverse("review-desk", args=[third.pk]) in desk
    assert "第 1 / 1 份" in page(world.leader, "review-desk", second.pk, query="?grade=4")
    assert "第 1 / 3 份" in page(world.leader, "review-desk", first.pk, query="?grade=4")


def test_saved_goes_on_to_the_next_without_a_review_and_in_the_end_back_to_the_list(world: World) -> None:
    first, second, third = many(world, 3)
    client = client_of(world.leader)
    for submission, after in ((second, third), (third, first)):
        answer = client.post(reverse("review-desk", args=[submission.pk]), {"level": "优"}, **JSON)
        assert answer.json() == {"next": reverse("review-desk", args=[after.pk])}
    answer = client.post(reverse("review-desk", args=[first.pk]) + "?grade=", {"level": "良"}, **PAGE)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("review-list"))
    assert "都批完了" in page(world.leader, "review-list")
    assert Review.objects.filter(reviewer=world.leader).count() == 3


def test_a_refused_review_says_why_and_keeps_what_was_typed(world: World) -> None:
    submission = world.handed_in()
    client, url = client_of(world.leader), reverse("review-desk", args=[submission.pk])
    answer = client.post(url, {"opinion": "写得好"}, **JSON)
    assert (answer.status_code, answer.json()["detail"]) == (422, "先选一个等级。")
    html = client.post(url, {"opinion": "写得好", "level": "特优"}, **PAGE)
    assert html.status_code == 422
    assert "先选一个等级。" in html.content.decode()
    assert ">写得好</textarea>" in html.content.decode()
    answer = client.post(url, {"level": "优", "opinion": "一" * 2001}, **JSON)
    assert answer.status_code == 422
    assert not Review.objects.exists()
    operations.give_review(actor=world.leader, submission=submission, level="良", opinion="在手机上写的")
    answer = client.post(url, {"level": "优", "opinion": "在电脑上写的", "revision": "0"}, **JSON)
    assert "别处" in answer.json()["detail"]
    assert Review.objects.get().opinion == "在手机上写的"


def test_the_desk_shows_the_text_that_was_handed_in_and_never_as_markup(world: World) -> None:
    plan = world.plan(text="先读<script>alert(1)</script>再写")
    submission = world.handed_in(plan)
    write(plan, "还没想好", world.author)
    html = page(world.leader, "review-desk", submission.pk)
    assert "先读&lt;script&gt;alert(1)&lt;/script&gt;再写" in html
    assert "还没想好" not in html
    assert "教学目标" in html


def test_every_page_asks_a_fixed_number_of_queries(world: World) -> None:
    def counts() -> list[int]:
        found = []
        for user, url in (
            (world.leader, reverse("review-list") + "?state=all"),
            (world.leader, reverse("review-list") + "?tab=given"),
            (world.county, reverse("review-list") + "?tab=recommended"),
            (world.author, reverse("review-list") + "?tab=mine"),
            (world.leader, reverse("review-desk", args=[first.pk])),
            (world.author, reverse("plan-reviews", args=[first.plan_id])),
        ):
            client = client_of(user)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    def more(count: int) -> None:
        for submission in many(world, count):
            operations.give_review(actor=world.leader, submission=submission, level="良", opinion="好")
            operations.give_review(actor=world.county, submission=submission, level="优")
            agreed = recommending.recommend(actor=world.leader, submission=submission, reason="好")
            recommending.answer_recommendation(actor=world.author, recommendation=agreed, agreed=True)

    more(1)
    first = Submission.objects.get()
    few = counts()
    more(8)
    for person in (world.prefecture, world.province):
        operations.give_review(actor=person, submission=first, level="优")
    assert counts() == few
    assert max(few) <= 45, few


def test_long_lists_are_paged(world: World) -> None:
    submission = world.handed_in()
    Submission.objects.filter(pk=submission.pk).delete()
    for number in range(32):
        plan = world.plan(title=f"第{number:02}课", text="")
        version = versions.name_version(actor=world.author, plan=plan)
        Submission.objects.create(
            plan=plan, version=version, handed_in_by=world.author, school=world.tree.school
        )
    assert "第 1 页，共 2 页" in page(world.leader, "review-list")
    assert "第31课" in page(world.leader, "review-list", query="?page=2")
    assert "第 31 / 32 份" in page(world.leader, "review-desk", Submission.objects.order_by("pk")[30].pk)


# ---- whose page ------------------------------------------------------------------------------------------
def test_each_role_finds_its_own_part(world: World) -> None:
    assert "还没有交过教案" in page(world.author, "review-list")
    assert "都批完了" in page(world.leader, "review-list")
    assert "?tab=recommended" not in page(world.leader, "review-list")
    assert "?tab=recommended" in page(world.county, "review-list")
    administrator = make_administrator(world.tree.school)
    html = page(administrator, "review-list")
    assert "管理员和督导不看教案" in html
    assert reverse("review-levels") in html
    inspector = make_member(world.tree.province, Role.INSPECTOR)
    assert reverse("review-levels") not in page(inspector, "review-list")


def test_the_author_hands_in_reads_replies_and_takes_back(world: World) -> None:
    plan = world.plan()
    client, url = client_of(world.author), reverse("plan-reviews", args=[plan.pk])
    assert "还没有交上去" in client.get(url).content.decode()
    client.post(reverse("plan-hand-in", args=[plan.pk]), {"version": "now"})
    submission = Submission.objects.get()
    assert "还没有人批阅" in client.get(url).content.decode()
    review = operations.give_review(
        actor=world.leader, submission=submission, level="良", opinion="作业再分分层"
    )
    assert "作业再分分层" in client.get(url).content.decode()
    reply = reverse("plan-review-reply", args=[plan.pk, review.pk])
    answer = client.post(reply, {"text": "我再想想", "revision": "7"})
    assert answer.status_code == 422
    assert "刚刚改过" in answer.content.decode()
    assert ">我再想想</textarea>" in answer.content.decode()
    client.post(reply, {"text": "分了三层", "revision": "1"})
    assert "分了三层" in page(world.leader, "review-list", query="?tab=given")
    assert "作者已经回复" in page(world.leader, "review-desk", submission.pk)
    client.post(reverse("plan-take-back", args=[plan.pk]))
    assert "收回来了" in client.get(url).content.decode()
    page(world.leader, "review-desk", submission.pk, status=404)
    assert "我再想想" not in client.get(url).content.decode()


def test_a_reviewer_who_follows_the_plans_link_comes_to_the_desk(world: World) -> None:
    submission = world.handed_in()
    answer = client_of(world.leader).get(reverse("plan-reviews", args=[submission.plan_id]))
    assert answer["Location"] == reverse("review-desk", args=[submission.pk])
    own = client_of(world.author).get(reverse("review-desk", args=[submission.pk]))
    assert own["Location"] == reverse("plan-reviews", args=[submission.plan_id])


def test_an_old_link_leads_to_the_version_that_took_its_place(world: World) -> None:
    old = world.handed_in()
    write(old.plan, "改了一句", world.author)
    new = operations.hand_in(actor=world.author, plan=old.plan)
    answer = client_of(world.leader).get(reverse("review-desk", args=[old.pk]) + "?grade=3")
    assert answer["Location"] == reverse("review-desk", args=[new.pk]) + "?grade=3"
    answer = client_of(world.leader).post(reverse("review-desk", args=[old.pk]), {"level": "优"}, **JSON)
    assert answer.status_code == 404
    page(world.colleague, "review-desk", old.pk, status=404)
    assert not Review.objects.exists()


def test_recommending_over_the_pages(world: World) -> None:
    submission = world.handed_in()
    leader, author, county = (client_of(each) for each in (world.leader, world.author, world.county))
    desk = reverse("review-desk", args=[submission.pk])
    empty = leader.post(reverse("review-recommend", args=[submission.pk]), {"reason": ""})
    assert empty.status_code == 422
    leader.post(reverse("review-recommend", args=[submission.pk]), {"reason": "读写结合"})
    assert "等作者同意" in leader.get(desk).content.decode()
    assert (
        "有人想推荐这份教案"
        in author.get(reverse("plan-reviews", args=[submission.plan_id])).content.decode()
    )
    author.post(reverse("plan-recommended", args=[submission.plan_id]), {"answer": "agree"})
    listed = reverse("review-list") + "?tab=recommended"
    assert "读写结合" in county.get(listed).content.decode()
    step = RecommendationStep.objects.get()
    decide = reverse("review-decide", args=[submission.pk, step.pk])
    refused = county.post(decide, {"answer": "accepted", "reason": "", "from": "list"})
    assert refused.status_code == 422
    assert county.post(decide, {"answer": "accepted", "reason": "好", "from": "list"}).status_code == 302
    assert "没有等你看的推荐" in county.get(listed).content.decode()
    again = county.post(decide, {"answer": "declined", "reason": "反悔"}, follow=True)
    assert "已经有了结果" in again.content.decode()
    county.post(reverse("review-forward", args=[submission.pk]), {"reason": "请市里看"})
    assert list(RecommendationStep.objects.values_list("state", flat=True)) == ["accepted", "waiting"]
    assert "请市里看" in author.get(reverse("plan-reviews", args=[submission.plan_id])).content.decode()


def test_the_page_of_likeness_for_author_and_reviewer(world: World) -> None:
    earlier = world.handed_in(owner=world.colleague)
    submission = world.handed_in()
    similarity.compare_version(submission.version_id)
    html = page(world.leader, "review-likeness", submission.pk)
    assert "没登记来源 100%" in html
    assert "孙老师" in html
    assert "孙老师" not in page(world.author, "review-likeness", submission.pk)
    assert SENTENCES[0] in html
    client_of(world.author).post(
        reverse("review-likeness-note", args=[submission.pk]), {"text": "一起备的课"}
    )
    assert "一起备的课" in page(world.leader, "review-likeness", submission.pk)
    refused = client_of(world.leader).post(
        reverse("review-likeness-note", args=[submission.pk]), {"text": "替他说"}
    )
    assert refused.status_code == 403
    page(world.author, "review-likeness", earlier.pk, status=404)
    Similarity.objects.update(state="failed")
    assert "再比一次" in page(world.leader, "review-likeness", submission.pk)
    client_of(world.leader).post(reverse("review-likeness-again", args=[submission.pk]))
    assert Similarity.objects.get(version=submission.version_id).state == "waiting"


def test_phrases_come_and_go_as_a_part_of_the_page(world: World) -> None:
    client = client_of(world.leader)
    html = client.post(reverse("review-phrases"), {"opinion": "目标清楚"}).content.decode()
    assert 'data-phrase="目标清楚"' in html
    assert "先在意见里写" in client.post(reverse("review-phrases"), {"opinion": " "}).content.decode()
    phrase = OpinionPhrase.objects.get()
    client_of(world.county).post(reverse("review-phrase", args=[phrase.pk]))
    assert OpinionPhrase.objects.exists()
    assert "目标清楚" not in client.post(reverse("review-phrase", args=[phrase.pk])).content.decode()


def test_levels_are_set_on_their_page(world: World) -> None:
    administrator = make_administrator(world.tree.school)
    client, url = client_of(administrator), reverse("review-levels")
    unit = f"school-{world.tree.school.pk}"
    assert "按上级的" in client.get(url).content.decode()
    refused = client.post(url, {"unit": unit, "levels": "好"})
    assert refused.status_code == 422
    assert "2 到 6 个" in refused.content.decode()
    client.post(url, {"unit": unit, "levels": "好\r\n\r\n 再改 \r\n"})
    assert levels.levels_of(world.tree.school) == ["好", "再改"]
    assert "再改" in page(world.leader, "review-desk", world.handed_in().pk)
    client.post(url, {"unit": unit, "from": "above"})
    assert levels.levels_of(world.tree.school) == ["优", "良", "中", "差"]
    other = client.post(url, {"unit": f"school-{world.tree.far_school.pk}", "levels": "好\n差"})
    assert other.status_code == 404
    assert "没有你管的单位" in page(world.leader, "review-levels")


# ---- refusals --------------------------------------------------------------------------------------------
def test_who_may_not_know_of_it_gets_a_404_everywhere_and_changes_nothing(world: World) -> None:
    submission = world.handed_in()
    review = operations.give_review(actor=world.leader, submission=submission, level="良")
    agreed = recommending.recommend(actor=world.leader, submission=submission, reason="好")
    similarity.compare_version(submission.version_id)
    step = agreed.steps.get()
    addresses = {
        "plan": [submission.plan_id],
        "review-": [submission.pk],
        "review-decide": [submission.pk, step.pk],
        "plan-review-reply": [submission.plan_id, review.pk],
    }
    named = [
        pattern.name
        for pattern in urlpatterns
        if pattern.name not in {"review-list", "review-levels", "review-phrases", "review-phrase"}
    ]
    stranger = client_of(world.colleague)
    before = everything()
    for name in named:
        args = addresses.get(name) or addresses["plan" if name.startswith("plan") else "review-"]
        body = {"level": "优", "reason": "好", "answer": "accepted", "text": "好", "revision": "1"}
        url = reverse(name, args=args)
        posted = stranger.post(url, body)
        got = stranger.get(url)
        assert posted.status_code in (404, 405), (name, posted.status_code)
        assert got.status_code in (404, 405), (name, got.status_code)
        assert "美丽的小兴安岭" not in posted.content.decode() + got.content.decode()
    assert everything() == before
    assert len(named) == 12


def test_a_colleague_who_reads_the_plan_does_not_read_its_reviews(world: World) -> None:
    plan = world.plan(reach=LessonPlan.Reach.SCHOOL)
    submission = world.handed_in(plan)
    operations.give_review(actor=world.leader, submission=submission, level="差", opinion="重写")
    answer = client_of(world.colleague).get(reverse("plan-reviews", args=[plan.pk]))
    assert answer.status_code == 403
    assert "重写" not in answer.content.decode()


def test_pictures_of_what_was_handed_in_are_fetched_by_its_reviewers_until_it_is_taken_back(
    world: World,
) -> None:
    submission = world.handed_in()
    assert may_fetch(world.leader, submission.plan_id)
    assert not may_fetch(world.colleague, submission.plan_id)
    operations.take_back(actor=world.author, plan=submission.plan)
    assert not may_fetch(world.leader, submission.plan_id)
