"""A real OpenID Connect provider for tests: node-oidc-provider, from npm, as a process on loopback.

Its packages have a folder and locked versions of their own, because they have nothing to do with ours.
"""

import fcntl
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from tests.support.processes import free_port

BASE = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).with_name("oidc_provider")
NODE = Path(sys.executable).with_name("node")
NPM = Path(sys.executable).with_name("npm")


class OidcProvider:
    """Anybody may sign in there by giving an id of `people`; any password is right."""

    def __init__(
        self, *, jwks: dict[str, Any], clients: list[dict[str, Any]], people: dict[str, Any]
    ) -> None:
        (BASE / ".tools").mkdir(exist_ok=True)
        with (BASE / ".tools" / "oidc.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of a parallel run take turns
            _install()
        self.port = free_port()
        self.configuration = {"port": self.port, "clients": clients, "jwks": jwks, "people": people}
        self.process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(NODE), str(FOLDER / "provider.mjs"), json.dumps(self.configuration)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.strip() == "ready":
                return
        raise RuntimeError(f"The OpenID Connect provider did not start:\n{said}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def sign_in(self, address: str, person: str, back: str) -> str:
        """What someone's browser does at the provider: signs in, consents; the address that leads back to us."""
        browser = requests.Session()
        response = browser.get(address, allow_redirects=False, timeout=10)
        for _step in range(12):
            if response.is_redirect:
                address = urljoin(response.url, response.headers["Location"])
                if address.startswith(back):
                    return address
                response = browser.get(address, allow_redirects=False, timeout=10)
                continue
            response.raise_for_status()
            form = _Form(response.text)
            fields = (
                form.fields | {"login": person, "password": "any"} if "login" in form.fields else form.fields
            )
            response = browser.post(
                urljoin(response.url, form.action), data=fields, allow_redirects=False, timeout=10
            )
        raise RuntimeError(f"The provider leads nowhere: {response.text[:500]}")


class _Form(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag == "form" and not self.action:
            self.action = values.get("action") or ""
        if tag == "input" and values.get("name"):
            self.fields[values["name"] or ""] = values.get("value") or ""


def _install() -> None:
    lock_file, stamp = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".stamp"
    if stamp.is_file() and stamp.read_text() == lock_file.read_text():
        return
    subprocess.run([NPM, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True, capture_output=True)
    stamp.write_text(lock_file.read_text())
