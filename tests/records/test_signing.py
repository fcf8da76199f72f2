"""Signing freezes a record: its hash covers it, the audit trail has the hash, and nothing done to it goes unseen."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from foundation.ledger.audit import verify
from foundation.ledger.errors import AppendOnly
from foundation.ledger.models import AuditEntry, Event
from foundation.records import queries
from foundation.records.errors import Denied, NotPossible
from foundation.records.form import field_of
from foundation.records.models import Record, RecordEdit, RecordRevision, RecordTask
from foundation.records.operations import reopen, restore_automatic, sign
from tests.records.conftest import World, text


def signed(world: World, **options: Any) -> RecordRevision:
    return sign(opened=world.opened(), seen=world.draft().digest, **options)


def test_what_the_host_saw_is_frozen_with_its_hash_in_the_trail(world: World) -> None:
    world.write(world.writer, "reflection", text("反思"))
    revision = signed(world)
    record = Record.objects.get()
    assert (record.state, record.signed_by, record.signed_at) == ("signed", world.host, revision.signed_at)
    assert revision.body["reflection"] == text("反思")
    entry = AuditEntry.objects.get(act="record.signed")
    assert entry.details == {"revision": 1, "sha256": revision.sha256}
    assert (entry.subject_id, entry.region_id) == (str(record.pk), 7)
    assert verify() == []
    assert queries.what_is_wrong([revision]) == {}
    assert list(Event.objects.filter(kind="record.signed").values_list("data", flat=True)) == [
        {"revision": 1}
    ]


def test_what_happens_afterwards_changes_nothing_in_it(world: World) -> None:
    revision = signed(world)
    world.change(theme="别的", participants=())
    revision.refresh_from_db()
    shown = {each.field.key: each.text for each in queries.signed_record(revision).fields}
    assert shown["theme"] == "山行"
    assert shown["participants"].count("（") == 3


def test_a_signed_record_is_not_written(world: World) -> None:
    world.write(world.writer, "results", text("手写的", "results"))
    seen = world.draft().fields["results"].seen
    signed(world)
    count = RecordEdit.objects.count()
    with pytest.raises(NotPossible, match="先重开"):
        world.write(world.writer, "results", text("再写", "results"))
    with pytest.raises(NotPossible, match="先重开"):
        restore_automatic(opened=world.opened(), field=field_of("results"), seen=seen)
    with pytest.raises(NotPossible, match="已经签字定稿"):
        signed(world)
    assert (RecordEdit.objects.count(), RecordRevision.objects.count()) == (count, 1)


def test_what_changed_since_the_host_looked_is_not_signed(world: World) -> None:
    seen = world.draft().digest
    world.change(results="又多了一份")
    with pytest.raises(NotPossible, match="再看一遍"):
        sign(opened=world.opened(), seen=seen)
    assert not RecordRevision.objects.exists()
    assert not AuditEntry.objects.exists()


def test_theme_time_and_host_are_needed(world: World) -> None:
    world.change(time="", host=None)
    with pytest.raises(NotPossible, match="签字前要填上：时间、主持人。"):
        signed(world)
    assert not RecordRevision.objects.exists()


def test_only_the_host_signs_and_reopens_and_a_refusal_is_entered(world: World) -> None:
    with pytest.raises(Denied):
        sign(opened=world.opened(world.writer), seen=world.draft().digest)
    assert not RecordRevision.objects.exists()
    signed(world)
    with pytest.raises(Denied):
        reopen(opened=world.opened(world.writer), because="想改")
    assert Record.objects.get().is_signed
    assert list(AuditEntry.objects.order_by("pk").values_list("act", "allowed", "actor_id")) == [
        ("record.signed", False, world.writer.pk),
        ("record.signed", True, world.host.pk),
        ("record.reopened", False, world.writer.pk),
    ]
    assert verify() == []


def test_reopening_makes_a_new_revision_and_the_old_one_stays_readable(world: World) -> None:
    first = signed(world)
    with pytest.raises(NotPossible, match="为什么重开"):
        reopen(opened=world.opened(), because="  ")
    reopen(opened=world.opened(), because="漏了一个人")
    assert Record.objects.get().reopened_because == "漏了一个人"
    with pytest.raises(NotPossible, match="还没有定稿"):
        reopen(opened=world.opened(), because="再来")
    world.write(world.writer, "reflection", text("补写的"))
    second = signed(world)
    first.refresh_from_db()
    assert (second.number, first.body["reflection"], second.body["reflection"]) == (2, [], text("补写的"))
    assert queries.what_is_wrong([first, second]) == {}
    assert Record.objects.get().reopened_because == ""
    assert [line.number for line in queries.revision_lines(world.opened().record)] == [2, 1]


# ---- somebody who owns the database ------------------------------------------------------------------------
def rewrite(revision: RecordRevision, **columns: Any) -> None:
    names = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE records_recordrevision SET {names} WHERE id = %s", [*columns.values(), revision.pk]
        )
    revision.refresh_from_db()


def test_the_models_themselves_refuse_to_rewrite_it(world: World) -> None:
    revision = signed(world)
    with pytest.raises(AppendOnly):
        revision.save()
    with pytest.raises(AppendOnly):
        RecordRevision.objects.update(sha256="x")
    with pytest.raises(AppendOnly):
        RecordEdit.objects.all().delete()


@pytest.mark.parametrize("column", ["body", "signed_at", "subject_label", "number", "form", "signed_by_id"])
def test_every_column_of_a_signed_row_is_covered(world: World, column: str) -> None:
    revision = signed(world)
    values = {
        "body": json.dumps({**revision.body, "consensus": []}),
        "signed_at": "2020-01-01 00:00:00+00:00",
        "subject_label": "别的活动",
        "number": 7,
        "form": 2,
        "signed_by_id": world.writer.pk,
    }
    rewrite(revision, **{column: values[column]})
    assert list(queries.what_is_wrong([revision])) == [revision.pk]


def test_a_row_that_is_rewritten_with_its_hash_is_told_by_the_audit_trail(world: World) -> None:
    revision = signed(world)
    body = {**revision.body, "theme": [{"theme": "别的"}]}
    revision.body = body
    rewrite(revision, body=json.dumps(body), sha256=queries.hash_of(revision, ""))
    assert revision.sha256 == queries.hash_of(revision, "")
    assert "操作记录" in queries.what_is_wrong([revision])[revision.pk]


def test_an_older_revision_cannot_be_exchanged_below_a_newer_one(world: World) -> None:
    first = signed(world)
    reopen(opened=world.opened(), because="改")
    second = signed(world)
    rewrite(first, sha256="0" * 64)
    assert set(queries.what_is_wrong([first, second])) == {first.pk, second.pk}


def test_the_command_names_what_was_tampered_with(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    revision = signed(world)
    call_command("verify_records")
    assert capsys.readouterr().out == "1\n"
    rewrite(revision, subject_label="别的活动")
    with pytest.raises(CommandError, match=f"{revision.record_id} 1 内容与签字时的校验值不符"):
        call_command("verify_records")


def test_tampering_is_found_without_reading_every_row_on_its_own(
    world: World, django_assert_num_queries
) -> None:
    first = signed(world)
    reopen(opened=world.opened(), because="改")
    second = signed(world)
    with django_assert_num_queries(2):
        queries.what_is_wrong([first, second])


def test_nothing_of_a_refused_signing_is_left(world: World) -> None:
    with pytest.raises(Denied):
        sign(opened=world.opened(world.reader), seen=world.draft().digest)
    assert not Record.objects.exists()
    assert not RecordTask.objects.exists()
    assert not Event.objects.filter(kind__startswith="record").exists()
