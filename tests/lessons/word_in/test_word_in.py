"""从 Word 导入: who may, what is shown, and that a plan is whole or not there."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from lessons.document import attribute, plain_text, walk
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanTemplate, WordImport
from lessons.word_in import jobs, operations, recognising
from lessons.word_in.operations import Given, Wanted
from teaching_centres.roles import VERBS, Role, UnitKind, Verb
from tests.factories import Tree, make_member, make_membership, make_template, make_textbook, make_user
from tests.files.pictures import phone_photograph
from tests.support import docx_files as make

State = WordImport.State


@pytest.fixture
def template(tree: Tree) -> PlanTemplate:
    return make_template(tree.province)


@pytest.fixture
def web(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def with_picture(content: bytes = b"") -> bytes:
    return make.docx(
        make.heading("教学目标"),
        make.paragraph("看图", make.picture("rP"), make.picture("rP")),
        parts={"word/media/image1.png": content or make.png()},
        relations={"rP": ("image", "media/image1.png")},
    )


@pytest.fixture
def brought(owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Hands files in and lets the job read them."""

    def bring(*contents: bytes, actor: User = owner) -> list[WordImport]:
        files = [Given(f"教案{number}.docx", content) for number, content in enumerate(contents, start=1)]
        with django_capture_on_commit_callbacks(execute=True):
            batch = operations.begin(actor=actor, files=files)
        return list(WordImport.objects.filter(batch=batch).order_by("position"))

    return bring


def content_of(plan: LessonPlan) -> str:
    return plain_text(plan.first_content)


# ---- reading -----------------------------------------------------------------------------------------------
def test_a_file_is_read_and_waits(brought: Any) -> None:
    (found,) = brought(make.form_plan())
    assert found.state == State.READY
    assert plain_text(found.document).startswith("教学设计")
    assert LessonPlan.objects.count() == 0


def test_a_file_that_is_none_is_refused_and_not_kept(brought: Any) -> None:
    good, bad = brought(make.form_plan(), b"PK\x03\x04 no zip")
    assert (good.state, bad.state) == (State.READY, State.REFUSED)
    assert "坏了" in bad.reason[0]
    assert bad.content is None


def test_a_picture_that_cannot_be_stored_is_listed_and_taken_out(brought: Any) -> None:
    (found,) = brought(with_picture(b"\x89PNG\r\n\x1a\n" + bytes(40)))
    assert [node for node in walk(found.document) if node["type"] == "image"] == []
    assert any("图片" in what[0] for what, _where, _text in found.left_out)


def test_an_unexpected_error_is_said_and_leaves_nothing(
    brought: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(content: bytes) -> None:
        raise OSError("disk")

    monkeypatch.setattr(jobs, "read_guarded", fail)
    (found,) = brought(make.form_plan())
    assert (found.state, found.reason[0], found.content) == (State.REFUSED, jobs.UNEXPECTED.text, None)


def test_a_job_run_again_does_nothing(brought: Any) -> None:
    (found,) = brought(make.form_plan())
    WordImport.objects.filter(pk=found.pk).update(state=State.DROPPED, content=None, document=None)
    jobs.read_into_preview(found.pk)
    found.refresh_from_db()
    assert (found.state, found.document) == (State.DROPPED, None)


def test_what_died_is_read_again_and_what_nobody_wanted_goes(
    brought: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    dead, old, kept = brought(make.form_plan(), make.form_plan(), make.form_plan())
    long_ago = timezone.now() - timedelta(days=8)
    WordImport.objects.filter(pk=dead.pk).update(
        state=State.READING, document=None, touched_at=timezone.now() - timedelta(hours=1)
    )
    WordImport.objects.filter(pk=old.pk).update(touched_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.sweep()
    for each in (dead, old, kept):
        each.refresh_from_db()
    assert (dead.state, kept.state) == (State.READY, State.READY)
    assert (old.state, old.content, old.document, old.file_name) == (State.DROPPED, None, None, "")


# ---- plans -------------------------------------------------------------------------------------------------
def test_a_plan_has_all_that_was_read(brought: Any, owner: User, template: PlanTemplate) -> None:
    (found,) = brought(make.form_plan())
    book = make_textbook()
    (plan,) = operations.make_plans(
        actor=owner, wanted=[Wanted(found.pk, "散步")], template=template, textbook=book
    )
    assert (plan.title, plan.owner, plan.textbook, plan.template) == ("散步", owner, book, template)
    text = content_of(plan)
    assert all(
        word in text for word in ("散步", "会写“铺、霎”等生字。", "理清思路", "播放歌曲", "七年级", "李永梅")
    )
    assert [step["minutes"] for step in plan.outline["steps"]] == [3, 2]
    found.refresh_from_db()
    assert (found.state, found.plan, found.content, found.document) == (State.DONE, plan, None, None)
    kinds = list(Event.objects.filter(subject_id=str(plan.pk)).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["plan.created", "plan.imported"]


def test_what_the_book_says_is_not_said_twice(brought: Any, owner: User, template: PlanTemplate) -> None:
    rows = make.row("课题", "散步", "学科", "语文"), make.row("周次", "3", "年级", "九年级")
    (found,) = brought(make.docx(make.table(*rows)))
    (plan,) = operations.make_plans(
        actor=owner, wanted=[Wanted(found.pk, "散步")], template=template, textbook=make_textbook("语文", 3)
    )
    labels = {attribute(field, "label") for field in plan.first_content["content"][0]["content"]}
    assert "学科" not in labels and {"周次", "年级"} <= labels


def test_pictures_are_stored_once_and_without_where_they_were_taken(
    brought: Any, owner: User, template: PlanTemplate
) -> None:
    (found,) = brought(with_picture(phone_photograph()))
    (plan,) = operations.make_plans(actor=owner, wanted=[Wanted(found.pk, "图")], template=template)
    file = StoredFile.objects.get()
    assert (file.subject_kind, file.subject_id, file.uploaded_by) == ("lesson-plan", plan.pk, owner)
    named = [attribute(node, "file") for node in walk(plan.first_content) if node["type"] == "image"]
    assert named == [str(file.pk)] * 2
    assert file.width == 6  # turned upright: written again without its EXIF


def test_all_plans_or_none(
    brought: Any, owner: User, template: PlanTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = brought(make.form_plan(), make.form_plan())
    real, seen = recognising.plan_of, []

    def fail_second(*args: Any, **options: Any) -> Any:
        seen.append(1)
        if len(seen) == 2:
            raise NotPossible("不行")
        return real(*args, **options)

    monkeypatch.setattr("lessons.word_in.operations.plan_of", fail_second)
    with pytest.raises(NotPossible):
        operations.make_plans(
            actor=owner, wanted=[Wanted(first.pk, "甲"), Wanted(second.pk, "乙")], template=template
        )
    assert LessonPlan.objects.count() == 0
    assert set(WordImport.objects.values_list("state", flat=True)) == {State.READY}


def test_a_file_is_made_a_plan_once(brought: Any, owner: User, template: PlanTemplate) -> None:
    (found,) = brought(make.form_plan())
    operations.make_plans(actor=owner, wanted=[Wanted(found.pk, "甲")], template=template)
    with pytest.raises(NotPossible, match="已建成教案"):
        operations.make_plans(actor=owner, wanted=[Wanted(found.pk, "甲")], template=template)
    assert LessonPlan.objects.count() == 1


# ---- rights ------------------------------------------------------------------------------------------------
WHO = [*VERBS, (None, None), ("superuser", None), (Role.TEACHER, "former")]


@pytest.mark.parametrize(("role", "unit"), WHO)
def test_who_may_create_plans_may_import(tree: Tree, template: PlanTemplate, role: Any, unit: Any) -> None:
    """Every role in every kind of unit, nobody's member, who has left, the operator: at every step, all or nothing."""
    allowed = Verb.EDIT in VERBS.get((role, unit), ())
    if unit in (UnitKind.SCHOOL, UnitKind.REGION):
        person = make_member(tree.school if unit == UnitKind.SCHOOL else tree.county, role)
    else:
        person = make_user(is_superuser=role == "superuser")
        if unit == "former":
            make_membership(person, tree.school, ends=timezone.localdate() - timedelta(days=1))
    web = Client()
    web.force_login(person)
    row = WordImport.objects.create(
        batch=uuid4(),
        actor=person,
        state=State.READY,
        file_name="甲.docx",
        document={"type": "doc", "content": []},
    )
    asks = {f"wanted-{row.pk}": "on", f"title-{row.pk}": "甲", "template": template.pk}
    answers = [
        web.get(reverse("word-in")).status_code,
        upload(web, ("乙.docx", make.form_plan())).status_code,
        web.get(reverse("word-in-batch", args=[row.batch])).status_code,
        web.post(reverse("word-in-batch", args=[row.batch]), asks).status_code,
    ]
    assert answers == ([200, 302, 200, 302] if allowed else [403] * 4)
    assert WordImport.objects.count() == 1 + allowed
    assert LessonPlan.objects.count() == allowed


def test_somebody_elses_file_is_not_there(
    brought: Any, web: Client, owner: User, colleague: User, template: PlanTemplate
) -> None:
    (theirs,) = brought(make.form_plan(), actor=colleague)
    with pytest.raises(NotPossible):
        operations.make_plans(actor=owner, wanted=[Wanted(theirs.pk, "甲")], template=template)
    operations.drop(actor=owner, batch=theirs.batch)
    for name in ("word-in-batch", "word-in-state"):
        assert web.get(reverse(name, args=[theirs.batch])).status_code == 404
    assert web.get(reverse("word-in-preview", args=[theirs.batch, theirs.pk])).status_code == 404
    assert web.post(reverse("word-in-drop", args=[theirs.batch])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == State.READY
    assert LessonPlan.objects.count() == 0


def test_without_a_position_the_page_says_why(client: Client, tree: Tree) -> None:
    client.force_login(make_member(tree.school, Role.ADMINISTRATOR))
    answer = client.get(reverse("word-in"))
    assert answer.status_code == 403
    assert "新建教案要有" in answer.content.decode()


# ---- pages -------------------------------------------------------------------------------------------------
def upload(web: Client, *files: tuple[str, bytes]) -> Any:
    return web.post(
        reverse("word-in"), {"word_files": [SimpleUploadedFile(name, content) for name, content in files]}
    )


def ready(web: Client, callbacks: DjangoCaptureOnCommitCallbacks, *files: tuple[str, bytes]) -> UUID:
    with callbacks(execute=True):
        answer = upload(web, *files)
    assert answer.status_code == 302
    return WordImport.objects.order_by("-begun_at")[0].batch


def test_from_upload_to_plan(
    web: Client,
    template: PlanTemplate,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    batch = ready(web, django_capture_on_commit_callbacks, ("散步.docx", make.form_plan()))
    address = reverse("word-in-batch", args=[batch])
    shown = web.get(address).content.decode()
    assert all(word in shown for word in ("散步.docx", "教学目标", "教学过程表", "内容都带过来了", "七年级"))
    found = WordImport.objects.get()
    whole = web.get(reverse("word-in-preview", args=[batch, found.pk])).content.decode()
    assert "有感情地朗读课文。" in whole
    answer = web.post(
        address, {f"wanted-{found.pk}": "on", f"title-{found.pk}": "散步", "template": template.pk}
    )
    plan = LessonPlan.objects.get()
    assert answer["Location"] == reverse("plan-editor", args=[plan.pk])
    assert plan.title == "散步"


def test_several_at_once_and_only_those_that_are_wanted(
    web: Client,
    template: PlanTemplate,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    files = [(f"{name}.docx", make.docx(make.paragraph(name))) for name in ("甲", "乙", "丙")]
    batch = ready(web, django_capture_on_commit_callbacks, *files, ("坏.docx", b"PK\x03\x04"))
    imports = list(WordImport.objects.order_by("position"))
    wanted = {f"wanted-{each.pk}": "on" for each in imports[:2]}
    titles = {f"title-{each.pk}": each.file_name[0] for each in imports}
    answer = web.post(
        reverse("word-in-batch", args=[batch]), {**wanted, **titles, "template": template.pk}, follow=True
    )
    assert set(LessonPlan.objects.values_list("title", flat=True)) == {"甲", "乙"}
    said = answer.content.decode()
    assert "建成了 2 份教案" in said and "坏了" in said


def test_what_is_wrong_is_said_where_it_was_made(
    web: Client,
    template: PlanTemplate,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert "请选一个或几个 Word 文件" in upload(web).content.decode()
    assert "空的" in upload(web, ("空.docx", b"")).content.decode()
    assert "一次最多 20 个文件" in upload(web, *[("甲.docx", b"x")] * 21).content.decode()
    assert WordImport.objects.count() == 0
    batch = ready(web, django_capture_on_commit_callbacks, ("甲.docx", make.docx(make.paragraph("甲"))))
    found = WordImport.objects.get()
    address = reverse("word-in-batch", args=[batch])
    without_title = web.post(
        address, {f"wanted-{found.pk}": "on", f"title-{found.pk}": " ", "template": template.pk}
    )
    assert without_title.status_code == 422 and "写上课题" in without_title.content.decode()
    nothing_wanted = web.post(address, {"template": template.pk})
    assert nothing_wanted.status_code == 422 and "勾上要建成教案的文件" in nothing_wanted.content.decode()
    other_template = web.post(address, {f"wanted-{found.pk}": "on", f"title-{found.pk}": "甲", "template": 0})
    assert other_template.status_code == 422 and "另选一种" in other_template.content.decode()
    assert LessonPlan.objects.count() == 0


def test_what_was_left_out_can_be_looked_at_when_the_plan_is_there(
    web: Client,
    template: PlanTemplate,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    content = make.docx(make.paragraph("甲", make.run("藏着", "<w:vanish/>")))
    batch = ready(web, django_capture_on_commit_callbacks, ("甲.docx", content))
    found = WordImport.objects.get()
    address = reverse("word-in-batch", args=[batch])
    web.post(address, {f"wanted-{found.pk}": "on", f"title-{found.pk}": "甲", "template": template.pk})
    shown = web.get(address).content.decode()
    assert "打开《甲》" in shown and "藏着" in shown
    assert "1 处带不过来" in web.get(reverse("word-in")).content.decode()
    WordImport.objects.update(touched_at=timezone.now() - timedelta(days=8))
    jobs.sweep()
    assert "藏着" not in web.get(address).content.decode()


def test_dropping_deletes_the_file(
    web: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    batch = ready(web, django_capture_on_commit_callbacks, ("甲.docx", make.docx(make.paragraph("甲"))))
    web.post(reverse("word-in-drop", args=[batch]))
    found = WordImport.objects.get()
    assert (found.state, found.content, found.document, found.file_name) == (State.DROPPED, None, None, "")
    assert web.get(reverse("word-in-batch", args=[batch])).status_code == 404


def test_the_page_asks_again_while_a_file_is_read(web: Client, owner: User) -> None:
    batch = operations.begin(
        actor=owner, files=[Given("甲.docx", make.form_plan())]
    )  # nothing is committed: no job
    assert "正在读" in web.get(reverse("word-in-batch", args=[batch])).content.decode()
    assert "HX-Refresh" not in web.get(reverse("word-in-state", args=[batch])).headers
    jobs.read_into_preview(WordImport.objects.get().pk)
    assert web.get(reverse("word-in-state", args=[batch])).headers["HX-Refresh"] == "true"
    assert web.get(reverse("word-in-state", args=[uuid4()])).status_code == 404


def test_the_page_needs_as_many_queries_for_ten_files_as_for_one(
    brought: Any, web: Client, template: PlanTemplate, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one = brought(make.docx(make.paragraph("甲")))
    ten = brought(*[make.docx(make.paragraph("甲"))] * 10)
    counts = []
    for batch in (one[0].batch, ten[0].batch):
        with django_assert_max_num_queries(30) as asked:
            web.get(reverse("word-in-batch", args=[batch]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_way_there_is_on_the_list_and_the_new_page(
    web: Client, template: PlanTemplate, tree: Tree
) -> None:
    for name in ("plan-list", "plan-create"):
        assert reverse("word-in") in web.get(reverse(name)).content.decode()
    reader = Client()
    reader.force_login(make_member(tree.school, Role.ADMINISTRATOR))
    assert reverse("word-in") not in reader.get(reverse("plan-list")).content.decode()
