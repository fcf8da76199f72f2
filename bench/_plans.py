"""Run by `manage.py shell`: empty lesson plans, and colleagues of one school who may all write them, signed in.

Writes two files for the load harness, one line each: the plans' ids, and a Cookie header for each person.
"""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.test import Client

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanInvitation
from teaching_centres.models import Membership, School
from teaching_centres.roles import Role

PEOPLE, PLANS = 200, 600

with transaction.atomic():
    school = School.objects.select_related("county").order_by("pk")[0]
    people = User.objects.bulk_create(
        User(username=f"bench-{number}", name=f"测试{number}", password="!") for number in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(user=person, school=school, role=Role.TEACHER) for person in people
    )
    plans = LessonPlan.objects.bulk_create(
        LessonPlan(
            title=f"第{number}课",
            owner=people[0],
            school=school,
            region=school.county,
            first_content={"type": "doc", "content": []},
        )
        for number in range(PLANS)
    )
    PlanInvitation.objects.bulk_create(
        PlanInvitation(plan=plan, school=school, access=PlanInvitation.Access.WRITE, invited_by=people[0])
        for plan in plans
    )
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")

(Path(settings.DATA_DIR) / "plans.txt").write_text("\n".join(str(plan.pk) for plan in plans))
(Path(settings.DATA_DIR) / "cookies.txt").write_text("\n".join(cookies))
