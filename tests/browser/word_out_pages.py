"""The pages of plans on paper, for test_pages: each makes what it shows."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from foundation.accounts.models import User
from lessons.models import PaperJob, WordTemplate
from lessons.word_out import sample, templates
from teaching_centres.models import School
from tests.browser.roster_pages import county_administrator, own_school

Page = tuple[Callable[[Any], User], Callable[[Any], str], int]


def own_template(world: Any) -> WordTemplate:
    found = WordTemplate.objects.filter(owner=world.teacher).first()
    return found or templates.add_template(
        actor=world.teacher, name="我的教案表", content=sample.example_form(), file_name="表.docx"
    )


def county_template(world: Any) -> WordTemplate:
    school: School = own_school(world)
    found = WordTemplate.objects.filter(region=school.county).first()
    return found or templates.add_template(
        actor=county_administrator(world),
        name="县里的教案表",
        content=sample.example_form(),
        file_name="表.docx",
        unit=school.county,
    )


def job(world: Any, state: str = "done", kind: str = "pdf") -> PaperJob:
    order = {
        "plans": [str(world.plan.pk)],
        "version": None,
        "template": None,
        "notes_column": True,
        "side": "",
    }
    return PaperJob.objects.get_or_create(
        owner=world.teacher,
        state=state,
        kind=kind,
        defaults={
            "order": order,
            "name": "美丽的小兴安岭.pdf",
            "size": 180_000,
            "reason": "这份教案你现在看不到了。",
        },
    )[0]


def teacher(world: Any) -> User:
    return world.teacher


def visit(who: Callable[[Any], User], path: Callable[[Any], str], status: int = 200) -> Page:
    return who, path, status


def with_templates(world: Any, path: str) -> str:
    own_template(world)
    templates.retire(actor=county_administrator(world), template=county_template(world))
    return path


WORD_OUT_PAGES: dict[str, list[Page]] = {
    "plan-word": [
        visit(teacher, lambda world: reverse("plan-word", args=[world.plan.pk])),
        visit(
            teacher,
            lambda world: (
                own_template(world)
                and reverse("plan-word", args=[world.plan.pk]) + f"?version={world.first}&notes=no"
            ),
        ),
        visit(teacher, lambda world: reverse("plan-word", args=[world.deleted.pk]), 403),
    ],
    "parcel-new": [
        visit(teacher, lambda world: reverse("parcel-new")),
        visit(teacher, lambda world: reverse("parcel-new") + "?q=没有这样的教案"),
    ],
    "paper-jobs": [
        visit(teacher, lambda world: reverse("paper-jobs")),
        visit(teacher, lambda world: job(world) and job(world, "failed") and reverse("paper-jobs")),
    ],
    "paper-job": [
        visit(teacher, lambda world: reverse("paper-job", args=[job(world).pk])),
        visit(teacher, lambda world: reverse("paper-job", args=[job(world, "failed").pk])),
        visit(teacher, lambda world: reverse("paper-job", args=[job(world, "gone").pk])),
    ],
    "word-templates": [
        visit(teacher, lambda world: reverse("word-templates")),
        visit(county_administrator, lambda world: with_templates(world, reverse("word-templates"))),
    ],
    "word-template-new": [
        visit(teacher, lambda world: reverse("word-template-new")),
        visit(county_administrator, lambda world: reverse("word-template-new")),
    ],
    "word-template": [
        visit(teacher, lambda world: reverse("word-template", args=[own_template(world).pk])),
        visit(county_administrator, lambda world: reverse("word-template", args=[county_template(world).pk])),
    ],
}
NOT_WORD_OUT_PAGES: dict[str, str] = {
    "plan-word-file": "a file",
    "plan-pdf": "takes a form",
    "paper-job-state": "part of paper-job",
    "paper-job-file": "a file",
    "word-template-file": "a file",
    "word-template-preview": "a file",
    "word-template-example": "a file",
    "word-template-state": "takes a form",
}
WORD_OUT_VALUES: dict[str, Callable[[Any], Any]] = {
    "template_id": lambda world: own_template(world).pk,
    "job_id": lambda world: job(world, "working").pk,
}
