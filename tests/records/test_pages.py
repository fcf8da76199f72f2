"""The pages and documents of a record, as a browser gets them."""

import io
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from docx import Document

from foundation.records.editing import blank
from foundation.records.form import Person, Question, Viewpoint
from foundation.records.models import Record, RecordEdit, RecordRevision
from foundation.records.operations import reopen, sign
from tests.factories import make_teacher
from tests.records.conftest import World, person, text


@pytest.fixture
def browser(world: World) -> Client:
    browser = Client()
    browser.force_login(world.host)
    return browser


def at(name: str, *more: Any) -> str:
    return reverse(name, args=["meeting", "first", *more])


def posted(world: World, **changed: str) -> dict[str, Any]:
    """What a browser sends when the form is opened and these inputs are typed into."""
    sent: dict[str, Any] = {}
    for key, each in blank(world.draft()).fields.items():
        sent |= {f"seen-{key}": each.seen, f"was-{key}": each.was}
        for row in each.rows:
            sent |= {box.name: box.text.replace("\n", "\r\n") for box in row}
    return sent | changed


def save(browser: Client, sent: dict[str, Any]) -> Any:
    return browser.post(at("record-edit"), sent)


# ---- the record --------------------------------------------------------------------------------------------
def test_the_page_shows_all_that_happened(world: World, browser: Client) -> None:
    page = browser.get(at("record")).content.decode()
    for words in (
        "山行",
        "记录人乙（青山小学）",
        "请假：送教下乡",
        "第一课时要不要讲诗人？",
        "记录人乙（青山小学）：学生没见过枫林，先看图。",
        "先看图，诗人放到课后。",
        "改第二环节",
        "第 2 版 集研后",
        "31",
    ):
        assert words in page
    assert "草稿" in page and "改过" not in page.split("签字定稿")[0]


def test_the_page_says_what_was_changed_by_hand_and_that_the_source_changed(
    world: World, browser: Client
) -> None:
    world.write(world.writer, "results", text("我们的成果", "results"))
    world.change(results="定稿 1 份，个案 6 份。")
    page = browser.get(at("record")).content.decode()
    row = page[page.index('id="f-results"') :].split("</tr>")[0]
    assert "我们的成果" in row and "改过" in row and "记录人乙" in row
    assert "自动填的内容又变了" in row and "定稿 1 份，个案 6 份。" in row
    browser.post(
        at("record-automatic", "results"), {"do": "keep", "seen": world.draft().fields["results"].seen}
    )
    assert "自动填的内容又变了" not in browser.get(at("record")).content.decode()
    browser.post(
        at("record-automatic", "results"), {"do": "restore", "seen": world.draft().fields["results"].seen}
    )
    assert world.words("results") == "定稿 1 份，个案 6 份。"


def test_the_page_takes_few_queries_for_any_number_of_rows(
    world: World, browser: Client, django_assert_max_num_queries
) -> None:
    people = tuple(person(make_teacher()) for _number in range(30))
    questions = tuple(Question(f"问{n}", (Viewpoint(people[n], "话"),), "共识") for n in range(20))
    world.change(participants=people, discussion=questions)
    browser.get(at("record"))
    with django_assert_max_num_queries(16):
        browser.get(at("record"))
    sign(opened=world.opened(), seen=world.draft().digest)
    with django_assert_max_num_queries(18):
        browser.get(at("record"))


# ---- editing ---------------------------------------------------------------------------------------------
def test_saving_an_untouched_form_changes_nothing_even_when_things_happened_meanwhile(
    world: World, browser: Client
) -> None:
    sent = posted(world)
    world.change(results="新的成果", participants=())
    world.write(world.writer, "theme", text("别人改的", "theme"))
    count = RecordEdit.objects.count()
    assert save(browser, sent).status_code == 302
    assert RecordEdit.objects.count() == count


def test_only_what_was_typed_into_is_kept(world: World, browser: Client) -> None:
    answer = save(browser, posted(world, **{"reflection-reflection": "枫林要先看实物。\r\n\r\n第二段"}))
    assert answer.status_code == 302
    assert [edit.field for edit in RecordEdit.objects.all()] == ["reflection"]
    assert world.words("reflection") == "枫林要先看实物。\n\n第二段"


def test_rows_are_added_changed_and_taken_out(world: World, browser: Client) -> None:
    sent = posted(
        world,
        **{
            "tasks-r0-task": "改第二、三环节",
            "tasks-r1-task": "拍一段课堂",
            "tasks-r1-person": "老师丙",
            "tasks-r1-due": "2026-12-01",
            "absentees-r0-person": "",
            "absentees-r0-reason": "",
            "participants-participants": "老师丙（青山小学）\r\n新来的（某校）",
        },
    )
    assert save(browser, sent).status_code == 302
    body = world.draft().body
    assert [(row["task"], row["due"]) for row in body["tasks"]] == [
        ("改第二、三环节", "2026-11-20"),
        ("拍一段课堂", "2026-12-01"),
    ]
    assert body["tasks"][0]["key"] == "t-1"
    assert body["tasks"][1]["person"]["user"] == world.reader.pk
    assert body["absentees"] == []
    assert body["participants"][0]["participants"]["user"] == world.reader.pk
    assert body["participants"][1]["participants"] == {"name": "新来的", "school": "某校"}


def test_a_row_that_is_wrong_is_said_there_and_nothing_is_lost_or_saved(
    world: World, browser: Client
) -> None:
    sent = posted(world, **{"tasks-r0-due": "下周一", "reflection-reflection": "写了很多"})
    answer = save(browser, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 1 行“期限”写成 2026-09-01 这样。" in page
    assert "写了很多" in page and 'value="下周一"' in page
    assert not RecordEdit.objects.exists()


def test_more_rows_are_asked_for_without_saving(world: World, browser: Client) -> None:
    sent = posted(world, **{"reflection-reflection": "没存的话", "more": "tasks"})
    page = save(browser, sent).content.decode()
    assert "没存的话" in page
    assert page.count('name="tasks-r4-task"') == 1
    assert not RecordEdit.objects.exists()


def test_two_who_edit_at_once_see_both_texts_and_lose_none(world: World, browser: Client) -> None:
    mine = posted(world, **{"reflection-reflection": "甲的反思", "improvement-improvement": "甲的改进"})
    other = Client()
    other.force_login(world.writer)
    save(other, posted(world, **{"reflection-reflection": "乙的反思"}))

    answer = save(browser, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "别人也改了" in page and "乙的反思" in page and "甲的反思" in page and "记录人乙" in page
    assert world.words("improvement") == "甲的改进"
    assert world.words("reflection") == "乙的反思"

    again = sent_by(page) | {"both": "reflection"}
    joined = save(browser, again).content.decode()
    assert "乙的反思\n甲的反思" in joined
    assert world.words("reflection") == "乙的反思"
    assert save(browser, sent_by(joined)).status_code == 302
    assert world.words("reflection") == "乙的反思\n甲的反思"


def test_whoever_insists_writes_over_and_the_other_text_is_still_there(world: World, browser: Client) -> None:
    mine = posted(world, **{"reflection-reflection": "甲的反思"})
    world.write(world.writer, "reflection", text("乙的反思"))
    page = save(browser, mine).content.decode()
    assert save(browser, sent_by(page)).status_code == 302
    assert world.words("reflection") == "甲的反思"
    assert "乙的反思" in browser.get(at("record-edit")).content.decode()


def sent_by(page: str) -> dict[str, str]:
    """What the form on the page would send."""
    form = page[page.index('class="record-form"') :]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("name") != "csrfmiddlewaretoken":
            sent[unescape(attributes["name"])] = unescape(attributes.get("value", ""))
    for name, words in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        sent[name] = unescape(words)
    return sent


def test_a_form_sent_twice_is_kept_once(world: World, browser: Client) -> None:
    sent = posted(world, **{"tasks-r1-task": "拍一段课堂"})
    assert save(browser, sent).status_code == 302
    assert save(browser, sent).status_code == 302
    assert RecordEdit.objects.count() == 1


def test_a_signed_record_has_no_form(world: World, browser: Client) -> None:
    sent = posted(world, **{"reflection-reflection": "晚了一步"})
    sign(opened=world.opened(), seen=world.draft().digest)
    answer = browser.post(at("record-edit"), sent, follow=True)
    assert "先重开" in answer.content.decode()
    assert not RecordEdit.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"seen-reflection": "x", "reflection-reflection": "写"},
        {"seen-reflection": "9" * 40, "was-reflection": "x", "reflection-reflection": "写"},
        {"seen-tasks": "0", "was-tasks": "x", "tasks-r99999-task": "写", "tasks-rx-task": "写"},
        {"more": "nothing"},
        {"both": "\x00"},
    ],
)
def test_forged_forms_do_no_harm(world: World, browser: Client, sent: dict[str, str]) -> None:
    answer = browser.post(at("record-edit"), sent)
    assert answer.status_code in {200, 302, 409, 422}


# ---- signing ---------------------------------------------------------------------------------------------
def test_signing_and_reopening_on_the_page(world: World, browser: Client) -> None:
    digest = re.search(r'name="seen" value="([0-9a-f]{64})"', browser.get(at("record")).content.decode())[1]
    page = browser.post(at("record-sign"), {"seen": digest}, follow=True).content.decode()
    assert "签字定稿了" in page and "第 1 次定稿" in page
    assert RecordRevision.objects.get().sha256 in page
    assert "改记录" not in page
    assert "为什么重开" in browser.post(at("record-reopen"), {"because": ""}, follow=True).content.decode()
    page = browser.post(at("record-reopen"), {"because": "漏了一个人"}, follow=True).content.decode()
    assert "定稿后重开了：漏了一个人" in page and "改记录" in page
    old = browser.get(at("record-revision", 1)).content.decode()
    assert "这是以前定稿的一份" in old and "山行" in old
    assert browser.get(at("record-revision", 2)).status_code == 404


def test_a_stale_page_is_not_signed(world: World, browser: Client) -> None:
    digest = world.draft().digest
    world.change(results="又有了")
    page = browser.post(at("record-sign"), {"seen": digest}, follow=True).content.decode()
    assert "请再看一遍" in page
    assert not RecordRevision.objects.exists()


def test_a_record_that_was_tampered_with_says_so(world: World, browser: Client) -> None:
    sign(opened=world.opened(), seen=world.draft().digest)
    assert "不能当依据" not in browser.get(at("record")).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_recordrevision SET subject_label = 'x'")
    assert "不能当依据" in browser.get(at("record")).content.decode()


# ---- the document ------------------------------------------------------------------------------------------
def cells(answer: Any) -> list[list[str]]:
    """The rows of the table, each cell once."""
    rows = []
    for row in Document(io.BytesIO(answer.content)).tables[0].rows:
        texts: list[str] = []
        seen: list[Any] = []
        for cell in row.cells:
            if cell._tc not in seen:
                seen.append(cell._tc)
                texts.append("\n".join(paragraph.text for paragraph in cell.paragraphs))
        rows.append(texts)
    return rows


def test_the_document_has_the_customary_table(world: World, browser: Client) -> None:
    answer = browser.get(at("record-document"))
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")
    assert "%E8%AE%B0%E5%BD%95" in answer.headers["Content-Disposition"]
    document = Document(io.BytesIO(answer.content))
    assert document.paragraphs[0].text == "活动记录表"
    assert (round(document.sections[0].page_width.cm), round(document.sections[0].page_height.cm)) == (21, 30)
    assert cells(answer) == [
        ["主题", "山行"],
        ["时间", "2026年11月3日—11月13日", "地点", "线上"],
        ["主持人", "主持人甲（实验小学）", "记录人", "记录人乙（青山小学）"],
        ["参加人员", "主持人甲（实验小学）、记录人乙（青山小学）、老师丙（青山小学）"],
        ["缺席人员及原因", "姓名", "原因"],
        ["缺席人员及原因", "外人丁（青山小学）", "请假：送教下乡"],
        ["研讨过程", "问题 1", "第一课时要不要讲诗人？"],
        [
            "研讨过程",
            "观点",
            "记录人乙（青山小学）：学生没见过枫林，先看图。\n老师丙（青山小学）：放到课后。",
        ],
        ["研讨过程", "共识", "先看图，诗人放到课后。"],
        ["任务分工", "任务", "负责人", "期限"],
        ["任务分工", "改第二环节", "记录人乙（青山小学）", "2026-11-20"],
        ["教案版本", "版本", "日期", "定稿人"],
        ["教案版本", "第 2 版 集研后", "2026-11-12", "主持人甲（实验小学）"],
        ["参与改稿", "姓名", "改动次数"],
        ["参与改稿", "记录人乙（青山小学）", "31"],
        ["参与改稿", "主持人甲（实验小学）", "12"],
        ["活动成果", "定稿 1 份。"],
        ["反思", ""],
        ["改进措施", ""],
    ]
    assert "草稿" in document.paragraphs[-1].text


def test_the_document_of_a_signed_record_is_what_was_signed(world: World, browser: Client) -> None:
    revision = sign(opened=world.opened(), seen=world.draft().digest)
    world.change(theme="别的")
    for path in (at("record-document"), at("record-revision-document", 1)):
        answer = browser.get(path)
        assert cells(answer)[0] == ["主题", "山行"]
        foot = Document(io.BytesIO(answer.content)).paragraphs[-1].text
        assert "主持人签字：主持人甲" in foot and revision.sha256[:16] in foot
    reopen(opened=world.opened(), because="改")
    assert cells(browser.get(at("record-document")))[0] == ["主题", "别的"]
    assert cells(browser.get(at("record-revision-document", 1)))[0] == ["主题", "山行"]


def test_a_document_of_an_empty_record_and_of_strange_characters(world: World, browser: Client) -> None:
    world.change(
        participants=(), absentees=(), discussion=(), tasks=(), versions=(), contributions=(), host=None
    )
    assert ["研讨过程", ""] in cells(browser.get(at("record-document")))
    world.change(theme="\x0b铃\x00\u202e=1+1", host=Person(name="<b>&"))
    rows = cells(browser.get(at("record-document")))
    assert rows[0] == ["主题", "铃=1+1"]
    assert rows[2][1] == "<b>&"


def test_downloading_stores_nothing(world: World, browser: Client) -> None:
    browser.get(at("record-document"))
    assert not Record.objects.exists()
