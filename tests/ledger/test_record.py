"""The ledger takes declared events only, in the transaction of their act, and never gives a row back."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, get_args, get_type_hints
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from foundation.ledger import events
from foundation.ledger.errors import AppendOnly, NotInTransaction, UnknownEvent
from foundation.ledger.events import CATALOGUE, NOWHERE, LedgerEvent, Place, PlanOpened, SignedIn
from foundation.ledger.models import Event
from foundation.ledger.operations import record, record_many
from tests.factories import make_superuser, make_user

EXAMPLES: dict[type, Any] = {UUID: UUID(int=7), int: 7, str: "word", bool: True}


def example(kind: type[LedgerEvent]) -> LedgerEvent:
    """An event of this kind with a value of the declared type in every field."""
    hints = get_type_hints(kind)
    values = {
        field.name: EXAMPLES[(get_args(hints[field.name]) or (hints[field.name],))[0]]
        for field in fields(kind)
    }
    return kind(**values)


@pytest.fixture
def opened() -> PlanOpened:
    return PlanOpened(subject_id=UUID(int=1), subject_label="分数的初步认识", access="write")


def test_a_row_keeps_where_the_actor_stood(db, opened):
    teacher = make_user()
    place = Place(role="teacher", school_id=3, region_id=4, urban_class="village")

    row = record(opened, actor=teacher, place=place)

    row = Event.objects.get(pk=row.pk)
    assert (row.kind, row.actor, row.subject_kind) == ("plan.opened", teacher, "lesson-plan")
    assert (row.subject_id, row.subject_label) == (str(UUID(int=1)), "分数的初步认识")
    assert (row.role, row.school_id, row.region_id, row.urban_class) == ("teacher", 3, 4, "village")
    assert row.data == {"access": "write"}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_every_event_of_the_catalogue_is_stored_as_declared(db, kind):
    event = example(kind)

    row = Event.objects.get(pk=record(event, actor=None, place=NOWHERE).pk)

    assert row.kind == kind.kind
    assert set(row.data) == {field.name for field in fields(kind)} - {"subject_id", "subject_label"}
    for name, value in event.data().items():
        assert row.data[name] == (str(value) if isinstance(value, UUID) else value)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_every_event_refuses_another_type(db, kind):
    for field in fields(kind):
        values = {each.name: getattr(example(kind), each.name) for each in fields(kind)}
        with pytest.raises(UnknownEvent, match=field.name):
            record(kind(**(values | {field.name: 1.5})), actor=None, place=NOWHERE)
    assert not Event.objects.exists()


def test_an_event_outside_the_catalogue_is_refused(db):
    @dataclass(frozen=True, kw_only=True)
    class Invented(LedgerEvent):
        kind = "plan.invented"
        subject_kind = "lesson-plan"

    with pytest.raises(UnknownEvent, match="Invented"):
        record(Invented(subject_id=1), actor=None, place=NOWHERE)
    assert not Event.objects.exists()


def test_an_event_cannot_borrow_a_kind(db):
    @dataclass(frozen=True, kw_only=True)
    class Borrowed(LedgerEvent):
        kind = SignedIn.kind
        subject_kind = "user"

    with pytest.raises(UnknownEvent):
        record(Borrowed(subject_id=1), actor=None, place=NOWHERE)


def test_the_same_key_twice_is_one_row(db, opened):
    first = record(opened, actor=None, place=NOWHERE, key="plan:person:day")
    second = record(opened, actor=None, place=NOWHERE, key="plan:person:day")

    assert first.pk == second.pk
    assert Event.objects.count() == 1


def test_keys_of_two_kinds_do_not_meet(db, opened):
    record(opened, actor=None, place=NOWHERE, key="1")
    record(SignedIn(subject_id=1, own_computer=False), actor=None, place=NOWHERE, key="1")

    assert Event.objects.count() == 2


def test_without_a_key_every_time_counts(db, opened):
    record(opened, actor=None, place=NOWHERE)
    record(opened, actor=None, place=NOWHERE)

    assert Event.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded(opened):
    with pytest.raises(NotInTransaction):
        record(opened, actor=None, place=NOWHERE)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_recorded(opened):
    with transaction.atomic():
        record(opened, actor=None, place=NOWHERE)
        transaction.set_rollback(True)

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Event.objects.update(kind="x"),
        lambda row: Event.objects.filter(pk=row.pk).delete(),
        lambda row: Event.objects.bulk_update([row], ["kind"]),
        lambda row: row.save(),
        lambda row: row.delete(),
    ],
)
def test_rows_are_neither_changed_nor_deleted(db, opened, change):
    row = record(opened, actor=None, place=NOWHERE)
    row.kind = "x"

    with pytest.raises(AppendOnly):
        change(row)

    assert list(Event.objects.values_list("kind", flat=True)) == ["plan.opened"]


def test_the_admin_shows_and_changes_nothing(db, client, opened):
    row = record(opened, actor=make_user(), place=NOWHERE)
    client.force_login(make_superuser())

    assert client.get("/admin/ledger/event/").status_code == 200
    assert client.get(f"/admin/ledger/event/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/ledger/event/{row.pk}/change/", {"kind": "x"}).status_code == 403
    assert client.post(f"/admin/ledger/event/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/ledger/event/add/").status_code == 403
    assert Event.objects.get().kind == "plan.opened"


def test_purging_takes_old_rows_only(db, opened, monkeypatch):
    today = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: today - timedelta(days=4 * 366))
    record(opened, actor=None, place=NOWHERE, key="old")
    monkeypatch.setattr(timezone, "now", lambda: today)
    record(opened, actor=None, place=NOWHERE, key="new")

    with pytest.raises(CommandError):
        call_command("purge_ledger", "--before", today.date().isoformat())
    assert Event.objects.count() == 2

    call_command("purge_ledger", "--before", (today - timedelta(days=3 * 366)).date().isoformat())
    assert Event.objects.get().idempotency_key == "plan.opened:new"


def test_recording_costs_few_queries(db, opened, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # look, savepoint, insert, release
        record(opened, actor=None, place=NOWHERE, key=str(uuid4()))


@pytest.mark.django_db
def test_many_are_recorded_as_each_would_be(django_assert_num_queries: Any) -> None:
    actor = make_user()
    place = Place(role="teacher", school_id=3, region_id=7)
    event = events.PrepPointOpened(subject_id=3, subject_label="一小", region_id=7)
    with transaction.atomic():
        record(event, actor=actor, place=place)
        with django_assert_num_queries(1):
            assert record_many([event] * 50, actor=actor, place=place) == 50
    kept = Event.objects.values("kind", "actor", "role", "school_id", "region_id", "subject_label", "data")
    assert kept.count() == 51
    assert kept.distinct().count() == 1


@pytest.mark.django_db
def test_of_many_one_that_is_unknown_stops_all() -> None:
    class Unknown(events.SchoolEvent):
        kind = "school.unknown"

    good = events.PrepPointOpened(subject_id=3, region_id=7)
    with transaction.atomic(), pytest.raises(UnknownEvent):
        record_many([good, Unknown(subject_id=3, region_id=7)], actor=None, place=Place())
    assert not Event.objects.exists()
