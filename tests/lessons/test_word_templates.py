"""Own forms: who may bring, see, use and retire one; what is told when one is wrong; nothing is lost in silence."""

import io
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from lessons.errors import Denied
from lessons.models import LessonPlan, WordTemplate
from lessons.word_out import sample, templates
from lessons.word_out.exporting import Wanted, export_plan
from teaching_centres.policies import allowed
from teaching_centres.roles import Role, Verb
from tests.factories import Tree, make_member, make_plan, make_superuser, make_teacher, make_user
from tests.lessons.test_views import client_of
from tests.office.test_docx_filling import form

FORM = sample.example_form()


def people(tree: Tree) -> dict[str, User]:
    return {
        "teacher": make_teacher(tree.school),
        "leader": make_member(tree.school, Role.GROUP_LEADER),
        "school administrator": make_member(tree.school, Role.ADMINISTRATOR),
        "other school's administrator": make_member(tree.same_county_school, Role.ADMINISTRATOR),
        "county administrator": make_member(tree.county, Role.ADMINISTRATOR),
        "other county's administrator": make_member(tree.sibling_county, Role.ADMINISTRATOR),
        "province administrator": make_member(tree.province, Role.ADMINISTRATOR),
        "researcher": make_member(tree.county, Role.RESEARCHER),
        "inspector": make_member(tree.province, Role.INSPECTOR),
        "far teacher": make_teacher(tree.far_school),
        "nobody": make_user(),
        "gone": make_member(tree.county, Role.ADMINISTRATOR, is_active=False),
        "operator": make_superuser(),
    }


def add(actor: User, **options: Any) -> WordTemplate:
    return templates.add_template(actor=actor, name="表", content=FORM, file_name="表.docx", **options)


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (WordTemplate, StoredFile, Event))


# ---- who may ------------------------------------------------------------------------------------------
def test_who_manages_a_unit_may_bring_a_form_for_it_and_nobody_else(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "filled_with_sample", lambda content, asked: b"")
    may = {
        "school": {"school administrator", "county administrator", "province administrator", "operator"},
        "county": {"county administrator", "province administrator", "operator"},
        "own": {"teacher", "leader", "researcher", "far teacher"},
    }
    units = {"school": tree.school, "county": tree.county, "own": None}
    for name, person in people(tree).items():
        for kind, unit in units.items():
            before = rows()
            if name in may[kind]:
                template = add(person, unit=unit)
                assert template.unit == unit and (template.owner == person) == (unit is None)
                assert tuple(now - then for now, then in zip(rows(), before, strict=True)) == (1, 1, 1)
            else:
                with pytest.raises(Denied):
                    add(person, unit=unit)
                assert rows() == before, (name, kind)


def test_who_sees_uses_and_retires_which(tree: Tree, owner: User) -> None:
    everyone = people(tree)
    ours = {
        "school": add(everyone["school administrator"], unit=tree.school),
        "county": add(everyone["county administrator"], unit=tree.county),
        "own": add(everyone["teacher"]),
    }
    uses = {
        "school": {"teacher", "leader", "school administrator"},
        "county": {
            "teacher",
            "leader",
            "school administrator",
            "other school's administrator",
            "county administrator",
            "researcher",
        },
        "own": {"teacher"},
    }
    for name, person in everyone.items():
        for kind, template in ours.items():
            manages = person.is_active and (
                bool(allowed(person, Verb.MANAGE, template.unit)) if template.unit else name == "teacher"
            )
            sees = name in uses[kind] or manages
            client = client_of(person) if person.is_active else None
            if person.is_active:
                assert templates.usable(person).filter(pk=template.pk).exists() == (name in uses[kind]), (
                    name,
                    kind,
                )
                for page in ("word-template", "word-template-file"):
                    status = client.get(reverse(page, args=[template.pk])).status_code
                    assert status == (200 if sees else 404), (name, kind, page)
                file = client.get(reverse("file", args=[template.file_id])).status_code
                assert file == (200 if sees else 404), (name, kind)
            before = rows()
            if manages:
                templates.retire(actor=person, template=template)
                assert not templates.usable(person).filter(pk=template.pk).exists()
                templates.bring_back(actor=person, template=template)
            else:
                with pytest.raises(Denied):
                    templates.retire(actor=person, template=template)
                assert rows() == before
                template.refresh_from_db()
                assert template.retired_at is None


def test_a_form_of_elsewhere_or_out_of_use_is_not_filled(tree: Tree, owner: User, plan: LessonPlan) -> None:
    strange, own = add(make_teacher(tree.far_school)), add(owner)
    templates.retire(actor=owner, template=own)
    for template in (strange, own):
        with pytest.raises(Denied):
            export_plan(actor=owner, plan=plan, wanted=Wanted(template))
        answer = client_of(owner).get(reverse("plan-word-file", args=[plan.pk]), {"template": template.pk})
        assert answer.status_code == 403
    assert not Event.objects.filter(kind="plan.exported").exists()


# ---- bringing one over HTTP ---------------------------------------------------------------------------
def upload(user: User, content: bytes, scope: str = "mine", name: str = "我们的表") -> Any:
    file = SimpleUploadedFile("表.docx", content, "application/octet-stream")
    return client_of(user).post(reverse("word-template-new"), {"name": name, "scope": scope, "file": file})


def test_a_form_with_mistakes_is_told_place_by_place_and_not_kept(owner: User) -> None:
    before = rows()
    answer = upload(owner, form("{{课题目}}", "{{教学目标", rows=[["{{课型}}", "{{x.y}}"]]))
    text = answer.content.decode()
    assert answer.status_code == 422
    for said in (
        "3 处要改",
        "正文第 1 段",
        "没有“课题目”。是不是“课题”？",
        "没有写完",
        "第 1 个表格第 1 行第 2 格",
    ):
        assert said in text
    assert rows() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空的"), (b"%PDF-1.4", "不是 Word 文件"), (form("没有花括号"), "一个占位符也没有")],
)
def test_what_is_no_form_is_told_at_the_field(owner: User, content: bytes, said: str) -> None:
    before = rows()
    answer = upload(owner, content)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert rows() == before


def test_one_may_not_choose_a_unit_that_one_does_not_manage(owner: User, tree: Tree) -> None:
    answer = upload(owner, FORM, scope=templates.unit_key(tree.county))
    assert answer.status_code == 422
    assert not WordTemplate.objects.exists()


def test_a_form_that_is_right_is_listed_previewed_and_used(owner: User, plan: LessonPlan) -> None:
    assert upload(owner, FORM).status_code == 302
    template = WordTemplate.objects.get()
    client = client_of(owner)
    assert "我们的表" in client.get(reverse("word-templates")).content.decode()
    preview = client.get(reverse("word-template-preview", args=[template.pk]))
    assert "我们的表 试填.docx" in unquote(preview["Content-Disposition"])
    assert "示例小学教案" in [each.text for each in docx.Document(io.BytesIO(preview.content)).paragraphs]
    answer = client.get(reverse("plan-word-file", args=[plan.pk]), {"template": template.pk})
    document = docx.Document(io.BytesIO(answer.content))
    assert f"{plan.school}教案" in [each.text for each in document.paragraphs]
    assert Event.objects.get(kind="plan.exported").data["template_id"] == str(template.pk)


def test_a_teacher_brings_no_more_forms_than_can_be_looked_through(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST_IN_USE", 1)
    first = add(owner)
    assert "先停用几个" in upload(owner, FORM).content.decode()
    templates.retire(actor=owner, template=first)
    second = add(owner)
    with pytest.raises(Denied):
        templates.bring_back(actor=owner, template=first)
    assert set(WordTemplate.objects.filter(retired_at=None)) == {second}


# ---- nothing is lost silently -------------------------------------------------------------------------
def test_the_page_tells_which_written_parts_a_form_would_leave_out(owner: User) -> None:
    add_of = templates.add_template
    add_of(actor=owner, name="只有目标", content=form("{{教学目标}}"), file_name="a.docx")
    add_of(actor=owner, name="全都有", content=form("{{正文}}"), file_name="b.docx")
    from tests.lessons.test_word_out import content

    plan = make_plan(owner, content=content())
    text = client_of(owner).get(reverse("plan-word", args=[plan.pk])).content.decode()
    assert text.count("这个模板没有放：") == 1
    assert "这个模板没有放：教学过程、板书设计" in text


def test_the_rest_comes_where_the_form_says_so(owner: User) -> None:
    from tests.lessons.test_word_out import content

    plan = make_plan(owner, content=content(reflection=["孩子们喜欢"]))
    template = templates.add_template(
        actor=owner, name="表", content=form("{{教学目标}}", "{{其他部分}}"), file_name="表.docx"
    )
    made = docx.Document(io.BytesIO(export_plan(actor=owner, plan=plan, wanted=Wanted(template)).content))
    lines = [each.text for each in made.paragraphs]
    assert lines.count("会读") == 1 and "孩子们喜欢" in lines and "教学过程" in lines
    assert "出示图片" in made.tables[0].rows[1].cells[1].text


# ---- what it costs ------------------------------------------------------------------------------------
def test_the_list_asks_the_database_as_often_for_ten_as_for_one(tree: Tree) -> None:
    administrator = make_member(tree.county, Role.ADMINISTRATOR)
    template = add(administrator, unit=tree.county)
    client = client_of(administrator)
    counts = []
    for more in (0, 9):
        for _number in range(more):
            copy = StoredFile.objects.get(pk=template.file_id)
            copy.pk = uuid4()
            copy.save(force_insert=True)
            WordTemplate.objects.create(name="又一个", region=tree.county, file=copy, made_by=administrator)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("word-templates")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
