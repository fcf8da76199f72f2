"""The real server sends the mail by itself: the job runs in it, without anything else started."""

import re
import shutil
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.support.processes import ServerProcess, run_python


def test_a_forgotten_password_is_mailed(prepared_folder: Path, tmp_path: Path) -> None:
    folder, letters = tmp_path / "data", tmp_path / "letters"
    shutil.copytree(prepared_folder, folder)
    letters.mkdir()
    username = run_python(
        folder,
        "-c",
        "import django; django.setup()\n"
        "from foundation.accounts.models import User\n"
        "person = User.objects.filter(is_demo=True).order_by('pk').first()\n"
        "person.email = 'jin@example.org'; person.save(); print(person.username)",
    ).strip()
    server = ServerProcess(folder, variables={"EMAIL_URL": f"file:///{letters}"})
    try:
        server.start()
        cookies = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        page = browser.open(f"{server.url}/forgotten/", timeout=30).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "username": username}
        browser.open(f"{server.url}/forgotten/", urllib.parse.urlencode(fields).encode(), timeout=30)
        deadline = time.monotonic() + 60
        while not (found := _finished(letters)) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        server.kill()
    (letter,) = found
    text = letter.read_text()
    assert "To: jin@example.org" in text


def _finished(letters: Path) -> list[Path]:
    """Django's backend for files ends each letter with a line of dashes."""
    return [letter for letter in letters.iterdir() if letter.read_text().rstrip().endswith("-" * 79)]
