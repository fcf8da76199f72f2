"""A county of people and plans for `life`, in the database of $DATA_DIR.

`python -m tests.soak._county build --people N …` prints who may write in what; `… read` takes ids of plans and prints
the tokens in each plan's stored text. Both speak JSON.
"""

import argparse
import json
import re
import sys
from typing import Any

import pycrdt
from django.db import transaction

from lessons.models import PlanInvitation
from realtime import rooms
from tests import factories
from tests.realtime.client.stage import person
from tests.realtime.support import texts

TOKEN = re.compile(r"⟨(\d+)\.(\d+)⟩")


def build(people: int, plans: int, group: int) -> list[dict[str, Any]]:
    """Groups of colleagues, who may all write in all plans of their group; the plans are shared out among them."""
    county = factories.make_county()
    groups = -(-people // group)
    return [
        _group(county, min(group, people - number * group), -(-plans // groups)) for number in range(groups)
    ]


@transaction.atomic
def _group(county: Any, people: int, plans: int) -> dict[str, Any]:
    school = factories.make_school(county)
    users = [factories.make_teacher(school) for _ in range(people)]
    made = [factories.make_plan(users[number % people]) for number in range(plans)]
    PlanInvitation.objects.bulk_create(
        PlanInvitation(plan=plan, user=user, access=PlanInvitation.Access.WRITE, invited_by=plan.owner)
        for plan in made
        for user in users
        if user != plan.owner
    )
    return {"people": [person(user) for user in users], "plans": [str(plan.pk) for plan in made]}


def read(plans: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Plan → (visit, number) of every token in its text."""
    found = {}
    for plan in plans:
        doc: pycrdt.Doc = pycrdt.Doc()
        doc.apply_update(rooms.state(f"lesson-plan:{plan}").state)
        found[plan] = TOKEN.findall("\n".join(texts(doc)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["build", "read"])
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--plans", type=int, default=5000)
    parser.add_argument("--group", type=int, default=10)
    options = parser.parse_args()
    if options.what == "build":
        json.dump(build(options.people, options.plans, options.group), sys.stdout)
    else:
        json.dump(read(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
