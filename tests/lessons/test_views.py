"""The pages over HTTP: what is shown, and what is refused — in Chinese, without a word about what exists."""

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from foundation.accounts.models import User
from foundation.files.models import StoredFile
from foundation.ledger.models import Event
from foundation.notices.models import Notice
from lessons import versions
from lessons.document import open_state, read
from lessons.models import LessonPlan, PlanInvitation, PlanVersion, PlanVisit
from lessons.urls import urlpatterns
from realtime import rooms
from realtime.models import DocumentUpdate
from teaching_centres.roles import Role
from tests.factories import Tree, make_member, make_plan, make_template, make_textbook
from tests.support.disk import writes_fail

GET_NAMES = (
    "plan-editor",
    "plan-book",
    "plan-sharing",
    "plan-sharing-find",
    "plan-versions",
    "plan-version",
    "plan-version-state",
    "plan-edge-state",
    "plan-compare",
    "plan-compare-data",
)
POST_NAMES = (
    "plan-book",
    "plan-state",
    "plan-upload",
    "plan-reach",
    "plan-invite",
    "plan-invitation",
    "plan-version-name",
    "plan-version-restore",
)
WITHOUT_PLAN = {"week", "lesson-plan", "plan-list", "plan-create", "plan-create-books"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def png() -> SimpleUploadedFile:
    from io import BytesIO

    content = BytesIO()
    Image.new("RGB", (4, 3), "green").save(content, "PNG")
    return SimpleUploadedFile("黑板.png", content.getvalue(), "image/png")


@pytest.fixture
def invited(plan: LessonPlan, owner: User, colleague: User) -> PlanInvitation:
    return PlanInvitation.objects.create(plan=plan, user=colleague, access="read", invited_by=owner)


@pytest.fixture
def version(plan: LessonPlan, owner: User) -> PlanVersion:
    return versions.name_version(actor=owner, plan=plan, name="集研后")


def address(name: str, plan_id: object, version: PlanVersion, invitation: PlanInvitation) -> str:
    more = {
        "plan-version": [version.pk],
        "plan-version-state": [version.pk],
        "plan-version-restore": [version.pk],
        "plan-edge-state": ["now"],
        "plan-invitation": [invitation.pk],
    }
    return reverse(name, args=[plan_id, *more.get(name, [])])


def body_of(name: str, person: User) -> dict[str, object]:
    return {
        "plan-book": {"textbook": "", "unit": ""},
        "plan-state": {"state": "deleted"},
        "plan-upload": {"file": png()},
        "plan-reach": {"reach": "province"},
        "plan-invite": {"who": f"user:{person.pk}", "access": "write"},
        "plan-invitation": {"access": "write"},
        "plan-version-name": {"name": "偷偷定一版"},
    }.get(name, {})


def everything() -> tuple[object, ...]:
    """All that a refused request must leave as it was."""
    return (
        list(LessonPlan.objects.order_by("pk").values_list("pk", "state", "reach", "title")),
        list(PlanInvitation.objects.order_by("pk").values_list("pk", "access")),
        *(model.objects.count() for model in (PlanVersion, StoredFile, Notice, Event, DocumentUpdate)),
    )


def test_every_address_is_tested_here() -> None:
    """The packages beside these views test their own."""
    of_plans = [each for each in urlpatterns if each.callback.__module__.startswith("lessons.views")]
    assert {each.name for each in of_plans} == {*GET_NAMES, *POST_NAMES, *WITHOUT_PLAN}


# ---- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*GET_NAMES, *POST_NAMES])
def test_a_plan_one_may_not_see_looks_as_if_it_did_not_exist(
    name: str, tree: Tree, plan: LessonPlan, owner: User, invited: PlanInvitation, version: PlanVersion
) -> None:
    stranger = client_of(make_member(tree.school, Role.ADMINISTRATOR))
    before = everything()
    answers = []
    for plan_id in (plan.pk, uuid4()):
        url = address(name, plan_id, version, invited)
        answers.append(stranger.get(url) if name in GET_NAMES else stranger.post(url, body_of(name, owner)))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "山行" not in answers[0].content.decode()
    assert "李永梅" not in answers[0].content.decode()
    assert everything() == before


@pytest.mark.parametrize("name", POST_NAMES)
def test_a_reader_is_refused_with_a_reason_and_nothing_changes(
    name: str, plan: LessonPlan, colleague: User, invited: PlanInvitation, version: PlanVersion
) -> None:
    before = everything()
    answer = client_of(colleague).post(address(name, plan.pk, version, invited), body_of(name, colleague))
    assert answer.status_code == 403
    text = answer.content.decode()
    if name == "plan-upload":
        text = json.loads(text)["detail"]
    assert "你可以看这份教案，不能改" in text or "只有教案的主人" in text
    assert everything() == before


@pytest.mark.parametrize("name", ["plan-reach", "plan-invite", "plan-invitation", "plan-state"])
def test_an_invited_writer_does_not_manage(
    name: str, plan: LessonPlan, colleague: User, invited: PlanInvitation, version: PlanVersion
) -> None:
    PlanInvitation.objects.update(access="write")
    before = everything()
    answer = client_of(colleague).post(address(name, plan.pk, version, invited), body_of(name, colleague))
    assert answer.status_code == 403
    assert everything() == before


@pytest.mark.parametrize("name", POST_NAMES)
def test_an_archived_plan_is_only_managed(
    name: str, plan: LessonPlan, owner: User, invited: PlanInvitation, version: PlanVersion
) -> None:
    LessonPlan.objects.update(state="archived")
    before = everything()
    answer = client_of(owner).post(address(name, plan.pk, version, invited), body_of(name, owner))
    if name in ("plan-book", "plan-upload", "plan-version-name", "plan-version-restore"):
        assert answer.status_code == 403
        assert everything() == before
    elif name == "plan-invite":
        assert answer.status_code == 403  # the owner needs no invitation
    else:
        assert answer.status_code == 302


@pytest.mark.parametrize(
    "name", ["today", "plan-list", "plan-create", "plan-editor", "plan-sharing", "plan-versions"]
)
def test_who_is_not_signed_in_is_asked_to(name: str, plan: LessonPlan) -> None:
    url = reverse(name, args=[] if name in ("today", *WITHOUT_PLAN) else [plan.pk])
    answer = Client().get(url)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("login"))


def test_today_begins_with_the_day(owner: User) -> None:
    now = timezone.localtime()
    day = f"{now.month}月{now.day}日 星期{'一二三四五六日'[now.weekday()]}"
    assert f"<h1>{day}</h1>" in client_of(owner).get("/").content.decode()


def test_a_row_names_who_edited_unless_it_was_the_owner_alone(
    owner: User, colleague: User, plan: LessonPlan
) -> None:
    def page() -> str:
        return client_of(owner).get("/plans/").content.decode()

    LessonPlan.objects.filter(pk=plan.pk).update(edited_by=[owner.pk])
    assert f"{owner.name} 今天" not in page()
    LessonPlan.objects.filter(pk=plan.pk).update(edited_by=[owner.pk, colleague.pk])
    assert f"{owner.name}、{colleague.name} 今天" in page()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INSPECTOR])
def test_who_does_not_teach_cannot_begin_a_plan(tree: Tree, role: str) -> None:
    client = client_of(make_member(tree.province, role))
    answers = [client.get("/plans/new/"), client.post("/plans/new/", {"title": "山行"})]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert "教师、备课组长或教研员" in answers[0].content.decode()
    assert not LessonPlan.objects.exists()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("plan-state", {"state": "gone"}),
        ("plan-reach", {"reach": "world"}),
        ("plan-invite", {"who": "everyone", "access": "write"}),
        ("plan-invite", {"who": "user:1", "access": "own"}),
        ("plan-invite", {"who": "user:999999999999", "access": "read"}),
        ("plan-invitation", {"access": "own"}),
        ("plan-upload", {}),
    ],
)
def test_nonsense_is_refused(
    name: str,
    body: dict[str, str],
    plan: LessonPlan,
    owner: User,
    invited: PlanInvitation,
    version: PlanVersion,
) -> None:
    before = everything()
    answer = client_of(owner).post(address(name, plan.pk, version, invited), body)
    assert answer.status_code in (404, 422)
    assert everything() == before


# ---- beginning ----------------------------------------------------------------------------------


def test_a_plan_is_begun_from_the_form(tree: Tree, owner: User) -> None:
    template, book = make_template(tree.county), make_textbook()
    client = client_of(owner)
    assert client.get("/plans/new/").status_code == 200
    answer = client.post(
        "/plans/new/",
        {"title": " 美丽的 小兴安岭 ", "textbook": book.pk, "template": template.pk, "period": "第 2 课时"},
    )
    plan = LessonPlan.objects.get()
    assert answer.headers["Location"] == reverse("plan-editor", args=[plan.pk])
    assert (plan.title, plan.textbook, plan.template) == ("美丽的 小兴安岭", book, template)


def test_a_template_of_another_county_cannot_be_used(tree: Tree, owner: User) -> None:
    make_template(tree.county)
    other = make_template(tree.sibling_county)
    answer = client_of(owner).post("/plans/new/", {"title": "山行", "template": other.pk})
    assert answer.status_code == 422
    assert "请另选一种" in answer.content.decode()
    assert not LessonPlan.objects.exists()


def test_a_unit_of_another_book_is_dropped(tree: Tree, owner: User) -> None:
    template, book, other = make_template(tree.county), make_textbook(), make_textbook(grade=5)
    unit = other.units.create(number=1, title="别的书的单元")
    client_of(owner).post(
        "/plans/new/", {"title": "山行", "template": template.pk, "textbook": book.pk, "unit": unit.pk}
    )
    assert LessonPlan.objects.get().unit is None


def test_each_select_offers_what_the_ones_above_leave(owner: User) -> None:
    chinese = make_textbook("语文", 3)
    make_textbook("数学", 3)
    unit = chinese.units.create(number=6, title="祖国之美")
    client = client_of(owner)
    before = client.get("/plans/new/books/", {"stage": "primary"}).content.decode()
    assert "数学" in before
    assert "祖国之美" not in before
    after = client.get(
        "/plans/new/books/", {"stage": "primary", "subject": chinese.subject_id, "textbook": "不存在"}
    ).content.decode()
    assert f'<option value="{chinese.pk}" selected>三年级上册</option>' in after  # the only one: chosen
    assert f'<option value="{unit.pk}" selected>6 祖国之美</option>' in after


def test_a_plan_is_put_into_another_book(plan: LessonPlan, owner: User) -> None:
    book = make_textbook()
    unit = book.units.create(number=6, title="祖国之美")
    client, url = client_of(owner), reverse("plan-book", args=[plan.pk])
    assert client.post(url, {"textbook": book.pk, "unit": unit.pk}).status_code == 302
    plan.refresh_from_db()
    assert (plan.textbook, plan.unit) == (book, unit)
    assert Event.objects.get(kind="plan.facts_changed").data == {"textbook_id": book.pk, "unit_id": unit.pk}
    assert f'<option value="{unit.pk}" selected>' in client.get(url).content.decode()
    assert client.post(url, {"textbook": 10**9}).status_code == 422
    client.post(url, {"textbook": "", "unit": unit.pk})
    plan.refresh_from_db()
    assert (plan.textbook, plan.unit) == (None, None)


# ---- the pages ----------------------------------------------------------------------------------


def test_the_editor_page_brings_what_its_script_needs(plan: LessonPlan, owner: User) -> None:
    client = client_of(owner)
    answer = client.get(reverse("plan-editor", args=[plan.pk]))
    data = answer.context["plan_data"]
    assert (data["id"], data["access"], data["canManage"], data["socket"]) == (
        str(plan.pk),
        "write",
        True,
        plan.socket,
    )
    assert data["urls"]["file"] == "/files/{id}/"
    assert data["nextVersion"] == 1
    assert "csrftoken" in client.cookies


def test_the_editor_page_opens_where_nothing_can_be_stored(plan: LessonPlan, owner: User) -> None:
    client = client_of(owner)
    PlanVisit.objects.all().delete()
    with writes_fail():
        answer = client.get(reverse("plan-editor", args=[plan.pk]))
    assert answer.context["plan_data"]["access"] == "write"
    assert not PlanVisit.objects.exists()


def test_a_reader_gets_the_editor_page_to_read(
    plan: LessonPlan, colleague: User, invited: PlanInvitation
) -> None:
    data = client_of(colleague).get(reverse("plan-editor", args=[plan.pk])).context["plan_data"]
    assert (data["access"], data["canManage"]) == ("read", False)


def test_the_owner_of_a_deleted_plan_is_offered_to_bring_it_back(plan: LessonPlan, owner: User) -> None:
    client = client_of(owner)
    client.post(reverse("plan-state", args=[plan.pk]), {"state": "deleted"})
    page = client.get(reverse("plan-editor", args=[plan.pk])).content.decode()
    assert "《山行》已删除" in page
    client.post(reverse("plan-state", args=[plan.pk]), {"state": "active"})
    plan.refresh_from_db()
    assert plan.state == "active"


def test_a_person_is_found_invited_changed_and_withdrawn(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    client, sharing = client_of(owner), reverse("plan-sharing", args=[plan.pk])
    found = client.get(reverse("plan-sharing-find", args=[plan.pk]), {"q": "春"}).content.decode()
    assert f"user:{colleague.pk}" in found
    client.post(reverse("plan-invite", args=[plan.pk]), {"who": f"user:{colleague.pk}", "access": "read"})
    assert "王春燕" in client.get(sharing).content.decode()
    assert (
        "没有找到" in client.get(reverse("plan-sharing-find", args=[plan.pk]), {"q": "春"}).content.decode()
    )
    invitation = PlanInvitation.objects.get()
    url = reverse("plan-invitation", args=[plan.pk, invitation.pk])
    client.post(url, {"access": "write"})
    assert PlanInvitation.objects.get().access == "write"
    client.post(url, {"access": "none"})
    assert not PlanInvitation.objects.exists()


def test_an_invitation_of_another_plan_is_not_changed_through_mine(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    theirs = PlanInvitation.objects.create(
        plan=make_plan(colleague), user=owner, access="read", invited_by=colleague
    )
    answer = client_of(owner).post(reverse("plan-invitation", args=[plan.pk, theirs.pk]), {"access": "write"})
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.access == "read"


def test_a_version_of_another_plan_is_not_read_through_mine(
    plan: LessonPlan, owner: User, colleague: User
) -> None:
    theirs = versions.name_version(actor=colleague, plan=make_plan(colleague))
    client = client_of(owner)
    for name in ("plan-version", "plan-version-state"):
        assert client.get(reverse(name, args=[plan.pk, theirs.pk])).status_code == 404
    compare = reverse("plan-compare-data", args=[plan.pk])
    assert client.get(compare, {"from": theirs.pk}).status_code == 404
    assert client.get(compare, {"from": "x"}).status_code == 404
    assert client.post(reverse("plan-version-restore", args=[plan.pk, theirs.pk])).status_code == 404


def test_a_picture_is_stored_for_the_plan_and_fetched_by_its_readers(
    tree: Tree, plan: LessonPlan, owner: User, colleague: User, settings, tmp_path
) -> None:
    answer = client_of(owner).post(reverse("plan-upload", args=[plan.pk]), {"file": png()})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["width"], body["height"]) == (4, 3)
    url = reverse("file", args=[body["file"]])
    assert client_of(owner).get(url).status_code == 200
    assert client_of(colleague).get(url).status_code == 404
    PlanInvitation.objects.create(plan=plan, user=colleague, access="read", invited_by=owner)
    assert client_of(colleague).get(url).status_code == 200
    assert Event.objects.filter(kind="plan.image_added").count() == 1


def test_what_is_no_picture_is_refused_with_a_sentence(plan: LessonPlan, owner: User) -> None:
    upload = SimpleUploadedFile("a.png", b"not a picture", "image/png")
    answer = client_of(owner).post(reverse("plan-upload", args=[plan.pk]), {"file": upload})
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not StoredFile.objects.exists()


def test_a_version_is_named_from_the_editor_and_from_the_page(plan: LessonPlan, owner: User) -> None:
    client, url = client_of(owner), reverse("plan-version-name", args=[plan.pk])
    answer = client.post(url, {"name": "集研前"}, headers={"Accept": "application/json"})
    assert answer.json() == {"id": PlanVersion.objects.get().pk, "number": 1, "label": "第1版 集研前"}
    assert client.post(url, {}, headers={"Accept": "text/html"}).status_code == 302
    page = client.get(reverse("plan-versions", args=[plan.pk])).content.decode()
    assert "第1版 集研前" in page
    assert "第2版" in page


def test_the_states_of_versions_are_what_the_comparison_says(
    plan: LessonPlan, owner: User, version: PlanVersion
) -> None:
    client = client_of(owner)
    data = client.get(reverse("plan-compare-data", args=[plan.pk]), {"from": version.pk, "to": "now"}).json()
    assert data["from"]["id"] == version.pk
    first = client.get(reverse("plan-edge-state", args=[plan.pk, "first"]))
    for url in (data["from"]["state"], data["to"]["state"], first.request["PATH_INFO"]):
        answer = client.get(url)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert read(open_state(answer.content)) == read(open_state(rooms.state(plan.document).state))


@pytest.mark.parametrize("tab", ["mine", "shared", "unit", "recent", "bin", "nonsense"])
def test_every_tab_has_a_page_when_empty_and_when_filtered(owner: User, tab: str) -> None:
    client = client_of(owner)
    assert client.get("/plans/", {"tab": tab}).status_code == 200
    answer = client.get(
        "/plans/", {"tab": tab, "q": "找不到", "grade": "x", "subject": "9" * 30, "cursor": "!"}
    )
    assert "没有找到" in answer.content.decode()


def test_the_rest_of_a_long_list_comes_as_a_part_of_the_page(owner: User) -> None:
    for number in range(25):
        make_plan(owner, title=f"第{number}课")
    client = client_of(owner)
    page = client.get("/plans/")
    more = page.context["more"]
    part = client.get(f"/plans/{more}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.count("plan-row") == 5
