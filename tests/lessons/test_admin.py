"""后台: the forms of plans, managed by whoever manages the unit; plans are looked up by the operator only."""

import pytest
from django.test import Client
from django.urls import reverse

from foundation.accounts.models import User
from lessons.models import LessonPlan, PlanTemplate
from lessons.standard_templates import form, read_section_lines, section_lines, with_sections
from teaching_centres.models import Region
from tests.factories import Tree, make_administrator, make_superuser, make_template

ADD = reverse("admin:lessons_plantemplate_add")
LIST = reverse("admin:lessons_plantemplate_changelist")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def values(unit: Region, **more: object) -> dict[str, object]:
    return {
        "name": "县格式",
        "region": unit.pk,
        "goal_style": "core",
        "sections": "教学目标：写得出来\n教学过程\n安全提醒",
        **more,
    }


def test_an_administrator_makes_a_form_of_lines(tree: Tree) -> None:
    answer = client_of(make_administrator(tree.county)).post(ADD, values(tree.county))
    assert answer.status_code == 302
    sections = PlanTemplate.objects.get().body["sections"]
    assert [section["title"] for section in sections] == ["教学目标", "教学过程", "安全提醒"]
    assert [section["key"] for section in sections[:2]] == ["goals", "process"]
    assert sections[0]["hint"] == "写得出来"
    assert "process" in sections[1]["blocks"][0]
    assert sections[2]["key"].startswith("own-")


@pytest.mark.parametrize("elsewhere", ["sibling_county", "prefecture", "province"])
def test_a_form_of_a_unit_that_one_does_not_manage_is_not_made(tree: Tree, elsewhere: str) -> None:
    client_of(make_administrator(tree.county)).post(ADD, values(getattr(tree, elsewhere)))
    assert not PlanTemplate.objects.exists()


def test_the_list_holds_the_forms_of_the_own_units(tree: Tree) -> None:
    mine, below = make_template(tree.county), make_template(tree.school)
    other, above = make_template(tree.sibling_county), make_template(tree.province)
    client = client_of(make_administrator(tree.county))
    page = client.get(LIST).content.decode()
    assert mine.name in page
    assert below.name in page
    assert other.name not in page
    assert above.name not in page
    assert client.get(reverse("admin:lessons_plantemplate_change", args=[above.pk])).status_code == 302


def test_a_form_is_retired_and_used_again_but_never_deleted(tree: Tree) -> None:
    template = make_template(tree.county)
    client = client_of(make_administrator(tree.county))
    url = reverse("admin:lessons_plantemplate_change", args=[template.pk])
    client.post(url, values(tree.county, retired="on"))
    template.refresh_from_db()
    assert template.retired_at is not None
    client.post(url, values(tree.county))
    template.refresh_from_db()
    assert template.retired_at is None
    assert (
        client.post(
            reverse("admin:lessons_plantemplate_delete", args=[template.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert PlanTemplate.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sections": "：只有提示"}, "至少写一个部分"),
        ({"sections": "甲\n甲：提示"}, "有两个部分同名"),
        ({"region": ""}, "学校和行政区选一个"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(tree: Tree, change: dict[str, str], words: str) -> None:
    answer = client_of(make_administrator(tree.county)).post(ADD, values(tree.county, **change))
    assert words in answer.content.decode()
    assert not PlanTemplate.objects.exists()


def test_lines_of_a_form_come_back_as_they_were() -> None:
    body = form("three_dimensional")
    assert with_sections(body, read_section_lines("\n".join(section_lines(body)))) == body


def test_only_the_operator_looks_plans_up_and_nobody_changes_them_there(tree: Tree, plan: LessonPlan) -> None:
    url = reverse("admin:lessons_lessonplan_change", args=[plan.pk])
    assert client_of(make_administrator(tree.province)).get(url).status_code == 403
    operator = client_of(make_superuser())
    assert operator.get(url).status_code == 200
    assert operator.post(url, {"state": "deleted"}).status_code == 403
    plan.refresh_from_db()
    assert plan.state == "active"
