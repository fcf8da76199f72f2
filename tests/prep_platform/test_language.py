"""Chinese unless someone chose otherwise: English in full, Korean in part."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from prep_platform.context import OFFERED_LANGUAGES
from tests.factories import make_teacher

TEMPLATES = Path(settings.BASE_DIR) / "templates"
TRANSLATED = re.compile(r'{% translate "([^"]+)"')
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


def test_the_page_offers_the_languages_that_are_complete(client: Client, db: None) -> None:
    client.force_login(make_teacher())
    assert re.findall(r'name="language" value="([^"]+)"', client.get("/").content.decode()) == [
        "zh-hans",
        "en",
    ]
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/").content.decode()
    assert 'value="en" lang="en" aria-pressed="true"' in page
    assert "Today" in page


@pytest.mark.parametrize("language", [code for code in OFFERED_LANGUAGES if code != settings.LANGUAGE_CODE])
def test_nothing_that_is_offered_is_left_untranslated(language: str) -> None:
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    empty = [_plain(key) for key, value in ENTRY.findall(text) if not _plain(value)]
    assert empty == []
    assert "#, fuzzy" not in text
    listed = {_plain(key) for key in re.findall(r'^msgid ((?:".*"\n)+)', text, re.MULTILINE)}
    pages = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    assert set(TRANSLATED.findall(pages)) - listed == set()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    """After a change: `msgfmt -o django.mo django.po` in that folder."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    written = {_plain(key): _plain(value) for key, value in ENTRY.findall(text) if _plain(key)}
    assert len(written) > 30
    contexts = set(re.findall(r'^msgctxt "(.+)"$', text, re.MULTILINE))
    with translation.override(language):
        wrong = {
            key
            for key, said in written.items()
            if said not in {translation.gettext(key), *(translation.pgettext(one, key) for one in contexts)}
        }
    assert wrong == set()


def _plain(quoted: str) -> str:
    joined = "".join(line.strip()[1:-1] for line in quoted.splitlines())
    return joined.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
