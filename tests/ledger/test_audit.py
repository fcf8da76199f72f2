"""The audit trail keeps every administrative act, done or refused, and shows any later change of itself."""

import random
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from foundation.ledger.acts import ACTS, DETAILS
from foundation.ledger.audit import audit, audited, heads, refusals_outlive_rollback, verify
from foundation.ledger.errors import AppendOnly, NotInTransaction, UnknownAct
from foundation.ledger.events import Place
from foundation.ledger.models import AuditEntry, AuditHead
from tests.factories import make_user

HERE = Place(role="administrator", school_id=3, region_id=7)
THERE = Place(role="administrator", school_id=4, region_id=8)


def enter(number: int = 1, place: Place = HERE) -> None:
    audit(act="school.changed", actor=None, subject_kind="school", subject_id=number, place=place)


def tamper(sql: str, *values: object) -> None:
    """As someone who has the database, past the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def chain(db):
    """Five entries of one county and three of another."""
    for number in range(1, 6):
        enter(number)
    for number in range(1, 4):
        enter(number, THERE)


def test_an_entry_keeps_who_did_what_to_whom_and_where(db):
    actor = make_user()

    audit(
        act="membership.granted",
        actor=actor,
        subject_kind="user",
        subject_id=12,
        place=HERE,
        details={"role": "teacher", "school_id": 3},
    )

    entry = AuditEntry.objects.get()
    assert (entry.act, entry.allowed, entry.actor_id, entry.role) == (
        "membership.granted",
        True,
        actor.pk,
        "administrator",
    )
    assert (entry.school_id, entry.region_id) == (3, 7)
    assert (entry.subject_kind, entry.subject_id) == ("user", "12")
    assert entry.details == {"role": "teacher", "school_id": 3}


def test_the_name_of_a_person_is_not_kept(db):
    audit(act="person.closed", actor=None, subject_kind="user", subject_id=12, subject_label="金明淑")
    audit(act="school.closed", actor=None, subject_kind="school", subject_id=3, subject_label="第一小学")

    assert list(AuditEntry.objects.order_by("number").values_list("subject_label", flat=True)) == [
        "",
        "第一小学",
    ]


@pytest.mark.parametrize(
    ("act", "details"),
    [
        ("person.invented", {}),
        ("person.closed", {"name": "金明淑"}),
        ("membership.granted", {"role": ["teacher"]}),
        ("membership.granted", {"role": 1.5}),
    ],
)
def test_what_the_catalogue_does_not_declare_is_refused(db, act, details):
    with pytest.raises(UnknownAct):
        audit(act=act, actor=None, subject_kind="user", subject_id=1, details=details)
    with (
        pytest.raises(UnknownAct),
        audited(act, actor=None, subject_kind="user", subject_id=1, details=details),
    ):
        pass
    assert not AuditEntry.objects.exists()


def test_the_catalogue_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        ACTS["person.invented"] = ACTS["person.closed"]


# ---- with the act, and without it ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_act_is_entered_in_its_own_transaction():
    with pytest.raises(NotInTransaction):
        enter()
    with transaction.atomic():
        enter()
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry():
    with (
        pytest.raises(ValueError, match="broken"),
        audited("school.closed", actor=None, subject_kind="school", subject_id=3),
    ):
        raise ValueError("broken")

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_entered_and_the_act_is_rolled_back():
    actor = make_user()

    def act() -> None:
        with audited("person.closed", actor=actor, subject_kind="user", subject_id=5, place=HERE):
            make_user("half-done")
            raise PermissionDenied

    with pytest.raises(PermissionDenied):
        act()

    entry = AuditEntry.objects.get()
    assert (entry.act, entry.allowed, entry.actor_id, entry.region_id) == (
        "person.closed",
        False,
        actor.pk,
        7,
    )
    assert not type(actor).objects.filter(username="half-done").exists()
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_refusal_inside_other_transactions_of_a_request_is_entered_when_it_ends():
    with (
        refusals_outlive_rollback(),
        pytest.raises(PermissionDenied),
        transaction.atomic(),
        audited("person.closed", actor=None, subject_kind="user", subject_id=5),
    ):
        raise PermissionDenied

    assert list(AuditEntry.objects.values_list("act", "allowed")) == [("person.closed", False)]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_would_be_rolled_back_is_not_lost_in_silence():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        audit(act="person.closed", actor=None, subject_kind="user", subject_id=5, allowed=False)


@pytest.mark.django_db(transaction=True)
def test_acts_within_an_act_are_entered_together_and_a_refused_one_refuses_all():
    def grant() -> None:
        with audited("membership.granted", actor=None, subject_kind="user", subject_id=5):
            audit(act="region.changed", actor=None, subject_kind="region", subject_id=1)
            raise ValueError("not possible")

    with audited("membership.transferred", actor=None, subject_kind="user", subject_id=5):
        with audited("membership.ended", actor=None, subject_kind="user", subject_id=5):
            pass
        with pytest.raises(ValueError, match="not possible"):
            grant()
        enter()
        assert not AuditEntry.objects.exists(), "the chain is locked at the end only"

    acts = {"membership.ended", "school.changed", "membership.transferred"}
    assert set(AuditEntry.objects.values_list("act", flat=True)) == acts

    def transfer() -> None:
        with audited("membership.transferred", actor=None, subject_kind="user", subject_id=6):
            with audited("membership.ended", actor=None, subject_kind="user", subject_id=6):
                pass
            with audited("membership.granted", actor=None, subject_kind="user", subject_id=6):
                raise PermissionDenied

    with pytest.raises(PermissionDenied):
        transfer()

    about_six = AuditEntry.objects.filter(subject_id="6").order_by("number")
    assert list(about_six.values_list("act", "allowed")) == [
        ("membership.granted", False),
        ("membership.transferred", False),
    ]
    assert verify() == []


def test_appending_costs_three_statements(db, django_assert_num_queries):
    enter()
    with django_assert_num_queries(3):
        enter()


# ---- what the chain shows --------------------------------------------------------------------------


def test_an_untouched_trail_is_whole_and_each_county_has_its_chain(chain):
    assert verify() == []
    assert [(head.chain, head.number) for head in heads()] == [("region-7", 5), ("region-8", 3)]


COLUMNS = {
    "act": "school.closed",
    "allowed": False,
    "actor_id": 99,
    "role": "teacher",
    "school_id": 99,
    "region_id": 99,
    "subject_kind": "user",
    "subject_id": "99",
    "subject_label": "x",
    "details": '{"fields": "name"}',
    "at": "2020-01-01 00:00:00+00:00",
    "previous": "0" * 64,
    "hash": "0" * 64,
}


def test_the_columns_above_are_all_there_are():
    kept = {field.attname for field in AuditEntry._meta.fields}
    assert kept == {*COLUMNS, "id", "chain", "number"}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_altered_column_is_found(chain, column):
    tamper(
        f"UPDATE ledger_auditentry SET {column} = %s WHERE chain = 'region-7' AND number = 3", COLUMNS[column]
    )

    assert [(broken.chain, broken.number) for broken in verify()] == [("region-7", 3)]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_entry_is_found(chain, number):
    tamper("DELETE FROM ledger_auditentry WHERE chain = 'region-7' AND number = %s", number)

    assert [(broken.chain, broken.number) for broken in verify()] == [("region-7", number)]


def test_entries_in_another_order_are_found(chain):
    for before, after in ((2, 100), (3, 2), (100, 3)):
        tamper(
            "UPDATE ledger_auditentry SET number = %s WHERE chain = 'region-7' AND number = %s", after, before
        )

    assert [(broken.chain, broken.number) for broken in verify()] == [("region-7", 2)]


def test_an_entry_in_another_chain_is_found(chain):
    tamper("DELETE FROM ledger_auditentry WHERE chain = 'region-7' AND number = 3")
    tamper("UPDATE ledger_auditentry SET chain = 'region-7' WHERE chain = 'region-8' AND number = 3")

    assert [(broken.chain, broken.number) for broken in verify()] == [("region-7", 3), ("region-8", 3)]


def test_a_chain_that_is_gone_as_a_whole_is_found_by_its_head(chain):
    tamper("DELETE FROM ledger_auditentry WHERE chain = 'region-8'")

    assert [(broken.chain, broken.number) for broken in verify()] == [("region-8", 1)]


def test_a_chain_written_anew_with_its_head_is_found_by_an_anchor(chain):
    anchors = heads()
    tamper("DELETE FROM ledger_auditentry WHERE chain = 'region-8'")
    tamper("DELETE FROM ledger_audithead WHERE chain = 'region-8'")
    for number in (1, 2, 4):
        enter(number, THERE)

    assert verify() == []
    assert [(broken.chain, broken.number) for broken in verify(anchors)] == [("region-8", 3)]

    tamper("DELETE FROM ledger_auditentry WHERE chain = 'region-8'")
    tamper("DELETE FROM ledger_audithead WHERE chain = 'region-8'")
    assert [(broken.chain, broken.number) for broken in verify(anchors)] == [("region-8", 1)]


def test_any_tampering_at_random_is_found(chain):
    """Whatever one column of one entry is changed to: seeds 0 to 39."""
    for seed in range(40):
        drawn = random.Random(seed)
        column, number = drawn.choice(sorted(COLUMNS)), drawn.randint(1, 5)
        with transaction.atomic():
            tamper(
                f"UPDATE ledger_auditentry SET {column} = %s WHERE chain = 'region-7' AND number = %s",
                COLUMNS[column],
                number,
            )
            assert [broken.number for broken in verify()] == [number], seed
            transaction.set_rollback(True)
    assert verify() == []


def test_the_command_prints_anchors_or_the_first_broken_entry(chain, tmp_path):
    printed = StringIO()
    call_command("verify_audit", stdout=printed)
    lines = printed.getvalue().splitlines()
    assert lines == [str(head) for head in heads()]
    anchors = tmp_path / "anchors"
    anchors.write_text(printed.getvalue())
    enter()
    call_command("verify_audit", anchors=anchors, stdout=StringIO())

    tamper("UPDATE ledger_auditentry SET actor_id = 1 WHERE chain = 'region-7' AND number = 2")
    with pytest.raises(CommandError, match="region-7 2 内容被改过") as failed:
        call_command("verify_audit", anchors=anchors)
    assert failed.value.returncode == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda row: AuditEntry.objects.update(act="x"),
        lambda row: AuditEntry.objects.filter(pk=row.pk).delete(),
        lambda row: AuditEntry.objects.bulk_update([row], ["act"]),
        lambda row: row.save(),
        lambda row: row.delete(),
    ],
)
def test_the_application_neither_changes_nor_deletes_entries(db, change):
    enter()

    with pytest.raises(AppendOnly):
        change(AuditEntry.objects.get())

    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_fork_a_chain():
    def work(worker: int) -> None:
        try:
            for turn in range(5):
                with transaction.atomic():
                    enter(worker, HERE if turn % 2 else THERE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert AuditEntry.objects.count() == 40
    assert [(head.chain, head.number) for head in heads()] == [("region-7", 16), ("region-8", 24)]
    assert verify() == []
    assert AuditHead.objects.count() == 2


def test_every_detail_has_a_name_for_the_page():
    assert {detail for act in ACTS.values() for detail in act.details} == set(DETAILS)
