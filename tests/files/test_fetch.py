"""Files are fetched by those whom the owner of their subject lets, and by nobody else."""

from uuid import uuid4

import pytest
from django.urls import reverse

from foundation.files.models import StoredFile
from foundation.files.operations import store
from tests.factories import make_superuser, make_user
from tests.files.conftest import SUBJECT
from tests.files.pictures import picture, upload


@pytest.fixture
def reader(client, readers, db):
    person = make_user()
    readers.add(person.pk)
    client.force_login(person)
    return client


def address(file: StoredFile) -> str:
    return reverse("file", args=[file.pk])


def test_a_reader_gets_the_bytes_to_keep(reader, send):
    response = reader.get(address(send()))

    assert response.status_code == 200
    assert response.content == picture()
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Content-Disposition"] == "inline; filename*=UTF-8''%E6%9D%BF%E4%B9%A6.png"


def test_a_name_cannot_add_a_header(reader, send):
    response = reader.get(address(send(name='a"\r\nX-Evil: 1.png')))

    assert "X-Evil" not in response
    assert "\n" not in response["Content-Disposition"]


def test_who_is_not_let_in_is_told_nothing(client, send, readers):
    client.force_login(make_user())
    file = send()

    hidden = client.get(address(file))
    absent = client.get(reverse("file", args=[uuid4()]))

    assert hidden.status_code == absent.status_code == 404
    assert str(file.pk) not in hidden.content.decode()
    assert file.name not in hidden.content.decode()


def test_the_sender_alone_is_no_reason(client, send, teacher, readers):
    client.force_login(teacher)

    assert client.get(address(send())).status_code == 404


def test_a_kind_nobody_answers_for_is_closed(reader, teacher):
    file = store(upload=upload(picture()), subject_kind="unknown", subject_id=SUBJECT, actor=teacher)

    assert reader.get(address(file)).status_code == 404


def test_who_is_not_signed_in_is_asked_to(client, send):
    assert client.get(address(send()))["Location"].startswith("/login/")


def test_a_file_is_only_read(reader, send):
    assert reader.post(address(send())).status_code == 405


def test_fetching_costs_one_query_beside_the_session(reader, send, django_assert_num_queries):
    path = address(send())

    with django_assert_num_queries(3):  # session, person, file with blob
        reader.get(path)


def test_the_admin_lists_and_changes_nothing(client, send):
    file = send()
    client.force_login(make_superuser())

    assert client.get("/admin/files/storedfile/").status_code == 200
    assert client.post(f"/admin/files/storedfile/{file.pk}/delete/", {"post": "yes"}).status_code == 403
    assert StoredFile.objects.exists()
