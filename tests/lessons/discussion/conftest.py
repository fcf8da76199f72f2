import pytest

from foundation.accounts.models import User
from lessons import operations
from lessons.content import ids_of, plan_content
from lessons.models import LessonPlan, PlanInvitation
from lessons.standard_templates import form
from tests.factories import Tree, make_plan, make_teacher


@pytest.fixture
def plan(owner: User) -> LessonPlan:
    content = plan_content(
        form("core"),
        header={"title": "美丽的小兴安岭"},
        sections={"goals": ["会写“融、浸、库”等字", "说清**四季**的景色😀"], "homework": ["背诵第2自然段"]},
        new_id=ids_of("discussion"),
    )
    return make_plan(owner, title="美丽的小兴安岭", content=content)


@pytest.fixture
def commenter(tree: Tree, owner: User, plan: LessonPlan) -> User:
    """May comment, may not write."""
    person = make_teacher(tree.far_school, name="孙立军")
    operations.invite(actor=owner, plan=plan, user=person, level=PlanInvitation.Access.COMMENT)
    return person


@pytest.fixture
def writer(tree: Tree, owner: User, plan: LessonPlan) -> User:
    person = make_teacher(tree.far_school, name="陈晓东")
    operations.invite(actor=owner, plan=plan, user=person, level=PlanInvitation.Access.WRITE)
    return person


@pytest.fixture
def reader(tree: Tree, owner: User, plan: LessonPlan) -> User:
    person = make_teacher(tree.far_school, name="赵静")
    operations.invite(actor=owner, plan=plan, user=person, level=PlanInvitation.Access.READ)
    return person
