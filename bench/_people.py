"""Run by `manage.py shell`: people who may all write one new plan. Prints JSON: the plan and their sessions."""

import json
import os

from django.test import Client

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanInvitation
from lessons.operations import invite

plan = LessonPlan.objects.filter(state=LessonPlan.State.ACTIVE).order_by("pk")[0]
sessions = []
for number in range(int(os.environ["PEOPLE"])):
    person, new = User.objects.get_or_create(username=f"bench-{number}", defaults={"name": f"测试{number}"})
    if new:
        invite(actor=plan.owner, plan=plan, user=person, level=PlanInvitation.Access.WRITE)
    client = Client()
    client.force_login(person)
    sessions.append(client.cookies["sessionid"].value)
print(json.dumps({"plan": str(plan.pk), "sessions": sessions}))
