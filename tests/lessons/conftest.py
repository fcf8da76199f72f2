import pytest

from foundation.accounts.models import User
from lessons.models import LessonPlan
from tests.factories import Tree, make_plan, make_region_tree, make_teacher


@pytest.fixture
def tree(db: None) -> Tree:
    return make_region_tree()


@pytest.fixture
def owner(tree: Tree) -> User:
    return make_teacher(tree.school, name="李永梅")


@pytest.fixture
def colleague(tree: Tree) -> User:
    return make_teacher(tree.far_school, name="王春燕")


@pytest.fixture
def plan(owner: User) -> LessonPlan:
    return make_plan(owner, title="山行")
