"""Threads and what is said in them: the row and the mark together, who hears of it, what stays when it is deleted."""

import pytest
from django.db import connection

from foundation.accounts.models import User
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons import versions
from lessons.collaboration import LessonPlanKind
from lessons.discussion import operations, queries
from lessons.discussion.errors import TextChanged
from lessons.discussion.models import Comment, Thread
from lessons.discussion.operations import About
from lessons.document import open_state, read_state
from lessons.document.anchors import Span, anchored
from lessons.errors import Denied, NotPossible
from lessons.models import LessonPlan, PlanInvitation, PlanVersion
from realtime import rooms
from realtime.models import DocumentUpdate, TopicEvent
from tests.lessons.discussion.chosen import about, delete, insert

KIND = Thread.Kind


def marks(plan: LessonPlan) -> dict[str, str]:
    return anchored(open_state(rooms.state(plan.document).state))


def told(person: User) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("kind", "text"))


def test_who_may_only_comment_gets_a_mark_that_the_server_writes(plan: LessonPlan, commenter: User) -> None:
    before = read_state(rooms.state(plan.document).state)
    thread = operations.open_thread(
        actor=commenter, plan=plan, text="先看一根真树枝", about=about(plan, "浸、库")
    )
    assert marks(plan) == {thread.pk: "浸、库"}
    assert (thread.number, thread.quote, thread.section) == (1, "浸、库", "goals")
    assert (thread.before, thread.after) == ("会写“融、", "”等字")
    assert thread.comments.get().text == "先看一根真树枝"
    assert read_state(rooms.state(plan.document).state) == before
    assert not DocumentUpdate.objects.exclude(user_id=None).exists()
    event = TopicEvent.objects.get(topic=f"plan-comments:{plan.pk}")
    assert (event.kind, event.actor_id) == ("thread", commenter.pk)
    assert "先看" not in event.data
    assert Event.objects.get(kind="plan.thread_opened").data["thread_id"] == thread.pk


def test_a_mark_is_no_edit_and_makes_no_version(plan: LessonPlan, owner: User, commenter: User) -> None:
    versions.name_version(actor=owner, plan=plan)
    operations.open_thread(actor=commenter, plan=plan, text="好", about=about(plan, "四季"))
    now = rooms.state(plan.document)
    LessonPlanKind().settled(
        document_id=plan.pk, state=now.state, editor_ids=set(), through_id=now.through_id
    )
    assert PlanVersion.objects.count() == 1
    assert commenter not in PlanVersion.objects.get().editors.all()


@pytest.mark.parametrize("quote", ["浸、", "融、浸", "", "别的"])
def test_other_words_than_those_that_were_seen_are_refused(
    plan: LessonPlan, commenter: User, quote: str
) -> None:
    before = rooms.state(plan.document)
    with pytest.raises(TextChanged, match="你写的还在"):
        operations.open_thread(
            actor=commenter, plan=plan, text="好", about=About(about(plan, "浸、库").spans, quote)
        )
    assert not Thread.objects.exists()
    assert rooms.state(plan.document) == before
    assert not TopicEvent.objects.exists()


def test_words_that_somebody_deleted_a_moment_ago_are_refused_and_nothing_is_left(
    plan: LessonPlan, writer: User, commenter: User
) -> None:
    chosen = about(plan, "浸、库")
    delete(plan, "浸、库", writer.pk)
    with pytest.raises(TextChanged):
        operations.open_thread(actor=commenter, plan=plan, text="好", about=chosen)
    assert marks(plan) == {}
    assert not Thread.objects.exists()


def test_what_was_typed_before_the_words_meanwhile_does_not_move_the_mark(
    plan: LessonPlan, writer: User, commenter: User
) -> None:
    chosen = about(plan, "浸、库")
    insert(plan, "会写", "认读😀", writer.pk)
    thread = operations.open_thread(actor=commenter, plan=plan, text="好", about=chosen)
    assert marks(plan) == {thread.pk: "浸、库"}


def test_two_people_comment_on_the_same_words(plan: LessonPlan, writer: User, commenter: User) -> None:
    chosen = about(plan, "浸、库")
    one = operations.open_thread(actor=writer, plan=plan, text="一", about=chosen)
    two = operations.open_thread(actor=commenter, plan=plan, text="二", about=chosen)
    assert marks(plan) == {one.pk: "浸、库", two.pk: "浸、库"}
    assert (one.number, two.number) == (1, 2)


def test_words_in_several_lines_are_one_thread(plan: LessonPlan, commenter: User) -> None:
    first, last = about(plan, "库”等字").spans[0], about(plan, "说清").spans[0]
    both = About([Span(first.first, last.last)], "库”等字\n\n说清")
    thread = operations.open_thread(actor=commenter, plan=plan, text="好", about=both)
    assert thread.quote == "库”等字\n说清"
    assert marks(plan) == {thread.pk: "库”等字\n说清"}


def test_a_block_and_the_whole_plan_are_commented_on_without_a_mark(
    plan: LessonPlan, commenter: User
) -> None:
    section = next(node for node in plan.first_content["content"] if node["attrs"].get("key") == "homework")
    block = section["content"][0]["attrs"]["id"]
    on_block = operations.open_thread(actor=commenter, plan=plan, text="分层", about=About(block_id=block))
    on_plan = operations.open_thread(actor=commenter, plan=plan, text="写得实在")
    assert (on_block.place, on_block.quote, on_block.section) == ("block", "背诵第2自然段", "homework")
    assert (on_plan.place, on_plan.quote, on_plan.block_id) == ("plan", "", "")
    assert marks(plan) == {}
    with pytest.raises(TextChanged):
        operations.open_thread(actor=commenter, plan=plan, text="好", about=About(block_id="nosuchblck"))


def test_a_thread_whose_text_is_gone_is_orphaned_and_keeps_its_quote(
    plan: LessonPlan, writer: User, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="好", about=about(plan, "浸、库"))
    assert queries.orphans(plan, [thread]) == set()
    delete(plan, "浸、库", writer.pk)
    assert queries.orphans(plan, [thread]) == {thread.pk}
    [discussed] = queries.record_of(plan)
    assert (discussed.orphaned, discussed.quote) == (True, "浸、库")


def test_a_version_brought_back_brings_the_anchor_back(
    plan: LessonPlan, owner: User, writer: User, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="好", about=about(plan, "浸、库"))
    version = versions.name_version(actor=owner, plan=plan)
    delete(plan, "浸、库", writer.pk)
    later = operations.open_thread(actor=commenter, plan=plan, text="好", about=about(plan, "四季"))
    versions.restore_version(actor=owner, plan=plan, version=version)
    assert marks(plan) == {thread.pk: "浸、库", later.pk: "四季"}


@pytest.mark.parametrize("text", ["", "  \n ", "\0"])
def test_nothing_said_is_refused(plan: LessonPlan, commenter: User, text: str) -> None:
    with pytest.raises(NotPossible, match="写上"):
        operations.open_thread(actor=commenter, plan=plan, text=text)
    assert not Thread.objects.exists()


# ---- replies, questions, consensus -------------------------------------------------------------------------------


def test_a_question_collects_viewpoints_and_its_consensus_is_the_owners(
    plan: LessonPlan, owner: User, writer: User, commenter: User
) -> None:
    question = operations.open_thread(
        actor=commenter, plan=plan, text="背诵放在课上还是课后？", kind=KIND.QUESTION
    )
    operations.reply(actor=writer, thread=question, text="放到课后", kind=Comment.Kind.VIEWPOINT)
    operations.reply(actor=commenter, thread=question, text="同意")
    for person in (writer, commenter):
        with pytest.raises(Denied, match="共识由"):
            operations.reply(actor=person, thread=question, text="课后", kind=Comment.Kind.CONSENSUS)
    operations.reply(actor=owner, thread=question, text="课后背", kind=Comment.Kind.CONSENSUS)
    operations.reply(actor=owner, thread=question, text="课后背诵，课上说话", kind=Comment.Kind.CONSENSUS)
    operations.change_state(actor=owner, thread=question, state=Thread.State.RESOLVED)
    [found] = queries.record_of(plan)
    assert found.opened is not None
    assert found.consensus is not None
    assert (found.kind, found.settled, found.opened.text) == ("question", True, "背诵放在课上还是课后？")
    assert [(each.person.name, each.text) for each in found.viewpoints] == [(writer.name, "放到课后")]
    assert [each.text for each in found.replies] == ["同意"]
    assert found.consensus.text == "课后背诵，课上说话"
    counts = queries.counts_of([plan.pk])[plan.pk]
    assert (counts.threads, counts.questions, counts.replies) == (1, 1, 3)


def test_a_comment_takes_no_viewpoint(plan: LessonPlan, commenter: User) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="好")
    with pytest.raises(NotPossible, match="问题"):
        operations.reply(actor=commenter, thread=thread, text="观点", kind=Comment.Kind.VIEWPOINT)
    assert thread.comments.count() == 1


def test_settled_and_taken_up_again(plan: LessonPlan, writer: User, commenter: User) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="好")
    operations.change_state(actor=writer, thread=thread, state=Thread.State.RESOLVED)
    thread.refresh_from_db()
    assert (thread.state, thread.resolved_by) == ("resolved", writer)
    operations.change_state(actor=commenter, thread=thread, state=Thread.State.OPEN)
    thread.refresh_from_db()
    assert (thread.state, thread.resolved_by, thread.resolved_at) == ("open", None, None)
    assert Event.objects.filter(kind="plan.thread_state_changed").count() == 2
    operations.change_state(actor=commenter, thread=thread, state=Thread.State.OPEN)
    assert Event.objects.filter(kind="plan.thread_state_changed").count() == 2


def test_what_one_deleted_leaves_a_trace_and_no_words(
    plan: LessonPlan, writer: User, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一句话", mentions=[writer])
    operations.reply(actor=writer, thread=thread, text="回")
    operations.delete_comment(actor=commenter, comment=thread.comments.get(author=commenter))
    view = queries.threads(writer, plan, [thread.pk])[0]
    assert [(each.text, each.deleted) for each in view.comments] == [("", True), ("回", False)]
    assert view.state == "open"
    assert not thread.comments.get(author=commenter).mentions.exists()
    assert queries.record_of(plan)[0].opened is None


def test_a_thread_in_which_nothing_is_left_is_settled(plan: LessonPlan, commenter: User) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一句话")
    operations.delete_comment(actor=commenter, comment=thread.comments.get())
    thread.refresh_from_db()
    assert thread.state == "resolved"


def test_changed_words_are_shown_as_changed(plan: LessonPlan, commenter: User) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一句话")
    operations.change_comment(actor=commenter, comment=thread.comments.get(), text="另一句话")
    [said] = queries.threads(commenter, plan, [thread.pk])[0].comments
    assert (said.text, said.edited) == ("另一句话", True)


# ---- who hears of it ------------------------------------------------------------------------


def test_the_owner_hears_once_of_all_that_is_new(plan: LessonPlan, owner: User, commenter: User) -> None:
    for text in ("一", "二", "三"):
        operations.open_thread(actor=commenter, plan=plan, text=text)
    assert told(owner) == [("discussion.opened", "教案《美丽的小兴安岭》有新的批注和问题")]
    operations.open_thread(actor=owner, plan=plan, text="我自己的")
    assert len(told(owner)) == 1


def test_those_in_a_thread_hear_of_replies_once_until_they_have_seen_them(
    plan: LessonPlan, owner: User, writer: User, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一")
    Notice.objects.all().delete()
    operations.reply(actor=writer, thread=thread, text="二")
    operations.reply(actor=writer, thread=thread, text="三")
    line = [("discussion.reply", "《美丽的小兴安岭》里第 1 条讨论有新的回复")]
    assert (told(commenter), told(owner), told(writer)) == (line, line, [])


def test_who_is_named_hears_that_and_nothing_else_of_it(
    plan: LessonPlan, owner: User, commenter: User
) -> None:
    operations.open_thread(actor=commenter, plan=plan, text="@李永梅 请看", mentions=[owner])
    assert told(owner) == [("discussion.mention", "孙立军在《美丽的小兴安岭》里提到你：@李永梅 请看")]


def test_nobody_is_named_who_cannot_read_the_plan(plan: LessonPlan, commenter: User, colleague: User) -> None:
    with pytest.raises(NotPossible, match="看不到"):
        operations.open_thread(actor=commenter, plan=plan, text="@王春燕", mentions=[colleague])
    assert not Thread.objects.exists()
    assert told(colleague) == []


def test_who_lost_the_right_to_read_hears_of_no_reply(
    plan: LessonPlan, owner: User, writer: User, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一")
    Notice.objects.filter(recipient=commenter).delete()
    PlanInvitation.objects.filter(user=commenter).delete()
    operations.reply(actor=writer, thread=thread, text="二")
    assert told(commenter) == []


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_without_gaps(plan: LessonPlan, writer: User, commenter: User) -> None:
    from concurrent.futures import ThreadPoolExecutor

    chosen = about(plan, "浸、库")

    def comment(number: int) -> None:
        try:
            person = writer if number % 2 else commenter
            operations.open_thread(actor=person, plan=plan, text=str(number), about=chosen)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(comment, range(8)))
    found = list(Thread.objects.order_by("number"))
    assert [thread.number for thread in found] == list(range(1, 9))
    assert marks(plan) == {thread.pk: "浸、库" for thread in found}
