"""Chinese unless someone chose otherwise; the shell also speaks English and Korean."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

LOCALE = Path(settings.BASE_DIR) / "locale"
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)


def test_an_english_browser_gets_chinese_until_someone_chooses(client: Client, db: None) -> None:
    page = client.get("/login/", headers={"Accept-Language": "en-US,en"})
    assert '<html lang="zh-Hans">' in page.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "Sign in"), ("ko", "로그인")])
def test_the_chosen_language_is_spoken(client: Client, db: None, language: str, words: str) -> None:
    client.post("/language/", {"language": language, "next": "/login/"})
    page = client.get("/login/").content.decode()
    assert f'<html lang="{language}">' in page
    assert words in page


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    """After a change: `msgfmt -o django.mo django.po` in that folder."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    written = {_plain(key): _plain(value) for key, value in ENTRY.findall(text) if _plain(key)}
    assert len(written) > 30
    with translation.override(language):
        wrong = {
            key for key, said in written.items() if said not in {translation.gettext(key), _in_context(key)}
        }
    assert wrong == set()


def _in_context(key: str) -> str:
    return translation.pgettext("minutes", key)


def _plain(quoted: str) -> str:
    joined = "".join(line.strip()[1:-1] for line in quoted.splitlines())
    return joined.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
