"""What resembles what: found whatever was moved or reworded, credited where the source is known, hidden from others."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rapidfuzz import process

from lessons import operations as plans
from lessons import versions
from lessons.errors import Denied, NotPossible
from lessons.lineage.operations import fork
from lessons.models import LessonPlan, PlanVersion, Submission
from lessons.reviewing import comparing, operations, queries, similarity
from lessons.reviewing.models import Similarity, VersionText
from tests.factories import make_teacher, make_textbook
from tests.lessons.reviewing.conftest import SENTENCES, TEXT, World, write

OTHER = "\n".join(
    f"第{number}步完全不同的活动：{words}"
    for number, words in enumerate(
        (
            "听音乐猜季节，再用身体动作表演树木发芽、落叶和积雪的样子",
            "小导游上台介绍，台下的游客举牌提问，每组限时三分钟",
            "用统计表记下家乡四个月份的气温，和课文写的时间对照",
            "把生字卡贴到黑板的森林图上，贴错的请同学帮忙搬家",
            "给护林员爷爷画一张感谢卡，背面抄写自己最喜欢的一句",
            "课后采访家里的老人，问一问从前的冬天怎么取暖和过年",
            "全班合作编一本自然小词典，每人负责三个描写景物的动词",
            "用橡皮泥捏出课文里的动物，摆在它出现的那个季节旁边",
        )
    )
)


def compared(submission: Submission) -> Similarity:
    similarity.compare_version(submission.version_id)
    return Similarity.objects.get(version=submission.version_id)


def older(version: PlanVersion) -> None:
    """As if it had been made last year."""
    PlanVersion.objects.filter(pk=version.pk).update(created_at=timezone.now() - timedelta(days=300))


def earlier(world: World, **fields) -> Submission:
    owner = fields.pop("owner", None) or make_teacher(world.tree.sibling_county_school)
    submission = world.handed_in(world.plan(owner=owner, **fields))
    older(submission.version)
    return submission


# ---- the comparison itself ---------------------------------------------------------------------------------
def share(here: str, there: str) -> float:
    text = comparing.text_of(here)
    return comparing.compare(text, comparing.text_of(there)).letters / text.length


def test_the_same_text_moved_about_and_otherwise_punctuated_is_found_whole() -> None:
    moved = "\n".join(reversed(SENTENCES)).replace("，", "、 ").replace("。", "！")
    assert share(TEXT, moved) == 1


def test_a_few_words_changed_still_count_and_another_text_does_not() -> None:
    reworded = TEXT.replace("树叶", "叶子").replace("四季图片", "四幅图").replace("同桌", "两人")
    assert share(reworded, TEXT) > 0.9
    assert share(OTHER, TEXT) == 0
    assert share(TEXT + OTHER, TEXT) == pytest.approx(
        len(comparing.letters_of(TEXT)) / len(comparing.letters_of(TEXT + OTHER)), abs=0.01
    )


def test_sentences_run_together_are_found_in_the_ones_they_were() -> None:
    together = SENTENCES[0].rstrip("。") + "，" + SENTENCES[1]
    assert share(together, TEXT) > 0.95
    assert share(TEXT, together) == pytest.approx(
        len(comparing.letters_of(SENTENCES[0] + SENTENCES[1])) / len(comparing.letters_of(TEXT)), abs=0.02
    )


def test_short_phrases_that_anybody_writes_are_no_likeness() -> None:
    assert share("同桌交流。\n指名回答。\n齐读课题。", "同桌交流。\n指名回答。\n齐读课题。") == 0


def test_passages_stand_beside_each_other_and_neighbours_are_one() -> None:
    found = comparing.compare(
        comparing.text_of(f"{SENTENCES[3]}\n{OTHER}\n{SENTENCES[0]}{SENTENCES[1]}"), comparing.text_of(TEXT)
    )
    assert found.passages == [
        (SENTENCES[3], SENTENCES[3]),
        (SENTENCES[0] + SENTENCES[1], SENTENCES[0] + SENTENCES[1]),
    ]


def test_a_long_text_that_repeats_itself_takes_no_longer_than_its_length() -> None:
    """A thousand times the same sentence on both sides: a million pairs, of which few are looked at."""
    text = comparing.text_of((SENTENCES[0] + SENTENCES[1]) * 500)
    counted = []
    extract = process.extract

    def counting(query, choices, **options):
        counted.append(len(choices))
        return extract(query, choices, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "extract", counting)
        shared = comparing.compare(text, comparing.text_of(SENTENCES[0] * 1_000))
    assert sum(counted) <= 1_000 * comparing.LOOKED_AT
    assert shared.letters == 500 * len(comparing.letters_of(SENTENCES[0]))


# ---- with what, and how it is credited ---------------------------------------------------------------------
def test_a_copy_without_a_known_source_is_seen(world: World) -> None:
    earlier(world)
    found = compared(world.handed_in(text=TEXT + "\n" + OTHER))
    assert (found.state, found.compared_with, found.known) == ("done", 1, 0)
    assert 0.4 < found.unknown / found.characters < 0.6
    likeness = found.likenesses.get()
    assert likeness.source == "unknown"
    assert likeness.passages == [[TEXT.replace("\n", ""), TEXT.replace("\n", "")]]


def test_an_own_version_is_credited_to_the_shared_plan_and_its_siblings(world: World) -> None:
    shared = world.plan(owner=world.colleague)
    plans.change_reach(actor=world.colleague, plan=shared, reach=LessonPlan.Reach.SCHOOL)
    version = versions.name_version(actor=world.colleague, plan=shared)
    older(version)
    sibling = fork(actor=world.leader, version=version)
    older(operations.hand_in(actor=world.leader, plan=sibling).version)
    mine = fork(actor=world.author, version=version)
    found = compared(operations.hand_in(actor=world.author, plan=mine))
    assert (found.known, found.unknown) == (found.characters, 0)
    assert {row.version.plan_id: row.source for row in found.likenesses.all()} == {
        shared.pk: "forked",
        sibling.pk: "sibling",
    }


def test_a_fork_that_was_handed_in_before_its_shared_plan_is_no_copy_of_it(world: World) -> None:
    shared = world.plan(owner=world.colleague)
    plans.change_reach(actor=world.colleague, plan=shared, reach=LessonPlan.Reach.SCHOOL)
    version = versions.name_version(actor=world.colleague, plan=shared)
    mine = fork(actor=world.author, version=version)
    older(operations.hand_in(actor=world.author, plan=mine).version)
    write(shared, "后来又加了一句", world.colleague)
    found = compared(operations.hand_in(actor=world.colleague, plan=shared))
    assert found.likenesses.get().source == "derived"
    assert found.unknown == 0


def test_ones_own_plan_of_last_year_is_honest_reuse_even_as_a_draft(world: World) -> None:
    last_year = world.plan()
    older(versions.name_version(actor=world.author, plan=last_year))
    found = compared(world.handed_in())
    assert (found.known, found.unknown) == (found.characters, 0)
    assert found.likenesses.get().source == "own"


def test_what_the_author_helped_to_write_is_credited(world: World) -> None:
    theirs = world.plan(owner=world.colleague, text=SENTENCES[0])
    plans.invite(actor=world.colleague, plan=theirs, user=world.author, level="write")
    write(theirs, "\n".join(SENTENCES[1:]), world.author)
    older(operations.hand_in(actor=world.colleague, plan=theirs).version)
    found = compared(world.handed_in())
    assert found.likenesses.get().source == "together"


def test_a_letter_with_a_known_source_is_counted_once_and_as_known(world: World) -> None:
    older(versions.name_version(actor=world.author, plan=world.plan()))
    earlier(world)
    found = compared(world.handed_in())
    assert {row.source for row in found.likenesses.all()} == {"own", "unknown"}
    assert (found.known, found.unknown) == (found.characters, 0)


def test_a_colleagues_draft_is_never_looked_at(world: World) -> None:
    draft = world.plan(owner=world.colleague)
    older(versions.name_version(actor=world.colleague, plan=draft))
    back = earlier(world, owner=world.leader)
    operations.take_back(actor=world.leader, plan=back.plan)
    found = compared(world.handed_in())
    assert (found.state, found.compared_with, found.likenesses.count()) == ("done", 0, 0)
    assert not VersionText.objects.filter(version__plan=draft).exists()


def test_what_was_handed_in_is_compared_and_not_what_was_written_since(world: World) -> None:
    theirs = earlier(world, text=OTHER)
    write(theirs.plan, TEXT, theirs.plan.owner)
    older(versions.name_version(actor=theirs.plan.owner, plan=theirs.plan))
    found = compared(world.handed_in())
    assert found.likenesses.count() == 0


def test_later_versions_other_lessons_and_deleted_plans_do_not_count(world: World) -> None:
    later = world.handed_in(world.plan(owner=world.colleague))
    other = earlier(world, title="另一课")
    gone = earlier(world)
    plans.change_state(actor=gone.plan.owner, plan=gone.plan, state=LessonPlan.State.DELETED)
    mine = world.handed_in()
    PlanVersion.objects.filter(pk=mine.version_id).update(created_at=later.version.created_at)
    found = compared(mine)
    assert found.compared_with == 0
    book = make_textbook()
    unit = book.units.create(number=6, title="祖国之美")
    LessonPlan.objects.filter(pk__in=[mine.plan_id, other.plan_id]).update(textbook=book, unit=unit)
    Similarity.objects.update(state="waiting")
    assert compared(mine).likenesses.get().version == other.version


def test_of_a_short_text_there_is_no_figure(world: World) -> None:
    earlier(world)
    found = compared(world.handed_in(text=SENTENCES[0]))
    assert (found.state, found.known, found.unknown) == ("short", 0, 0)
    figure = queries.figure_of(found)
    assert figure is not None
    assert figure.percent == 0


def test_handing_in_compares_in_the_background_once_for_a_version(
    world: World, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        submission = world.handed_in()
        assert Similarity.objects.get().state == "waiting"
    done = Similarity.objects.get()
    assert done.state == "done"
    operations.take_back(actor=world.author, plan=submission.plan)
    with django_capture_on_commit_callbacks(execute=True):
        operations.hand_in(actor=world.author, plan=submission.plan, version=submission.version)
    again = Similarity.objects.get()
    assert (again.state, again.touched_at) == ("done", done.touched_at)


def test_a_comparison_that_died_is_carried_on_and_one_that_failed_says_so(
    world: World, django_capture_on_commit_callbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = world.handed_in()
    with django_capture_on_commit_callbacks(execute=True):
        similarity.sweep()
    assert Similarity.objects.get().state == "waiting"
    monkeypatch.setattr(comparing, "text_of", lambda written: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        similarity.sweep(abandoned=timedelta(0))
    assert Similarity.objects.get().state == "failed"
    monkeypatch.undo()
    with django_capture_on_commit_callbacks(execute=True):
        operations.compare_again(actor=world.leader, submission=submission)
    assert Similarity.objects.get().state == "done"


# ---- who sees what -----------------------------------------------------------------------------------------
def test_whose_plan_it_is_only_those_see_who_may_read_it(world: World) -> None:
    theirs = earlier(world)  # of another county, handed in, open to nobody else
    mine = world.handed_in()
    compared(mine)
    by_person = {}
    for person in (world.author, world.leader, world.county, world.prefecture):
        report = queries.likeness_of(person, mine)
        assert report is not None
        by_person[person.name] = report.lines[0]
    for name in ("李永梅", "赵组长", "吴教研员"):
        line = by_person[name]
        assert (line.title, line.owner, line.version, line.path_id) == ("", None, "", None)
        assert [there for _here, there in line.passages] == [""]
        assert line.percent == 100
    seen = by_person["周教研员"]
    assert (seen.title, seen.owner.id, seen.path_id) == ("美丽的小兴安岭", theirs.plan.owner_id, None)
    assert seen.passages[0][1] == TEXT.replace("\n", "")
    plans.change_reach(actor=theirs.plan.owner, plan=theirs.plan, reach=LessonPlan.Reach.PROVINCE)
    report = queries.likeness_of(world.author, mine)
    assert report is not None
    assert report.lines[0].path_id == theirs.plan_id


def test_the_author_explains_and_nobody_else_does(world: World) -> None:
    submission = world.handed_in()
    with pytest.raises(NotPossible, match="还没有比出"):
        operations.explain_likeness(actor=world.author, submission=submission, text="自己写的")
    compared(submission)
    with pytest.raises(Denied):
        operations.explain_likeness(actor=world.leader, submission=submission, text="替他说")
    operations.explain_likeness(actor=world.author, submission=submission, text=" 去年公开课的稿子 ")
    report = queries.likeness_of(world.leader, submission)
    assert report is not None
    assert report.note == "去年公开课的稿子"


def test_the_text_is_kept_so_that_a_document_is_opened_once(world: World, monkeypatch) -> None:
    theirs = earlier(world)
    compared(world.handed_in())
    assert VersionText.objects.get(version=theirs.version).text == TEXT
    opened: list[bytes] = []

    def read(state: bytes) -> dict[str, Any]:
        opened.append(state)
        return {"type": "doc", "content": []}

    monkeypatch.setattr(similarity, "read_state", read)
    compared(world.handed_in(world.plan(owner=world.colleague)))
    assert len(opened) == 1
