"""The same on a real S3 server: bytes go in, and readers are sent on with an address that ends."""

import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.compat
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from foundation.files.errors import FileRefused
from foundation.files.models import Blob
from tests.factories import make_user
from tests.files.pictures import picture
from tests.support.s3 import S3Server

pytestmark = pytest.mark.s3


def fetched(address: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def bucket() -> Any:
    return default_storage.bucket  # type: ignore[attr-defined]  # S3Storage


@pytest.fixture
def reader(client, readers, db):
    person = make_user()
    readers.add(person.pk)
    client.force_login(person)
    return client


def test_a_reader_is_sent_on_to_the_bytes(s3: S3Server, reader, send):
    file = send(name="板书 1.png")

    response = reader.get(reverse("file", args=[file.pk]))

    assert response.status_code == 302
    assert response["Location"].startswith(f"{s3.endpoint}/")
    assert response["Cache-Control"] == "private, max-age=300"
    assert int(parse_qs(urlsplit(response["Location"]).query)["X-Amz-Expires"][0]) > 300
    assert f"img-src 'self' data: blob: {s3.endpoint};" in response["Content-Security-Policy"]
    status, content, headers = fetched(response["Location"])
    assert (status, content) == (200, picture())
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == "inline; filename*=UTF-8''%E6%9D%BF%E4%B9%A6%201.png"


def test_who_may_not_gets_no_address(s3: S3Server, client, readers, send):
    client.force_login(make_user())

    response = client.get(reverse("file", args=[send().pk]))

    assert response.status_code == 404
    assert s3.endpoint not in response.content.decode()


def test_without_a_signature_the_server_gives_nothing(s3: S3Server, send):
    bare, _query = default_storage.url(send().blob.storage_name).split("?")

    status, content, _headers = fetched(bare)

    assert status in {400, 401, 403}
    assert picture() not in content


def test_an_address_ends(s3: S3Server, send, monkeypatch):
    name = send().blob.storage_name
    long_ago = botocore.compat.get_current_datetime() - timedelta(minutes=11)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: long_ago)

    assert fetched(default_storage.url(name))[0] == 403


def test_the_same_bytes_are_one_object(s3: S3Server, send):
    first, second = send(), send()

    assert first.blob == second.blob
    assert Blob.objects.count() == 1
    assert [each.key for each in bucket().objects.all()] == [first.blob.storage_name]


def test_nothing_is_left_when_a_picture_is_refused(s3: S3Server, send):
    with pytest.raises(FileRefused):
        send(b"<svg/>")
    assert list(bucket().objects.all()) == []
