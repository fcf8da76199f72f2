"""What holds for every answer: health, language, security policy, error pages."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from prep_platform import views
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


def test_the_page_for_a_breakdown_needs_no_database(settings):
    settings.ROOT_URLCONF = __name__

    from prep_platform.errors import server_error

    assert server_error(HttpRequest()).status_code == 500


def test_a_page_for_a_stranger_tells_nothing_either(db):
    response = Client().get("/nothing/")

    assert response.status_code == 404
    assert "nothing" not in response.content.decode()
