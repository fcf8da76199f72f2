"""The discussion over the API: what pages send and get, in words to be shown; nonsense is refused, not survived."""

import json
import random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from lessons.discussion import operations, queries
from lessons.discussion.models import Comment, Thread
from lessons.models import LessonPlan
from realtime import rooms
from tests.factories import Tree, make_teacher
from tests.lessons.discussion.chosen import about, delete

JSON = "application/json"


def path(plan: LessonPlan, rest: str = "") -> str:
    return f"/api/v1/lesson-plans/{plan.pk}/threads{'/' if rest else ''}{rest}"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def api(commenter: User) -> Client:
    return signed_in(commenter)


def chosen(plan: LessonPlan, words: str) -> dict[str, Any]:
    found = about(plan, words)
    return {"spans": [[span.first, span.last] for span in found.spans], "quote": words}


def test_a_thread_is_begun_answered_settled_and_read(
    api: Client, plan: LessonPlan, owner: User, commenter: User
) -> None:
    body = {"text": "先看真树枝 @李永梅", "mentions": [owner.pk], **chosen(plan, "浸、库")}
    answer = api.post(path(plan), body, JSON)
    assert answer.status_code == 201, answer.content
    thread = answer.json()
    assert (thread["number"], thread["quote"], thread["section"]) == (1, "浸、库", "教学目标")
    assert (thread["may_change_state"], thread["may_conclude"]) == (True, False)
    assert thread["comments"][0]["names"] == ["李永梅"]
    assert thread["comments"][0]["author"]["name"] == "孙立军"
    assert signed_in(owner).post(path(plan, thread["id"]), {"text": "好主意"}, JSON).status_code == 201
    settled = api.put(path(plan, f"{thread['id']}/state"), {"state": "resolved"}, JSON).json()
    assert (settled["state"], settled["resolved_by"]["name"]) == ("resolved", "孙立军")
    mine = settled["comments"][0]["id"]
    assert api.put(path(plan, f"{thread['id']}/{mine}"), {"text": "改过"}, JSON).json()["comments"][0][
        "edited"
    ]
    gone = api.delete(path(plan, f"{thread['id']}/{mine}")).json()
    assert [(each["text"], each["deleted"]) for each in gone["comments"]] == [("", True), ("好主意", False)]
    found = api.get(path(plan)).json()
    assert found["topic"] == f"plan-comments:{plan.pk}"
    assert found["cursor"] == 5
    assert found["may_comment"]
    [line] = found["threads"]
    assert line == {
        "id": thread["id"],
        "number": 1,
        "kind": "comment",
        "state": "resolved",
        "place": "text",
        "block": "",
        "mine": True,
        "names_me": False,
    }
    assert [each["id"] for each in api.get(path(plan, "some"), {"ids": thread["id"]}).json()] == [
        thread["id"]
    ]


def test_what_is_refused_says_why(api: Client, plan: LessonPlan, writer: User, reader: User) -> None:
    body = {"text": "好", **chosen(plan, "浸、库")}
    delete(plan, "浸、", writer.pk)
    changed = api.post(path(plan), body, JSON)
    assert changed.status_code == 409
    assert "请再选一次" in changed.json()["detail"]
    refused = signed_in(reader).post(path(plan), {"text": "好"}, JSON)
    assert refused.status_code == 403
    assert "可以批注" in refused.json()["detail"]
    assert "写上" in api.post(path(plan), {"text": " "}, JSON).json()["detail"]
    assert api.post(path(plan, "nosuchthrd"), {"text": "好"}, JSON).status_code == 404
    assert not Thread.objects.exists()


def test_whoever_may_not_read_the_plan_learns_nothing(plan: LessonPlan, commenter: User, tree: Tree) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="一")
    stranger = signed_in(make_teacher(tree.far_school))
    for address in ("", "some?ids=" + thread.pk, "people", f"people/{commenter.pk}"):
        assert stranger.get(path(plan, address)).status_code == 404
    assert stranger.post(path(plan), {"text": "好"}, JSON).status_code == 404
    assert stranger.post(path(plan, thread.pk), {"text": "好"}, JSON).status_code == 404
    assert Client().get(path(plan)).status_code == 401
    assert Comment.objects.count() == 1


def test_a_thread_of_another_plan_cannot_be_reached_through_this_one(
    api: Client, plan: LessonPlan, commenter: User, owner: User
) -> None:
    from tests.factories import make_plan

    other = make_plan(owner)
    thread = operations.open_thread(actor=owner, plan=other, text="别的教案里的")
    comment = thread.comments.get()
    assert api.get(path(plan, "some"), {"ids": thread.pk}).json() == []
    assert api.post(path(plan, thread.pk), {"text": "好"}, JSON).status_code == 404
    assert api.put(path(plan, f"{thread.pk}/state"), {"state": "resolved"}, JSON).status_code == 404
    assert api.delete(path(plan, f"{thread.pk}/{comment.pk}")).status_code == 404
    mine = operations.open_thread(actor=commenter, plan=plan, text="我的")
    assert api.delete(path(plan, f"{mine.pk}/{comment.pk}")).status_code == 404
    assert Comment.objects.filter(deleted_at=None).count() == 2


def test_unsafe_calls_need_the_token(plan: LessonPlan, commenter: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(commenter)
    assert client.post(path(plan), {"text": "好"}, JSON).status_code == 403
    assert not Thread.objects.exists()


def test_nonsense_is_refused_and_changes_nothing(api: Client, plan: LessonPlan) -> None:
    chance = random.Random(11)
    before = rooms.state(plan.document)
    good = chosen(plan, "浸、库")

    nonsense: list[Any] = [
        None,
        -1,
        0,
        2**31,
        2**53,
        2**64,
        1e300,
        True,
        "",
        "x" * 70,
        "\0",
        "\ud800",
        [],
        [[]],
        {},
        [1, 2],
    ]

    def junk() -> Any:
        return chance.choice(nonsense)

    shapes: list[Any] = [
        lambda: {"text": "好", "spans": junk(), "quote": good["quote"]},
        lambda: {"text": "好", "spans": [[junk(), junk()]], "quote": good["quote"]},
        lambda: {"text": "好", "spans": [[[junk(), junk()], [junk(), junk()]]], "quote": good["quote"]},
        lambda: {
            "text": "好",
            "spans": [[[chance.randrange(2**32), chance.randrange(50)], good["spans"][0][1]]],
            "quote": good["quote"],
        },
        lambda: {"text": "好", "spans": good["spans"] * chance.randrange(2, 300), "quote": good["quote"]},
        lambda: {"text": "好", **good, "quote": junk() or "别的"},
        lambda: {"text": chance.choice(["", " ", "\0", "\ud800", "x" * 9_000, None, 5, [], {}]), **good},
        lambda: {"text": "好", "block": chance.choice(["nosuch", "\0", "\ud800", -1, [], "x" * 70])},
        lambda: {"text": "好", "mentions": chance.choice([[-1], [2**70], ["x"], [0] * 21, [10**9], {}])},
        lambda: {"text": "好", "kind": junk()},
        junk,
    ]
    for _round in range(150):
        body = json.dumps(chance.choice(shapes)())
        answer = api.post(path(plan), body, JSON)
        assert answer.status_code in (400, 403, 409, 422), (body, answer.status_code, answer.content)
    assert not Thread.objects.exists()
    assert rooms.state(plan.document) == before


@pytest.mark.parametrize("query", ["ids=", "ids=%00", "ids=" + "a," * 400, "ids=%F0%9F%98%80,x", ""])
def test_odd_questions_are_answered_or_refused(api: Client, plan: LessonPlan, query: str) -> None:
    assert api.get(path(plan, f"some?{query}")).status_code in (200, 400, 422)


def test_reading_costs_the_same_however_much_was_said(
    api: Client, plan: LessonPlan, writer: User, commenter: User
) -> None:
    def costs() -> tuple[int, int, int]:
        ids = ",".join(Thread.objects.values_list("pk", flat=True)[:50])
        found = []
        for address, query in (("", {}), ("some", {"ids": ids}), (f"people/{writer.pk}", {})):
            with CaptureQueriesContext(connection) as captured:
                assert api.get(path(plan, address), query).status_code == 200
            found.append(len(captured))
        return found[0], found[1], found[2]

    def talk() -> None:
        thread = operations.open_thread(actor=commenter, plan=plan, text="一", mentions=[writer])
        operations.reply(actor=writer, thread=thread, text="二")

    talk()
    once = costs()
    for _round in range(4):
        talk()
    assert costs() == once
    assert max(once) <= 20


def test_of_a_long_thread_the_first_and_the_last_are_sent(
    api: Client, plan: LessonPlan, commenter: User
) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="0")
    for number in range(1, 30):
        Comment.objects.create(thread=thread, author=commenter, text=str(number))
    [short] = api.get(path(plan, "some"), {"ids": thread.pk}).json()
    assert [each["text"] for each in short["comments"]] == ["0", *map(str, range(11, 30))]
    assert short["left_out"] == 10
    [whole] = api.get(path(plan, "some"), {"ids": thread.pk, "whole": "1"}).json()
    assert (len(whole["comments"]), whole["left_out"]) == (30, 0)


# ---- people -------------------------------------------------------------------------------------------------------


def test_those_who_can_read_the_plan_are_offered_to_be_named(
    api: Client, plan: LessonPlan, owner: User, writer: User, reader: User, commenter: User, tree: Tree
) -> None:
    make_teacher(tree.far_school, name="陈看不到")
    found = api.get(path(plan, "people")).json()
    assert {each["name"] for each in found} == {owner.name, writer.name, reader.name}
    assert [each["name"] for each in api.get(path(plan, "people"), {"q": "陈"}).json()] == [writer.name]
    LessonPlan.objects.filter(pk=plan.pk).update(reach="province")
    names = [each["name"] for each in api.get(path(plan, "people"), {"q": "陈"}).json()]
    assert names == [writer.name, "陈看不到"]


def test_what_one_person_said_and_changed_is_in_one_place(
    api: Client, plan: LessonPlan, owner: User, writer: User, commenter: User
) -> None:
    from lessons import versions
    from realtime import authors
    from tests.lessons.discussion.chosen import insert

    insert(plan, "会写", "认读", writer.pk)
    versions.name_version(actor=owner, plan=plan, name="改后")
    thread = operations.open_thread(actor=commenter, plan=plan, text="一")
    operations.reply(actor=writer, thread=thread, text="二")
    found = api.get(path(plan, f"people/{writer.pk}")).json()
    assert found["person"]["name"] == writer.name
    assert [(each["thread_id"], each["text"]) for each in found["said"]] == [(thread.pk, "二")]
    assert [authors.owners(plan.document)[client] for client in found["clients"]] == [writer.pk]
    assert [each["label"] for each in found["worked"]] == ["第1版 改后"]
    assert api.get(found["worked"][0]["path"]).status_code == 200
    assert api.get(path(plan, "people/999999")).status_code == 404


def test_a_long_list_of_what_one_said_is_paged(api: Client, plan: LessonPlan, commenter: User) -> None:
    thread = operations.open_thread(actor=commenter, plan=plan, text="0")
    for number in range(1, queries.SAID_AT_ONCE + 5):
        Comment.objects.create(thread=thread, author=commenter, text=str(number))
    first = api.get(path(plan, f"people/{commenter.pk}")).json()
    rest = api.get(path(plan, f"people/{commenter.pk}"), {"cursor": first["next"]}).json()
    texts = [each["text"] for each in first["said"] + rest["said"]]
    assert texts == [str(number) for number in reversed(range(queries.SAID_AT_ONCE + 5))]
    assert rest["next"] is None
