"""A roster of 10,000 rows: read and looked at, then written in one transaction, on SQLite and PostgreSQL."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench._report import figures, table
from tests.support.processes import BASE
from tests.support.throwaway import Postgresql

LIMIT_SECONDS = 60


def measure(variables: dict[str, str], schools: int, people: int) -> dict[str, Any]:
    """In a process of its own, whose settings are those of the database."""
    command = [
        sys.executable,
        "-m",
        "bench.roster",
        "--here",
        "--schools",
        str(schools),
        "--people",
        str(people),
    ]
    environment = {**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "prep_platform.settings"}
    result = subprocess.run(command, cwd=BASE, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def measure_here(schools: int, people: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from foundation.accounts.models import User
    from teaching_centres.models import Membership, Region
    from teaching_centres.operations import grant_membership, load_divisions
    from teaching_centres.roster.checking import compare, one_at_a_time, read_file, write_plan
    from tests.support.rosters import county_roster, roster

    call_command("migrate", verbosity=0)
    load_divisions()
    county = Region.objects.get(own_id="JL-220322")
    actor = User.objects.create_user("administrator", name="administrator")
    grant_membership(user=actor, role="administrator", unit=county, actor=None)
    content = roster(*county_roster(schools, people))
    found, reading = timed(lambda: read_file(content))
    plan, comparing = timed(lambda: compare(found, actor))
    assert not plan.troubles, plan.troubles[:3]

    def write() -> None:
        with transaction.atomic():
            one_at_a_time()
            write_plan(compare(found, actor), actor, None, lambda percent: None)

    _none, writing = timed(write)
    again, comparing_again = timed(lambda: compare(read_file(content), actor))
    assert again.changes_nothing
    assert Membership.objects.count() == people + 1
    return {
        "rows": plan.rows,
        "kB": len(content) // 1000,
        "read s": round(reading, 2),
        "preview s": round(reading + comparing, 2),
        "write s": round(writing, 2),
        "whole import s": round(2 * reading + comparing + writing, 2),
        "same again s": round(comparing_again, 2),
    }


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return act(), time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench roster", description=__doc__)
    parser.add_argument("--schools", type=int, default=200)
    parser.add_argument("--people", type=int, default=9_800)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(measure_here(arguments.schools, arguments.people)))
        return 0
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["SQLite"] = on(Path(folder) / "sqlite", {}, arguments)
        postgresql = Postgresql(durable=True)
        try:
            variables = {"DATABASE_URL": postgresql.url}
            found["PostgreSQL"] = on(Path(folder) / "postgresql", variables, arguments)
        finally:
            postgresql.stop()
    table([{"database": name, **values} for name, values in found.items()])
    figures(bench="roster", limit_seconds=LIMIT_SECONDS, **found)
    return 0 if all(values["whole import s"] < LIMIT_SECONDS for values in found.values()) else 1


def on(folder: Path, variables: dict[str, str], arguments: argparse.Namespace) -> dict[str, Any]:
    folder.mkdir()
    variables = {**variables, "DATA_DIR": str(folder), "SECRET_KEY": "only-for-a-benchmark"}
    return measure(variables, arguments.schools, arguments.people)


if __name__ == "__main__":
    sys.exit(main())
