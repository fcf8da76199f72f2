"""What holds for every answer: health, language, security policy, error pages."""

import pytest
from channels.testing import HttpCommunicator
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from prep_platform import views
from prep_platform.asgi import application
from prep_platform.urls import urlpatterns as ours
from teaching_centres.errors import Denied
from tests.factories import make_user

REASON = "这份教案没有开放给你。"


def refuse(request: HttpRequest) -> HttpResponse:
    raise Denied(REASON)


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("secret detail")


broken = [path("refuse/", refuse), path("break/", break_down), path("suspicious/", suspicious)]
urlpatterns = [path("", include(broken)), path("api/test/", include(broken)), *ours]
handler400 = "prep_platform.errors.bad_request"
handler403 = "prep_platform.errors.forbidden"
handler404 = "prep_platform.errors.not_found"
handler500 = "prep_platform.errors.server_error"


@pytest.fixture
def visitor(db, settings) -> Client:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    return client


def test_health_is_public_and_asks_the_database(db, monkeypatch):
    assert Client().get("/health").json() == {"status": "ok"}

    class Broken:
        def cursor(self):
            raise DatabaseError

    monkeypatch.setattr(views, "connection", Broken())
    response = Client().get("/health")
    assert (response.status_code, response.json()) == (503, {"status": "no database"})


@pytest.mark.parametrize("language", ["en-US,en;q=0.9", "ko", ""])
def test_pages_are_chinese_whatever_the_browser_says(db, language):
    response = Client().get("/login/", headers={"Accept-Language": language})

    assert response["Content-Language"] == "zh-hans"
    assert "Accept-Language" not in response.get("Vary", "")


def test_a_chosen_language_stays_chosen(db):
    visitor = Client()

    visitor.post("/language/", {"language": "en", "next": "/login/"})

    assert visitor.get("/login/")["Content-Language"] == "en"


def test_an_unknown_language_is_chinese(db):
    visitor = Client()
    visitor.cookies["django_language"] = "../../etc"

    assert visitor.get("/login/")["Content-Language"] == "zh-hans"


def test_the_policy_allows_own_scripts_and_sockets_only(db):
    policy = Client().get("/login/")["Content-Security-Policy"].split("; ")

    assert "default-src 'self'" in policy
    assert "img-src 'self' data: blob:" in policy
    assert "connect-src 'self' ws://testserver" in policy
    assert not [part for part in policy if "script" in part]


def test_the_policy_lets_pictures_come_from_the_object_server(db, settings):
    options = {"bucket_name": "prep", "endpoint_url": "https://s3.jl.example:9000"}
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "x", "OPTIONS": options}}

    assert (
        "img-src 'self' data: blob: https://s3.jl.example:9000;"
        in Client().get("/health")["Content-Security-Policy"]
    )


def test_a_denial_is_a_page_with_its_reason(visitor):
    response = visitor.get("/refuse/")

    assert response.status_code == 403
    assert REASON in response.content.decode()


def test_a_denial_in_a_part_of_a_page_is_a_part(visitor):
    response = visitor.get("/refuse/", headers={"HX-Request": "true"})

    assert response.status_code == 403
    assert REASON in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_denial_in_the_api_is_a_problem_document(visitor):
    response = visitor.get("/api/test/refuse/")

    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == REASON


@pytest.mark.parametrize(("address", "status"), [("/break/", 500), ("/suspicious/", 400), ("/nothing/", 404)])
def test_errors_are_chinese_pages_that_tell_nothing(visitor, address, status):
    response = visitor.get(address)

    text = response.content.decode()
    assert response.status_code == status
    assert '<html lang="zh-Hans"' in text
    assert "secret" not in text
    assert "nothing" not in text


@pytest.mark.parametrize(("address", "status"), [("/api/test/break/", 500), ("/api/nothing/", 404)])
def test_errors_of_the_api_are_problem_documents(visitor, address, status):
    response = visitor.get(address)

    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert "secret" not in response.content.decode()


FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"


@pytest.mark.parametrize("encoding", ["utf-16", "gbk", "no-such-thing"])
@pytest.mark.parametrize("kind", [FORM, PARTS, JSON])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_text_in_another_encoding_is_a_bad_request(db, encoding, kind, method):
    visitor = Client(raise_request_exception=False, enforce_csrf_checks=True)

    for address, media_type in [
        ("/login/?next=%ff", "text/html"),
        ("/api/v1/session", "application/problem+json"),
    ]:
        response = visitor.generic(method, address, b"username=a", content_type=f"{kind}; charset={encoding}")
        assert response.status_code == 400
        assert response["Content-Type"].startswith(media_type)
        assert "UTF-8" in response.content.decode()


@pytest.mark.parametrize(
    "named", ["charset=hex", "charset=idna", "charset=undefined", "charset*=hex''x", "charset=utf-16"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_encoding_that_is_none_for_text_is_a_bad_request_too(method, named):
    """Django would fail while it makes the request, before anything could answer."""
    headers = [(b"host", b"localhost"), (b"content-type", f"{FORM}; {named}".encode())]
    visitor = HttpCommunicator(application, method, "/login/?next=%ff", b"username=a", headers)

    response = await visitor.get_response()

    assert response["status"] == 400
    assert "UTF-8" in response["body"].decode()


@pytest.mark.parametrize("named", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_utf8_by_any_of_its_names_is_read(db, named):
    make_user(username="qiao-shan", password="a-long-enough-secret")
    body = "username=qiao-shan&password=wrong-%E5%AF%86%E7%A0%81"

    response = Client().generic("POST", "/login/", body, content_type=f"{FORM}; charset={named}")

    assert response.status_code == 200
    assert "qiao-shan" in response.content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_form_with_too_many_fields_is_a_bad_request(db, headers):
    """It is not read a second time for the page that says so."""
    visitor = Client(raise_request_exception=False, enforce_csrf_checks=True)
    fields = "&".join(f"f{number}=1" for number in range(1_100))
    visitor.get("/login/")

    response = visitor.generic("POST", "/login/", fields, content_type=FORM, headers=headers)

    assert response.status_code == 400
    assert "没有办成" in response.content.decode()


IMPOSSIBLE = [
    "ledger/event/?at__year=999999", "ledger/event/?at__year=9999", "ledger/event/?at__year=1",
    "ledger/event/?at__year=9999&at__month=12&at__day=31", "ledger/event/?at__year=" + "9" * 25,
    "accounts/user/?joined_at__year=999999", "accounts/user/?pk__in=" + "9" * 25,
    "lessons/lessonplan/?owner=" + "9" * 25,
]  # fmt: skip


@pytest.mark.parametrize("address", IMPOSSIBLE)
def test_a_list_of_the_admin_asked_for_the_impossible_is_no_breakdown(db, address):
    visitor = Client(raise_request_exception=False)
    visitor.force_login(make_user(is_staff=True, is_superuser=True))

    response = visitor.get(f"/admin/{address}")

    # Django's own word for a filter that it cannot read: back to the whole list
    assert response.status_code in (200, 302, 400)
    assert response.status_code != 302 or response["Location"].endswith("?e=1")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_without_its_database_the_process_says_so_and_is_still_measured(settings, db, error):
    settings.METRICS_TOKEN = "a-token-for-tests"

    def gone(*args):
        raise error("no connection")

    with connection.execute_wrapper(gone):
        for address in ("/health", "/ready"):
            response = Client().get(address)
            assert (response.status_code, response.json()) == (503, {"status": "no database"})
        response = Client().get("/metrics", headers={"Authorization": "Bearer a-token-for-tests"})
    assert response.status_code == 200
    assert b"realtime_rooms" in response.content


def test_the_page_for_a_breakdown_needs_no_database(settings):
    settings.ROOT_URLCONF = __name__

    from prep_platform.errors import server_error

    assert server_error(HttpRequest()).status_code == 500


def test_a_page_for_a_stranger_tells_nothing_either(db):
    response = Client().get("/nothing/")

    assert response.status_code == 404
    assert "nothing" not in response.content.decode()
