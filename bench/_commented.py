"""Run by `manage.py shell` after _plans.py: two of its plans with the same text, the first of them much discussed.

A thousand threads on words all over the text, each put by a change of its own as in life, with two thousand things said
in them by twenty people, and thirty named versions.
"""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pycrdt import Doc

from foundation.accounts.models import User
from lessons.content import ids_of, plan_content
from lessons.discussion.models import Comment, Thread
from lessons.document.anchors import Stretch, put_mark, texts_in
from lessons.models import LessonPlan, PlanVersion
from lessons.standard_templates import form
from realtime import rooms

THREADS, VERSIONS, PEOPLE, PARAGRAPHS = 1000, 30, 20, 250
WORDS = 4  # of a quote


def strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for value in part.values() if isinstance(part, dict) else part:
            yield from strings(value)


demo = sorted((Path(settings.BASE_DIR) / "lessons" / "demo_plans").glob("*.json"))
lines = cycle(
    line for file in demo for line in strings(json.loads(file.read_text())["sections"]) if len(line) > 20
)
body = form("core")
keys = [section["key"] for section in body["sections"] if section["key"] != "process"]
sections: dict[str, Any] = {
    key: [next(lines).replace("*", "") for _number in range(PARAGRAPHS // len(keys))] for key in keys
}
plans = [
    LessonPlan.objects.get(pk=pk) for pk in (Path(settings.DATA_DIR) / "plans.txt").read_text().split()[:2]
]
for plan in plans:
    plan.first_content = plan_content(
        body, header={"title": plan.title}, sections=sections, new_id=ids_of("commented")
    )
    plan.save(update_fields=["first_content"])


def places(doc: Doc) -> Iterator[Stretch]:
    """So many stretches of a few words, evenly over all of the text."""
    found = []
    for path, text in texts_in(doc):
        whole = "".join(piece for piece, _marks in text.diff() if isinstance(piece, str))
        found += [(path, whole, start) for start in range(0, len(whole) - WORDS, WORDS)]
    for number in range(THREADS):
        path, whole, start = found[number * len(found) // THREADS]
        before, words = whole[:start], whole[start : start + WORDS]
        offset = len(before.encode())
        yield Stretch(path, offset, offset + len(words.encode()), words, before, whole[start + WORDS :])


plan = plans[0]
doc: Doc = Doc()
doc.apply_update(rooms.state(plan.document).state)
stretches = list(places(doc))
people = list(User.objects.filter(username__startswith="bench-").order_by("pk")[:PEOPLE])
with transaction.atomic():
    threads = Thread.objects.bulk_create(
        Thread(
            plan=plan,
            number=number + 1,
            place=Thread.Place.TEXT,
            quote=stretch.text,
            created_by=people[number % PEOPLE],
        )
        for number, stretch in enumerate(stretches)
    )
    Comment.objects.bulk_create(
        Comment(thread=thread, author=people[(number + said) % PEOPLE], text="这里换一个问法会不会更好？" * 2)
        for number, thread in enumerate(threads)
        for said in range(2)
    )
for thread, stretch in zip(threads, stretches, strict=True):
    rooms.change(
        plan.document,
        lambda doc, thread=thread, stretch=stretch: put_mark(doc, thread.pk, [stretch]),  # type: ignore[misc]
        actor_id=None,
    )
now = rooms.state(plan.document)
PlanVersion.objects.bulk_create(
    PlanVersion(
        plan=plan,
        number=number + 1,
        state=now.state,
        through_id=now.through_id,
        created_by=people[0],
        created_at=timezone.now(),
    )
    for number in range(VERSIONS)
)
