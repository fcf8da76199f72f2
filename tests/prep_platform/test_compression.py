import gzip

from django.test import Client


def test_pages_are_compressed_for_who_understands_it(client: Client, db: None) -> None:
    answer = client.get("/login/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "同步备课" in gzip.decompress(answer.content).decode()
    assert client.get("/login/").headers.get("Content-Encoding") is None
