"""What the repository promises to whoever clones it."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command

BASE = Path(settings.BASE_DIR)
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}
# `env("NAME"` in settings, `os.environ["NAME"]` and `os.environ.get("NAME"` anywhere in the platform
READS = re.compile(
    r"""(?:\benv(?:_\w+)?\(|environ(?:\.get\(|\.setdefault\(|\[))\s*["']([A-Z][A-Z0-9_]+)["']"""
)
INTERNAL = {"DJANGO_SETTINGS_MODULE", "PATH"}


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [BASE / name for name in names.split("\0") if name and (BASE / name).is_file()]


def platform_sources() -> list[Path]:
    folders = ["prep_platform", "lessons", "teaching_centres", "foundation", "realtime", "script"]
    return [path for path in tracked(*folders) if path.suffix in {".py", ""}]


def test_every_environment_variable_is_documented() -> None:
    read = {name for path in platform_sources() for name in READS.findall(path.read_text())} - INTERNAL
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", (BASE / "docs/operators.md").read_text(), re.M))
    assert "DATABASE_URL" in read
    assert read - documented == set(), "describe these in docs/operators.md"
    assert documented - read == set(), "docs/operators.md describes what nothing reads"


def test_python_lock_names_only_the_public_index() -> None:
    hosts = {
        urlsplit(url).hostname for url in re.findall(r'"(https?://[^"]+)"', (BASE / "uv.lock").read_text())
    }
    assert hosts == PUBLIC_HOSTS


@pytest.mark.parametrize("folder", ["frontend", "bench/load", "tests/support/oidc_provider"])
def test_node_lock_names_no_address_but_has_every_hash(folder: str) -> None:
    lock = json.loads((BASE / folder / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [
        name for name, entry in packages.items() if "integrity" not in entry and not entry.get("link")
    ] == []


def test_configuration_names_no_index() -> None:
    for name in (
        "pyproject.toml",
        "frontend/.npmrc",
        "bench/load/.npmrc",
        "tests/support/oidc_provider/.npmrc",
    ):
        text = (BASE / name).read_text()
        assert "index-url" not in text
        assert "registry=" not in text
        assert "[[tool.uv.index" not in text


def test_no_path_of_a_machine_stands_in_the_repository() -> None:
    pattern = re.compile(rb"(?<![\w.])/(?:home|Users|root|work)/[\w.-]+")
    binary = {".png", ".jpg", ".jpeg", ".webp", ".woff2", ".gz", ".ico", ".docx"}
    found = [
        f"{path.relative_to(BASE)}: {match.group().decode()}"
        for path in tracked()
        if path.suffix not in binary and path.name not in {"uv.lock", "package-lock.json"}
        for match in pattern.finditer(path.read_bytes())
    ]
    assert found == []


def test_contracts_for_the_front_end_are_up_to_date() -> None:
    call_command("write_contracts", check=True)


def test_scripts_say_so_when_python_is_too_old() -> None:
    # the first lines must be readable by any Python; what follows them need not be
    for name in ("server", "manage", "test", "check", "bench", "soak"):
        text = (BASE / "script" / name).read_text()
        assert text.startswith("#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n")
        assert text.index("sys.version_info < (3, 11)") < text.index("from environment import")
        assert not re.search(r"""\bf["']|:=|\bmatch \w+:""", text), (
            f"script/{name} is not readable by an old Python"
        )


def test_ci_runs_the_one_test_command() -> None:
    lines = [
        line for line in (BASE / ".ci/run").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert lines[-1] == "exec script/test"
    assert len(lines) <= 3
