"""A draft fills itself, keeps what was written by hand, and lets nobody write over anybody."""

import pytest

from foundation.accounts.operations import erase
from foundation.records import queries
from foundation.records.errors import Denied, NotPossible, RecordNotFound, WrongInput
from foundation.records.form import (
    FORM,
    Contribution,
    Facts,
    Person,
    Question,
    Viewpoint,
    body_of,
    field_of,
    label_of,
)
from foundation.records.models import Record, RecordEdit
from foundation.records.operations import Change, keep_by_hand, restore_automatic, write
from foundation.records.reading import Known, both, read, texts_from, texts_of
from tests.factories import make_teacher
from tests.records.conftest import ID, World, person, text


def test_a_record_fills_itself_and_nothing_is_stored_before_somebody_writes(world: World) -> None:
    assert world.words("theme") == "山行"
    assert world.words("participants") == "主持人甲（实验小学）、记录人乙（青山小学）、老师丙（青山小学）"
    world.change(theme="山行（第二课时）")
    assert world.words("theme") == "山行（第二课时）"
    assert not Record.objects.exists()


def test_what_is_written_by_hand_stays_while_the_rest_goes_on_filling_itself(world: World) -> None:
    world.write(world.writer, "results", text("定稿 1 份，个案 5 份。", "results"))
    world.change(results="定稿 1 份，个案 4 份。", place="实验小学录播室")
    draft = world.draft()
    assert world.words("results") == "定稿 1 份，个案 5 份。"
    assert world.words("place") == "实验小学录播室"
    assert draft.fields["results"].by_hand
    assert draft.fields["results"].source_changed
    assert not draft.fields["place"].by_hand


def test_an_automatic_value_that_did_not_change_is_no_news(world: World) -> None:
    world.write(world.writer, "results", text("我们的成果", "results"))
    assert not world.draft().fields["results"].source_changed


def test_back_to_what_the_source_says_and_the_words_are_kept(world: World) -> None:
    world.write(world.writer, "results", text("我们的成果", "results"))
    seen = world.draft().fields["results"].seen
    restore_automatic(opened=world.opened(world.writer), field=field_of("results"), seen=seen)
    assert not world.draft().fields["results"].by_hand
    assert world.words("results") == "定稿 1 份。"
    earlier = queries.earlier_edits(world.opened().record)["results"]
    assert [each.shown.text if each.shown else None for each in earlier] == [None, "我们的成果"]


def test_what_was_written_may_stay_although_the_source_changed(world: World) -> None:
    world.write(world.writer, "results", text("我们的成果", "results"))
    world.change(results="又一份个案")
    field = field_of("results")
    keep_by_hand(opened=world.opened(), field=field, seen=world.draft().fields["results"].seen)
    found = world.draft().fields["results"]
    assert (found.by_hand, found.source_changed) == (True, False)
    world.change(results="又又一份个案")
    assert world.draft().fields["results"].source_changed


def test_writing_what_the_source_says_is_no_change_by_hand(world: World) -> None:
    world.write(world.writer, "results", text("别的", "results"))
    world.write(world.writer, "results", body_of(world.kind.facts[ID])["results"])
    assert not world.draft().fields["results"].by_hand


def test_saving_what_stands_there_stores_nothing(world: World) -> None:
    world.write(world.writer, "reflection", text("反思"))
    count = RecordEdit.objects.count()
    world.write(world.host, "reflection", text("反思"), seen=0)
    assert RecordEdit.objects.count() == count


# ---- two at once -----------------------------------------------------------------------------------------
def test_of_two_who_write_the_same_field_the_second_gets_both_texts(world: World) -> None:
    assert world.write(world.host, "reflection", text("甲写的"), seen=0) == {}
    conflicts = world.write(world.writer, "reflection", text("乙写的"), seen=0)
    assert conflicts["reflection"].value == text("甲写的")
    assert conflicts["reflection"].by == world.host
    assert world.words("reflection") == "甲写的"
    assert world.write(world.writer, "reflection", text("两份都要"), seen=conflicts["reflection"].pk) == {}
    assert [edit.value for edit in RecordEdit.objects.all()] == [text("甲写的"), text("两份都要")]


def test_two_who_write_different_fields_do_not_meet(world: World) -> None:
    opened, other = world.opened(world.host), world.opened(world.writer)
    assert write(opened=opened, changes={"reflection": Change(text("甲"), 0)}) == {}
    assert write(opened=other, changes={"improvement": Change(text("乙", "improvement"), 0)}) == {}
    assert (world.words("reflection"), world.words("improvement")) == ("甲", "乙")


def test_restoring_over_somebodys_newer_words_is_refused(world: World) -> None:
    world.write(world.host, "reflection", text("甲"))
    world.write(world.host, "results", text("甲", "results"))
    seen = world.draft().fields["results"].seen
    world.write(world.writer, "results", text("乙", "results"))
    with pytest.raises(NotPossible, match="刚刚有人改过"):
        restore_automatic(opened=world.opened(), field=field_of("results"), seen=seen)
    assert world.words("results") == "乙"


def test_both_texts_are_put_together() -> None:
    prose, people = field_of("reflection"), field_of("participants")
    assert both(prose, text("他的"), text("我的")) == text("他的\n我的")
    assert both(prose, [], text("我的")) == text("我的")
    first, second = {"participants": {"name": "甲"}}, {"participants": {"name": "乙"}}
    assert both(people, [first], [first, second]) == [first, second]


# ---- who -------------------------------------------------------------------------------------------------
def test_whoever_only_reads_cannot_write_and_a_stranger_knows_nothing_of_it(world: World) -> None:
    with pytest.raises(Denied):
        world.write(world.reader, "reflection", text("丙"))
    with pytest.raises(RecordNotFound):
        world.opened(world.stranger)
    with pytest.raises(RecordNotFound):
        world.opened(subject_id="second")
    assert not RecordEdit.objects.exists()


def test_the_recorder_who_is_entered_by_hand_may_write(world: World) -> None:
    assert not world.opened(world.reader).may_edit
    world.write(world.host, "recorder", [{"recorder": {"user": world.reader.pk}}])
    world.write(world.reader, "reflection", text("丙写的"))
    assert world.words("reflection") == "丙写的"
    world.write(world.host, "recorder", [{"recorder": {"name": "别人"}}])
    assert not world.opened(world.reader).may_edit


def test_naming_a_stranger_as_recorder_opens_nothing_to_them(world: World) -> None:
    world.write(world.host, "recorder", [{"recorder": {"user": world.stranger.pk}}])
    with pytest.raises(RecordNotFound):
        world.opened(world.stranger)


# ---- shapes ----------------------------------------------------------------------------------------------
def test_every_field_of_the_facts_stands_in_the_form() -> None:
    assert [field.key for field in FORM] == list(Facts.__dataclass_fields__)


def test_what_a_form_begins_with_reads_back_the_same(world: World) -> None:
    """Otherwise saving an untouched form would look like an edit."""
    body = body_of(world.kind.facts[ID])
    names = queries.names_of(body)
    known = Known.in_content(body, names)
    for field in FORM:
        texts = texts_from(field, body[field.key], names)
        assert read(field, texts, known, 0) == body[field.key], field.key


def test_a_typed_name_becomes_the_person_who_is_meant(world: World) -> None:
    body = body_of(world.kind.facts[ID])
    names = queries.names_of(body)
    known = Known.in_content(body, names)
    field = field_of("host")

    def typed(words: str):
        return read(field, [{"host": words}], known, 0)[0]["host"]

    assert typed("老师丙（青山小学）") == typed("老师丙")
    assert typed("老师丙")["user"] == world.reader.pk
    assert typed("谁也不认识（某校）") == {"name": "谁也不认识", "school": "某校"}
    assert typed("谁也不认识") == {"name": "谁也不认识"}


def test_of_two_people_with_one_name_the_school_decides() -> None:
    people = [{"user": 1, "school": "一小"}, {"user": 2, "school": "二小"}]
    known = Known(people, {1: "王老师", 2: "王老师"})
    assert known.read("王老师（二小）")["user"] == 2
    assert known.read("王老师") == {"name": "王老师"}


def test_viewpoints_are_lines_and_a_colon_alone_names_nobody(world: World) -> None:
    body = body_of(world.kind.facts[ID])
    known = Known.in_content(body, queries.names_of(body))
    typed = [
        {
            "question": "问",
            "viewpoints": "老师丙：先看图：看清楚\n三点：一、二、三\n\n没有名字",
            "consensus": "",
        }
    ]
    said = read(field_of("discussion"), typed, known, 0)[0]["viewpoints"]
    assert [each["text"] for each in said] == ["先看图：看清楚", "三点：一、二、三", "没有名字"]
    assert [each["person"] and each["person"]["user"] for each in said] == [world.reader.pk, None, None]


def test_a_remark_of_several_lines_is_one_viewpoint() -> None:
    facts = Facts(discussion=(Question("问", (Viewpoint(None, "一\n二"),)),))
    assert body_of(facts)["discussion"][0]["viewpoints"] == [{"person": None, "text": "一 二"}]


def test_tasks_keep_their_key_and_new_ones_get_the_same_when_sent_twice() -> None:
    field, known = field_of("tasks"), Known([], {})
    posted = {"r0-key": "t-1", "r0-task": "旧的", "r0-due": "2026-11-20", "r1-task": "新的", "r2-task": "  "}
    once = read(field, texts_of(field, posted), known, 5)
    assert [row["task"] for row in once] == ["旧的", "新的"]
    assert once[0]["key"] == "t-1" and once[1]["key"]
    assert read(field, texts_of(field, posted), known, 5) == once
    assert read(field, texts_of(field, posted), known, 6)[1]["key"] != once[1]["key"]


@pytest.mark.parametrize(
    ("key", "row", "said"),
    [
        ("tasks", {"task": "任务", "due": "下周"}, "第 1 行“期限”写成 2026-09-01 这样。"),
        ("contributions", {"person": "甲", "changes": "很多"}, "第 1 行“改动次数”要写数字。"),
        ("theme", {"theme": "长" * 301}, "第 1 行“主题”太长，最多 300 个字。"),
    ],
)
def test_what_cannot_be_kept_says_where_and_why(key: str, row: dict[str, str], said: str) -> None:
    with pytest.raises(WrongInput) as wrong:
        read(field_of(key), [row], Known([], {}), 0)
    assert wrong.value.reason == said


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(WrongInput, match="最多 200 行"):
        read(field_of("participants"), [{"participants": f"{n}"} for n in range(201)], Known([], {}), 0)


# ---- people ----------------------------------------------------------------------------------------------
def test_people_are_ids_and_who_left_for_good_leaves_no_name(world: World) -> None:
    world.write(world.host, "participants", body_of(world.kind.facts[ID])["participants"][1:])
    assert "记录人乙" not in str(list(RecordEdit.objects.values()))
    erase(person=world.writer)
    assert world.words("participants") == "已离开的教师（青山小学）、老师丙（青山小学）"


def test_people_without_an_account_stand_there_by_name() -> None:
    facts = Facts(
        host=Person(name="校长", school="某校"), contributions=(Contribution(Person(name="校长"), 1),)
    )
    body = body_of(facts)
    assert label_of(body["host"][0]["host"], {}) == "校长（某校）"
    assert body["contributions"] == [{"person": {"name": "校长"}, "changes": 1}]


def test_a_draft_takes_the_same_queries_for_any_number_of_people(
    world: World, django_assert_max_num_queries
) -> None:
    world.write(world.host, "reflection", text("反思"))
    many = tuple(person(make_teacher()) for _number in range(40))
    world.change(participants=many, contributions=tuple(Contribution(each, 1) for each in many))
    opened = world.opened()
    with django_assert_max_num_queries(2):  # the newest edits, the names
        queries.shown_draft(queries.draft_of(opened))
