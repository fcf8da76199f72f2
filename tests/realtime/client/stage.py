"""People, sessions and plans for clients that meet a real server: `python -m tests.realtime.client.stage --plans 3`.

Runs in a process of its own, in the database of $DATA_DIR, and prints one line of JSON.
"""

import argparse
import itertools
import json
import os
import sys
from typing import Any

import django

# A plan small enough that two random editors keep meeting in it.
GOALS = [
    "春天来了",
    {"kind": "bullet", "text": "读准字音"},
    "",
    {"table": [["甲", "乙"], ["丙", "丁"]]},
    "写一段话",
]
PROCESS = [
    {"process": [{"step": "导入", "teacher": "谈话", "minutes": "5"}, {"step": "新课", "minutes": "20"}]}
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=1)
    parser.add_argument("--people", type=int, default=0, help="more people who may write in all plans")
    parser.add_argument(
        "--act", choices=["invite-reader", "invite-writer", "withdraw"], help="change who may what"
    )
    parser.add_argument("--plan", help="the plan that --act concerns")
    parser.add_argument("--user", type=int, help="the person that --act concerns")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
    django.setup()
    result = (
        change(arguments.act, arguments.plan, arguments.user)
        if arguments.act
        else build(arguments.plans, arguments.people)
    )
    json.dump(result, sys.stdout)


def build(plans: int, more: int) -> dict[str, Any]:
    from lessons.models import PlanInvitation, PlanTemplate
    from lessons.operations import create_plan, invite
    from lessons.standard_templates import form
    from teaching_centres.models import Region
    from tests import factories

    # the names of a second call in the same database go on behind those of the first
    factories._number = itertools.count(1000 * Region.objects.count() + 1)
    county = factories.make_county()
    writers = [
        factories.make_teacher(factories.make_school(county), name="王秀兰"),
        factories.make_teacher(factories.make_village_school(county), name="李国强"),
    ]
    reader = factories.make_teacher(factories.make_school(county), name="孙玉梅")
    body = form("core")
    body["sections"] = [
        section for section in body["sections"] if section["key"] in ("goals", "process", "board")
    ]
    template = PlanTemplate.objects.create(name="测试格式", region=county, goal_style="core", body=body)
    people = [factories.make_teacher(factories.make_school(county)) for _ in range(more)]
    made = []
    for number in range(plans):
        plan = create_plan(
            actor=writers[0],
            template=template,
            title=f"第 {number + 1} 课",
            sections={"goals": GOALS, "process": PROCESS},
        )
        invite(actor=writers[0], plan=plan, level=PlanInvitation.Access.WRITE, user=writers[1])
        invite(actor=writers[0], plan=plan, level=PlanInvitation.Access.READ, user=reader)
        for user in people:
            invite(actor=writers[0], plan=plan, level=PlanInvitation.Access.WRITE, user=user)
        made.append({"id": str(plan.pk), "title": plan.title, "socket": plan.socket})
    return {
        "writers": [person(user) for user in writers],
        "reader": person(reader),
        "people": [person(user) for user in people],
        "plans": made,
    }


def person(user: Any) -> dict[str, Any]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    session = client.session
    session.set_expiry(24 * 3600)  # a soak runs for longer than a shared computer may rest
    session.save()
    return {"id": user.pk, "name": user.name, "session": client.cookies["sessionid"].value}


def change(act: str, plan_id: str, user_id: int) -> dict[str, Any]:
    """In a process beside the server, as an administrator's command would: sockets are not told, rights are."""
    from foundation.accounts.models import User
    from lessons.models import LessonPlan, PlanInvitation
    from lessons.operations import invite, withdraw

    plan, user = LessonPlan.objects.get(pk=plan_id), User.objects.get(pk=user_id)
    if act == "withdraw":
        withdraw(actor=plan.owner, plan=plan, invitation=PlanInvitation.objects.get(plan=plan, user=user))
    else:
        level = PlanInvitation.Access.READ if act == "invite-reader" else PlanInvitation.Access.WRITE
        invite(actor=plan.owner, plan=plan, level=level, user=user)
    return {"done": act}


if __name__ == "__main__":
    main()
