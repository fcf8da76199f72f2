"""A plan as a Word document: the form on paper, who may have it, and what is remembered."""

import io
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx.oxml.ns import qn

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from foundation.office.docx.writing import write
from lessons import operations, versions
from lessons.content import ids_of, plan_content
from lessons.document import read, reconcile
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form as standard_form
from lessons.word_out import exporting, form
from realtime import rooms
from teaching_centres.roles import Role
from tests.factories import Tree, make_member, make_plan, make_teacher, make_textbook
from tests.lessons.test_views import client_of, png

SECTIONS = {
    "goals": [{"kind": "ordered", "text": "会读"}, {"kind": "ordered", "text": "会写"}],
    "process": [
        {
            "process": [
                {"step": "导入新课", "teacher": "出示图片", "pupils": "看图", "intent": "引入", "minutes": 5}
            ]
        }
    ],
    "board": ["山行", {"table": [["左", "右"], ["远上", "寒山"]]}],
}
HEADER = {"title": "山行", "period": "第 1 课时", "lead_preparer": "李永梅"}


def content(**sections: Any) -> dict[str, Any]:
    return plan_content(
        standard_form("core"), header=HEADER, sections=SECTIONS | sections, new_id=ids_of("x")
    )


def written(plan: dict[str, Any], facts: list[form.Fact] | None = None, *, notes_column: bool = True) -> Any:
    look = form.look_of(title="山行", author="李永梅", foot="", notes_column=notes_column)
    return opened(write(form.plan_blocks(plan, facts or []), look=look))


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def cells(table: Any) -> list[list[str]]:
    return [[each.text for each in row.cells] for row in table.rows]


# ---- the form on paper --------------------------------------------------------------------------------
def test_the_head_has_the_title_alone_and_the_other_fields_by_twos() -> None:
    unit = "第2单元 " + "很长" * 12
    head = cells(written(content(), [("学科", "语文"), ("单元", unit)]).tables[0])
    assert head[0] == ["课题", *["山行"] * 3]
    assert head[1] == ["课型", "", "课时", "第 1 课时"]
    assert head[-2] == ["主备人", "李永梅", "学科", "语文"]
    assert head[-1] == ["单元", *[unit] * 3]


def test_a_field_of_the_plan_is_not_said_again_from_the_catalogue() -> None:
    plan = content()
    plan["content"][0]["content"].append(
        {
            "type": "headerField",
            "attrs": {"key": "own", "label": "学科"},
            "content": [{"type": "text", "text": "古诗"}],
        }
    )
    said = [text for line in cells(written(plan, [("学科", "语文")]).tables[0]) for text in line]
    assert said.count("学科") == 1 and "语文" not in said


def test_the_parts_are_headings_with_chinese_numbers_in_their_order() -> None:
    document = written(content())
    headings = [each for each in document.paragraphs if each.style.style_id == "Heading1"]
    assert [each.text for each in headings][:3] == ["教学目标", "教材分析", "学情分析"]
    assert all(each._element.pPr.numPr is not None for each in headings)
    assert document.paragraphs[0].text == form.HEADING


@pytest.mark.parametrize(("notes_column", "last"), [(True, ["复备栏", ""]), (False, ["时间（分钟）", "5"])])
def test_the_process_is_a_table_with_a_blank_column_or_without(notes_column: bool, last: list[str]) -> None:
    process = written(content(), notes_column=notes_column).tables[1]
    assert [line.cells[-1].text for line in process.rows] == last
    assert cells(process)[1][:5] == ["导入新课", "出示图片", "看图", "引入", "5"]
    assert process.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None


def test_the_board_stands_in_a_box_with_its_own_table() -> None:
    box = written(content()).tables[2]
    assert len(box.rows) == len(box.columns) == 1
    assert cells(box.cell(0, 0).tables[0]) == [["左", "右"], ["远上", "寒山"]]


def test_an_unwritten_reflection_has_lines_to_write_on_and_a_written_one_its_words() -> None:
    blank = [each for each in written(content()).paragraphs if each.style.style_id == "PlanLine"]
    assert len(blank) == form.LINES
    document = written(content(reflection=["孩子们喜欢"]))
    assert not [each for each in document.paragraphs if each.style.style_id == "PlanLine"]
    assert "孩子们喜欢" in [each.text for each in document.paragraphs]


# ---- over HTTP ----------------------------------------------------------------------------------------
def fetch(user: User, plan: LessonPlan, **query: Any) -> Any:
    return client_of(user).get(reverse("plan-word-file", args=[plan.pk]), query)


def test_the_file_has_the_plans_name_and_what_is_stored_now(plan: LessonPlan, owner: User) -> None:
    def change(doc: Any) -> None:
        changed = read(doc)
        changed["content"][1]["content"][0]["content"] = [
            {"type": "text", "text": "刚写的一句 {{ 7*7 }}\x00"}
        ]
        reconcile(doc, changed)

    rooms.change(plan.document, change, actor_id=owner.pk)
    answer = fetch(owner, plan)
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert unquote(answer["Content-Disposition"]) == "attachment; filename*=UTF-8''山行.docx"
    assert "刚写的一句 {{ 7*7 }}" in [each.text for each in opened(answer.content).paragraphs]
    [event] = Event.objects.filter(kind="plan.exported")
    assert (event.actor_id, event.subject_id, event.data["form"], event.data["version_id"]) == (
        owner.pk,
        str(plan.pk),
        "docx",
        None,
    )


def test_a_version_comes_as_it_was(plan: LessonPlan, owner: User) -> None:
    version = versions.name_version(actor=owner, plan=plan, name="集研后")

    def change(doc: Any) -> None:
        changed = read(doc)
        changed["content"][1]["content"][0]["content"] = [{"type": "text", "text": "后来写的"}]
        reconcile(doc, changed)

    rooms.change(plan.document, change, actor_id=owner.pk)
    answer = fetch(owner, plan, version=version.pk)
    assert "山行 第1版 集研后.docx" in unquote(answer["Content-Disposition"])
    assert "后来写的" not in [each.text for each in opened(answer.content).paragraphs]
    assert Event.objects.get(kind="plan.exported").data["version_id"] == version.pk


def test_a_version_of_another_plan_is_not_found(plan: LessonPlan, owner: User) -> None:
    other = versions.name_version(actor=owner, plan=make_plan(owner), name="")
    for version in (other.pk, "x", "9" * 30):
        assert fetch(owner, plan, version=version).status_code == 404
    assert not Event.objects.filter(kind="plan.exported").exists()


@pytest.mark.parametrize(
    "title", ['a/b\\c:d*e?"f<g>|h', "名字\u202egnp.docx", "." * 90, "长" * 120, "", "\r\nX: y"]
)
def test_a_title_makes_a_name_that_every_system_keeps(title: str, plan: LessonPlan) -> None:
    plan.title = title
    name = exporting.file_name(plan, None, "docx")
    assert name.endswith(".docx") and 5 < len(name) <= 85
    assert not set(name) & set('/\\:*?"<>|\r\n\u202e') and not name.startswith(".")


Reach, State = LessonPlan.Reach, LessonPlan.State


def test_who_may_read_may_export_and_nobody_else(tree: Tree, owner: User) -> None:
    people = {
        "owner": owner,
        "reader": make_teacher(tree.far_school),
        "writer": make_teacher(tree.far_school),
        "colleague": make_teacher(tree.school),
        "stranger": make_teacher(tree.far_school),
        "administrator": make_member(tree.county, Role.ADMINISTRATOR),
        "inspector": make_member(tree.province, Role.INSPECTOR),
    }
    expected = {
        (State.ACTIVE, Reach.OWN): {"owner", "reader", "writer"},
        (State.ACTIVE, Reach.SCHOOL): {"owner", "reader", "writer", "colleague"},
        (State.ARCHIVED, Reach.SCHOOL): {"owner", "reader", "writer", "colleague"},
        (State.DELETED, Reach.SCHOOL): set(),
    }
    for (state, reach), may in expected.items():
        plan = make_plan(owner, state=state, reach=reach)
        for name, level in (("reader", "read"), ("writer", "write")):
            PlanInvitation.objects.create(plan=plan, user=people[name], access=level, invited_by=owner)
        for name, person in people.items():
            before = Event.objects.filter(kind="plan.exported").count()
            page = client_of(person).get(reverse("plan-word", args=[plan.pk])).status_code
            status = fetch(person, plan).status_code
            wanted = 200 if name in may else 403 if name == "owner" else 404
            assert (page, status) == (wanted, wanted), (state, reach, name)
            assert Event.objects.filter(kind="plan.exported").count() == before + (name in may)
    assert Client().get(reverse("plan-word-file", args=[plan.pk])).status_code == 302
    assert fetch(owner, LessonPlan(pk=uuid4())).status_code == 404


def test_a_deleted_plan_says_what_to_do_first(owner: User) -> None:
    plan = make_plan(owner, state=State.DELETED)
    assert "先恢复，再导出" in fetch(owner, plan).content.decode()


# ---- pictures -----------------------------------------------------------------------------------------
def show(plan: LessonPlan, owner: User, *files: StoredFile) -> None:
    def change(doc: Any) -> None:
        changed = read(doc)
        changed["content"][1]["content"] += [
            {"type": "image", "attrs": {"id": f"i{number}", "file": str(file.pk), "alt": "图"}}
            for number, file in enumerate(files)
        ]
        reconcile(doc, changed)

    rooms.change(plan.document, change, actor_id=owner.pk)


def test_pictures_come_along(plan: LessonPlan, owner: User) -> None:
    show(plan, owner, operations.add_picture(actor=owner, plan=plan, upload=png()))
    assert len(opened(fetch(owner, plan).content).inline_shapes) == 1


def test_a_picture_of_a_plan_that_the_person_may_not_see_stays_out(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    secret = make_plan(colleague)
    show(plan, owner, operations.add_picture(actor=colleague, plan=secret, upload=png()))
    document = opened(fetch(owner, plan).content)
    assert len(document.inline_shapes) == 0
    assert "［图］" in [each.text for each in document.paragraphs]


# ---- what it costs ------------------------------------------------------------------------------------
def test_an_export_asks_the_database_as_often_with_twenty_pictures_as_with_one(owner: User) -> None:
    counts, book = [], make_textbook()
    for pictures in (1, 20):
        plan = make_plan(owner, textbook=book)
        show(
            plan,
            owner,
            *[operations.add_picture(actor=owner, plan=plan, upload=png()) for _n in range(pictures)],
        )
        client = client_of(owner)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("plan-word-file", args=[plan.pk])).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 24
