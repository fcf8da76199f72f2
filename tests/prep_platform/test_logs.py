"""Log lines carry no names, addresses or titles: what our code logs, and what libraries and exceptions add to it."""

import ast
import io
import json
import logging
from collections.abc import Callable, Iterator
from logging.config import DictConfigurator
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from foundation.accounts import tasks
from foundation.accounts.models import User
from lessons.models import LessonPlan
from prep_platform.logs import told
from prep_platform.urls import urlpatterns as ours
from tests.factories import make_plan, make_teacher, make_user

NAME, NUMBER, MAIL, TITLE = "欧阳明月", "13900001234", "ouyang@school.example", "圆的周长"
SECRETS = (NAME, NUMBER, MAIL, TITLE, "%E6%AC%A7")
FORMATS = ["line", "json"]


def formatter(name: str) -> logging.Formatter:
    """As the settings make it."""
    configured = dict(settings.LOGGING["formatters"][name])
    return DictConfigurator({"version": 1}).configure_formatter(configured)


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"no {request.GET['q']}")


urlpatterns = [path("break/", break_down), path("open/<str:token>/break/", break_down), *ours]


@pytest.fixture(params=FORMATS)
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Everything that all loggers write from here on, as an operator gets it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(request.param))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


def assert_discreet(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_page_that_breaks_is_logged_without_what_was_searched_for(
    db: None, settings: Any, written: Any
) -> None:
    settings.ROOT_URLCONF = __name__
    visitor = Client(raise_request_exception=False)
    visitor.force_login(make_user(name=NAME))

    assert visitor.get("/break/", {"q": NAME}).status_code == 500

    text = written()
    assert "/break/" in text
    assert "RuntimeError" in text
    assert "break_down" in text
    assert_discreet(text)


def test_a_one_time_link_stays_out_of_the_log(db: None, settings: Any, written: Any) -> None:
    settings.ROOT_URLCONF = __name__
    visitor = Client(raise_request_exception=False)
    visitor.force_login(make_user())

    visitor.get("/open/a-secret-token/break/", {"q": "x"})

    assert "/open/…/" in written()
    assert "a-secret-token" not in written()


@pytest.mark.parametrize("address", ["/calendar/feed/{}.ics", "/mail/stop/{}/"])
def test_the_secret_of_a_calendar_or_a_letter_stays_out_of_the_log(address: str, written: Any) -> None:
    logging.getLogger("django.security.csrf").warning("Forbidden: %s", address.format("a-secret-token"))

    assert address.partition("{")[0] + "…" in written()
    assert "a-secret-token" not in written()


def test_a_letter_that_cannot_be_sent_is_logged_without_its_address(
    db: None, monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    person = make_user(NUMBER, name=NAME, email=MAIL)

    def refuse(*arguments: Any, **more: Any) -> None:
        raise SMTPRecipientsRefused({MAIL: (550, b"no such user")})

    monkeypatch.setattr("foundation.accounts.operations.reset_mail.send_mail", refuse)
    logging.getLogger("huey").setLevel(logging.WARNING)
    tasks.mail_link(person.pk, "http://testserver/", None)

    assert "SMTPRecipientsRefused" in written()
    assert_discreet(written())


def test_what_the_database_says_of_a_row_stays_out(db: None, written: Any) -> None:
    make_user(NUMBER, name=NAME)
    try:
        with transaction.atomic():
            make_user(NUMBER)
    except IntegrityError:
        logging.getLogger("lessons").exception("not stored")

    assert "django.db.utils.IntegrityError" in written()
    assert_discreet(written())


def test_the_code_of_an_error_stays_in(db: None) -> None:
    with pytest.raises(DatabaseError) as caught:
        User.objects.raw("SELECT nothing FROM nowhere")[0]
    code = "[SQLITE_ERROR]" if connection.vendor == "sqlite" else "[42P01]"
    assert code in told(caught.value)
    assert told(OSError(28, "No space left", f"/files/{TITLE}")) == "builtins.OSError [28]"


def test_a_failed_task_of_the_loop_is_logged_without_what_it_says(written: Any) -> None:
    logging.getLogger("asyncio").error(
        "Task exception was never retrieved\nfuture: <Task finished name='Task-1' exception=%r>",
        ValueError(NAME),
    )

    assert "exception=ValueError" in written()
    assert_discreet(written())


def test_the_address_of_a_slow_request_is_logged_without_its_query(written: Any) -> None:
    logging.getLogger("daphne.server").warning(
        "connection %s took too long", f"<WebRequest uri=/people/?q={NAME}>"
    )

    assert "/people/?…" in written()
    assert_discreet(written())


def test_work_with_a_plan_is_logged_without_its_title_or_its_people(db: None, written: Any) -> None:
    plan: LessonPlan = make_plan(make_teacher(name=NAME, username=NUMBER), title=TITLE)
    visitor = Client()
    visitor.force_login(plan.owner)
    visitor.get(f"/plans/{plan.pk}/")
    logging.getLogger("lessons").error("plan %s", plan.pk)

    assert str(plan.pk) in written()
    own = [line for line in written().splitlines() if "django.db.backends" not in line]
    assert_discreet("\n".join(own))


def test_json_lines_hold_their_fields_and_nothing_that_a_library_attached() -> None:
    record = logging.LogRecord("a", logging.ERROR, "", 0, "一行 %s", ("x",), None)
    record.request = f"<Request GET '/people/?q={NAME}'>"
    found = json.loads(formatter("json").format(record))

    assert (found["message"], set(found)) == ("一行 x", {"at", "level", "logger", "message"})


# ---- what our own code hands to a logger ----------------------------------------------------------------------
HARMLESS = {
    "DRAIN_SECONDS", "document", "document_id", "entries[0].document", "found.document", "import_id", "kind.name",
    "len(updates)", "merge.pk", "number + 1", "pk", "plan.pk", "refusal", "refusal.code", "room.document",
    "job_id", "self.document", "type(error).__name__", "version.pk", "version_id",
}  # fmt: skip
PACKAGES = ("prep_platform", "lessons", "teaching_centres", "foundation", "realtime")


def test_our_code_logs_constants_with_ids_codes_and_counts() -> None:
    """A new argument is entered above by someone who has looked that it says nothing about a person."""
    wrong = []
    for file in (file for name in PACKAGES for file in (settings.BASE_DIR / name).rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("logger.")):
                continue
            text, *arguments = call.args
            said = [ast.unparse(argument) for argument in arguments]
            if not isinstance(text, ast.Constant) or set(said) - HARMLESS:
                wrong.append(f"{file.name}:{call.lineno} {ast.unparse(call)}")
    assert wrong == []
