"""Run by `manage.py shell` after _plans.py: fills the first of its plans as if a day had been written in it.

A megabyte of text (of the demo plans, over and over) and forty pictures; a third of the text is in the table of the
teaching process, the rest in the sections: paragraphs, lists and headings, with a plain table now and then.
"""

import io
import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lessons.content import plan_content, random_id
from lessons.models import LessonPlan
from lessons.operations import add_picture
from lessons.standard_templates import form

TEXT_BYTES, IN_STEPS, PICTURES, STEPS = 1_000_000, 330_000, 40, 40


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)


demo = sorted((Path(settings.BASE_DIR) / "lessons" / "demo_plans").glob("*.json"))
lines = cycle(
    line
    for file in demo
    for line in texts(json.loads(file.read_text())["sections"])
    if len(line) > 20  # neither kinds nor labels
)


def paragraph() -> str:
    return next(lines) + next(lines) + next(lines)


def written(size: int) -> list[str]:
    """Paragraphs of so many bytes together."""
    made: list[str] = []
    length = 0
    while length < size:
        made.append(paragraph())
        length += len(made[-1].encode())
    return made


def mixed(paragraphs: list[str]) -> Iterator[dict[str, Any]]:
    kinds = cycle(["body", "body", "bullet", "bullet", "body", "ordered", "ordered", "subheading"])
    for number, text in enumerate(paragraphs):
        kind = next(kinds)
        yield {"kind": kind, "text": text[:12] if kind == "subheading" else text}
        if number % 40 == 39:
            yield {"table": [["环节", "学生会怎么答", "怎么接"], *([text[:30]] * 3 for _row in range(5))]}


def picture(number: int) -> SimpleUploadedFile:
    image = Image.linear_gradient("L").resize((1200, 800)).convert("RGB")
    image.paste((number * 6, 120, 200), (100, 100, 400 + number, 300))
    out = io.BytesIO()
    image.save(out, format="JPEG")
    return SimpleUploadedFile(f"{number}.jpg", out.getvalue(), "image/jpeg")


plan = LessonPlan.objects.get(pk=(Path(settings.DATA_DIR) / "plans.txt").read_text().split()[0])
body = form("three_dimensional")
keys = [section["key"] for section in body["sections"] if section["key"] != "process"]
share = (TEXT_BYTES - IN_STEPS) // len(keys)
sections: dict[str, Any] = {key: list(mixed(written(share))) for key in keys}
sections["process"] = [
    {
        "process": [
            {
                "step": f"第{number + 1}步",
                "teacher": written(IN_STEPS // STEPS // 2),
                "pupils": written(IN_STEPS // STEPS // 3),
                "intent": written(IN_STEPS // STEPS // 6),
                "minutes": 1,
            }
            for number in range(STEPS)
        ]
    }
]
content = plan_content(body, header={"title": "写了一整天的教案"}, sections=sections)
places = cycle(section for section in content["content"] if section["type"] == "section")
for number in range(PICTURES):
    file = add_picture(actor=plan.owner, plan=plan, upload=picture(number))
    attributes = {"id": random_id(), "file": str(file.pk), "alt": "", "width": 640, "height": 427}
    blocks = next(places)["content"]
    blocks.insert(number * 7 % len(blocks), {"type": "image", "attrs": attributes})
plan.title = "写了一整天的教案"
plan.first_content = content
plan.save(update_fields=["title", "first_content"])
