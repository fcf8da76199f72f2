"""Letters: to whom, when, once; what stands in them; and how they are stopped."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from foundation.accounts.models import User
from foundation.notices import kinds, operations, tasks
from foundation.notices.kinds import Channel, Kind
from foundation.notices.mail import deliver, send_digests
from foundation.notices.models import MailSettings, Notice, Preference
from foundation.notices.operations import notify
from tests.factories import make_teacher, make_user

FLOORS = ("foundation", "teaching_centres", "lessons", "prep_platform")
TOLD = re.compile(
    r'\bkind="([a-z_]+\.[a-z_]+)",[^()]*?\btext=|\btext=[^()]*?\bkind="([a-z_]+\.[a-z_]+)"', re.S
)
TEXT = "李老师请你一起写教案《山行》"


@pytest.fixture(autouse=True)
def mail_is_sent(settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    settings.SITE_URL = "https://beike.example.cn"


@pytest.fixture
def person(db: None) -> User:
    return make_user(email="li@example.org")


def wants(user: User, channel: str, kind: str = "plan.invited", **options: Any) -> None:
    values = {"digest_hour": 7, "stopped": False} | options
    operations.set_preferences(actor=user, channels={kind: Channel(channel)}, **values)


def tell(*people: User, kind: str = "plan.invited", text: str = TEXT) -> int:
    return notify(recipients=people, kind=kind, text=text, path="/plans/")


def at(hour: int, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, 5, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`clock(hour)` sets the time, and says it."""

    def set_to(hour: int, day: int = 24) -> datetime:
        moment = at(hour, day)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    set_to(6)
    return set_to


# ---- how each one wants to hear of it -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("channel", "under_bell", "by_mail"),
    [("off", 0, None), ("bell", 1, ""), ("digest", 1, "digest"), ("mail", 1, "now")],
)
def test_everyone_hears_of_it_as_chosen(
    person: User, channel: str, under_bell: int, by_mail: str | None
) -> None:
    wants(person, channel)
    assert tell(person) == under_bell
    assert [notice.mail for notice in Notice.objects.all()] == ([] if by_mail is None else [by_mail])


def test_a_kind_has_a_default_and_what_nobody_declared_is_other(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "_kinds", {"loud": Kind("loud", "大声", Channel.MAIL)})
    wants(person, "off", "other")
    assert tell(person, kind="loud") == 1
    assert tell(person, kind="unheard-of") == 0
    assert Notice.objects.get().mail == "now"


def test_what_equals_the_default_is_not_kept(person: User) -> None:
    wants(person, "mail")
    wants(person, "bell")
    assert not Preference.objects.exists()


# ---- at once -------------------------------------------------------------------------------------------
def test_a_letter_goes_out_once_when_the_act_is_committed(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    wants(person, "mail")
    with django_capture_on_commit_callbacks(execute=True):
        tell(person)
        assert mail.outbox == []
    [letter] = mail.outbox
    assert letter.to == ["li@example.org"]
    assert deliver() == 0
    assert len(mail.outbox) == 1


def test_a_letter_says_no_more_than_the_line_and_leads_to_the_notices(person: User) -> None:
    wants(person, "mail")
    tell(person)
    deliver()
    [letter] = mail.outbox
    assert letter.subject == "同步备课：1 条新消息"
    html = str(letter.alternatives[0].content)
    for body in (letter.body, html):
        assert TEXT in body
        assert "https://beike.example.cn/notices/" in body
        assert person.name not in body
        assert person.username not in body
        addresses = [
            address for address in re.findall(r"https://[^\s\"<]+", body) if "/mail/stop/" not in address
        ]
        assert not [address for address in addresses if re.search(r"\d", address)], "no id in an address"


def test_markup_in_a_title_stays_text(person: User) -> None:
    wants(person, "mail")
    tell(person, text="<b>李</b>")
    deliver()
    assert "&lt;b&gt;" in str(mail.outbox[0].alternatives[0].content)
    assert "<b>李</b>" in mail.outbox[0].body


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_who_cannot_be_reached_gets_no_letter(db: None, fields: dict[str, Any]) -> None:
    person = make_user(**({"email": "li@example.org"} | fields))
    wants(person, "mail")
    tell(person)
    assert deliver() == 0
    assert mail.outbox == []


def test_what_was_read_or_is_old_is_not_mailed(person: User) -> None:
    wants(person, "mail")
    tell(person)
    operations.mark_read(actor=person)
    tell(person, text="旧")
    Notice.objects.filter(text="旧").update(created_at=timezone.now() - timedelta(days=4))
    assert deliver() == 0


class RefusingBackend(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise OSError(f"refused: {messages[0].to}")


def test_a_letter_that_was_refused_goes_out_later_and_the_log_names_nobody(
    person: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    wants(person, "mail")
    tell(person)
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    assert deliver() == 0
    assert "OSError" in caplog.text
    assert "li@" not in caplog.text
    settings.EMAIL_BACKEND = usual
    assert deliver() == 1


# ---- the daily letter ------------------------------------------------------------------------------------
def test_the_daily_letter_comes_once_at_ones_hour(person: User, clock: Any) -> None:
    wants(person, "digest", digest_hour=7)
    tell(person)
    tell(person, text="另一条")
    assert send_digests(clock(6)) == 0
    assert send_digests(clock(7)) == 1
    assert send_digests(clock(8)) == 0
    tell(person, text="又一条")
    assert send_digests(clock(20)) == 0, "tomorrow"
    assert send_digests(clock(7, day=25)) == 1
    assert [letter.subject for letter in mail.outbox] == ["同步备课：2 条新消息", "同步备课：1 条新消息"]


def test_an_hour_that_was_missed_is_made_up_the_same_day(person: User, clock: Any) -> None:
    wants(person, "digest", digest_hour=7)
    tell(person)
    assert send_digests(clock(15)) == 1


def test_nothing_comes_where_there_is_nothing(person: User, clock: Any) -> None:
    wants(person, "digest")
    assert send_digests(clock(7)) == 0
    tell(person)
    operations.mark_read(actor=person)
    assert send_digests(clock(8)) == 0
    assert mail.outbox == []


def test_a_daily_letter_that_was_refused_comes_the_same_day(
    person: User, clock: Any, settings: Settings
) -> None:
    wants(person, "digest")
    tell(person)
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.RefusingBackend"
    assert send_digests(clock(7)) == 0
    settings.EMAIL_BACKEND = usual
    assert send_digests(clock(8)) == 1


def test_the_jobs_do_what_is_due(person: User, clock: Any) -> None:
    wants(person, "digest")
    tell(person)
    clock(9)
    tasks.send_digests.call_local()
    tasks.deliver_what_is_left.call_local()
    assert len(mail.outbox) == 1


# ---- stopping --------------------------------------------------------------------------------------------
def stop_path() -> str:
    header = mail.outbox[0].extra_headers
    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(header["List-Unsubscribe"]).strip("<>").removeprefix("https://beike.example.cn")


def test_letters_are_stopped_by_a_link_that_names_nobody(person: User) -> None:
    wants(person, "mail")
    tell(person)
    deliver()
    path = stop_path()
    assert str(person.pk) not in path.split(":")[0].split("/")
    anyone = Client(enforce_csrf_checks=True)
    assert "不再收" in anyone.get(path).content.decode()
    assert not MailSettings.objects.get().stopped, "looking at the link is not enough"
    assert "以后不发信了" in anyone.post(path).content.decode()
    tell(person, text="另一条")
    assert deliver() == 0
    assert Notice.objects.filter(recipient=person).count() == 2, "the bell still has it"


def test_a_link_that_was_made_up_stops_nothing(person: User, client: Client) -> None:
    wants(person, "mail")
    key = MailSettings.objects.get().key
    for token in ("x", key, f"{key}:AAAA"):
        assert client.post(f"/mail/stop/{token}/").status_code == 404
    assert not MailSettings.objects.get().stopped


# ---- the page ---------------------------------------------------------------------------------------------
@pytest.fixture
def teacher(db: None) -> User:
    return make_teacher(email="wang@example.org")


def test_the_page_keeps_what_was_chosen(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    page = client.get("/notices/settings/").content.decode()
    assert "有人请你看或一起写教案" in page
    given = {f"kind-{kind.name}": "bell" for kind in kinds.kinds()}
    given |= {"kind-plan.invited": "digest", "digest_hour": "18", "letters": "on"}
    assert client.post("/notices/settings/", given).status_code == 302
    assert [(row.kind, row.channel) for row in Preference.objects.all()] == [("plan.invited", "digest")]
    own = MailSettings.objects.get()
    assert (own.digest_hour, own.stopped) == (18, False)
    assert client.post("/notices/settings/", given | {"kind-plan.invited": "shout"}).status_code == 422


def test_without_mail_the_page_says_so_and_changes_nothing_of_it(
    client: Client, teacher: User, settings: Settings
) -> None:
    wants(teacher, "bell", digest_hour=18, stopped=True)
    settings.MAIL_IS_SENT = False
    client.force_login(teacher)
    page = client.get("/notices/settings/").content.decode()
    assert "还没有接上邮件" in page
    assert "马上发信" not in page
    client.post("/notices/settings/", {f"kind-{kind.name}": "off" for kind in kinds.kinds()})
    own = MailSettings.objects.get()
    assert (own.digest_hour, own.stopped) == (18, True)
    assert {row.channel for row in Preference.objects.all()} == {"off"}


def test_every_kind_that_is_told_is_declared() -> None:
    """Otherwise people cannot choose how to hear of it."""
    base = Path(django_settings.BASE_DIR)
    sources = [path for floor in FLOORS for path in (base / floor).rglob("*.py")]
    told = {name for path in sources for pair in TOLD.findall(path.read_text()) for name in pair if name}
    assert len(told) >= 5
    assert told - {kind.name for kind in kinds.kinds()} == set()
