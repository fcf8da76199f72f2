"""The pages of 从 Word 导入, for test_pages: each makes what it shows."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse

from foundation.accounts.models import User
from lessons.models import WordImport
from lessons.word_in import jobs
from tests.factories import make_template
from tests.support import docx_files as make

Path = Callable[[Any], str]


def teacher(world: Any) -> User:
    return world.teacher


def batch(world: Any) -> UUID:
    """A form that is read, a file with much that is left out, one that is refused; made once."""
    found = WordImport.objects.filter(actor=world.teacher).first()
    if found is not None:
        return found.batch
    make_template(world.teacher.memberships.get(ends=None).school)
    made = uuid4()
    hidden = [make.paragraph(make.run(f"藏着的字{number}", "<w:vanish/>")) for number in range(8)]
    files = (
        ("散步.docx", make.form_plan()),
        (
            "一个名字很长的文件——三年级语文上册第六单元《美丽的小兴安岭》第一课时教学设计（定稿）.docx",
            make.docx(*hidden),
        ),
        ("坏了.docx", b"PK\x03\x04"),
    )
    for position, (name, content) in enumerate(files):
        row = WordImport.objects.create(
            batch=made, position=position, actor=world.teacher, file_name=name, content=content
        )
        jobs.read_into_preview(row.pk)
    return made


def reading(world: Any) -> UUID:
    return WordImport.objects.create(
        batch=uuid4(), actor=world.teacher, file_name="散步.docx", content=make.form_plan()
    ).batch


def preview_path(world: Any) -> str:
    found = WordImport.objects.get(batch=batch(world), position=0)
    return reverse("word-in-preview", args=[found.batch, found.pk])


def upload_path(world: Any) -> str:
    batch(world)
    return reverse("word-in")


def batch_path(of: Callable[[Any], UUID]) -> Path:
    return lambda world: reverse("word-in-batch", args=[of(world)])


WORD_PAGES: dict[str, list[tuple[Callable[[Any], User], Path, int]]] = {
    "word-in": [
        (teacher, upload_path, 200),
        (lambda world: world.newcomer, lambda world: reverse("word-in"), 200),
    ],
    "word-in-batch": [
        (teacher, batch_path(batch), 200),
        (teacher, batch_path(reading), 200),
        (teacher, batch_path(lambda world: uuid4()), 404),
    ],
    "word-in-preview": [(teacher, preview_path, 200)],
}
NOT_WORD_PAGES = {
    "word-in-state": "part of word-in-batch",
    "word-in-drop": "takes a form",
}
WORD_VALUES: dict[str, Callable[[Any], Any]] = {"batch": batch}
