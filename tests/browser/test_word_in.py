"""A teacher brings Word files: sees what was recognised and what is left out, and finds the plan in the editor."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lessons.models import LessonPlan
from tests.factories import make_teacher, make_template
from tests.support import docx_files as make


@pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 800}, {"width": 360, "height": 740}], ids=["desk", "phone"]
)
def test_two_files_become_plans(page_of: Callable[..., Page], live: Any, viewport: Any) -> None:
    teacher = make_teacher(name="李老师")
    make_template(teacher.memberships.get().school)
    lists = make.numbering({0: make.levels(("chineseCounting", "%1、"))}, {1: '<w:abstractNumId w:val="0"/>'})
    second = make.docx(
        make.heading("教学目标"),
        make.item("认字", 1),
        make.item("写字", 1),
        make.paragraph(make.ruby("春", "chūn"), "天", make.picture("rP")),
        make.paragraph(make.run("藏着", "<w:vanish/>")),
        parts={"word/numbering.xml": lists, "word/media/image1.png": make.png(60, 40)},
        relations={"rN": ("numbering", "numbering.xml"), "rP": ("image", "media/image1.png")},
    )
    page = page_of(teacher)
    page.set_viewport_size(viewport)
    page.goto(reverse("plan-list"))
    page.get_by_role("link", name="从 Word 导入").first.click()
    page.get_by_label("Word 文件").set_input_files(
        [_file("散步.docx", make.form_plan()), _file("春.docx", second), _file("坏.docx", b"PK\x03\x04")]
    )
    page.get_by_role("button", name="上传，先看看").click()
    walk, spring, broken = (
        page.get_by_role("region", name=name) for name in ("散步.docx", "春.docx", "坏.docx")
    )
    expect(walk.get_by_label("课题")).to_have_value("散步")
    expect(walk).to_contain_text("内容都带过来了")
    expect(walk).to_contain_text("教学过程表")
    expect(spring.get_by_role("cell", name="藏着", exact=True)).to_be_visible()
    expect(broken.get_by_role("alert")).to_contain_text("坏了")
    expect(spring.get_by_label("课题")).to_have_value("春")  # by the name of the file
    spring.get_by_label("课题").fill("")
    page.get_by_role("button", name="建成教案").click()
    expect(spring.get_by_label("课题")).to_have_attribute("aria-invalid", "true")
    spring.get_by_label("课题").fill("春")
    page.get_by_role("button", name="建成教案").click()
    expect(page.get_by_text("建成了 2 份教案。")).to_be_visible()
    assert set(LessonPlan.objects.values_list("title", flat=True)) == {"散步", "春"}
    page.get_by_role("link", name="打开《春》").click()
    text = page.locator(".ProseMirror")
    expect(text.locator("p[data-marker='一、']")).to_have_text("认字")
    expect(text.locator("p[data-marker='二、']")).to_have_text("写字")
    expect(text.locator("span[data-ruby='chūn']")).to_have_text("春")
    expect(text.locator("figure img")).to_be_visible()


def _file(name: str, content: bytes) -> Any:
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {"name": name, "mimeType": media_type, "buffer": content}
