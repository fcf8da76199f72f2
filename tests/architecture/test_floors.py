"""Imports and relations point down the floors of the house, and nothing is left behind by a change."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Model

FLOORS = ["prep_platform", "lessons", "teaching_centres", "foundation", "realtime"]


def floor_of(model: type[Model]) -> str:
    return model.__module__.split(".")[0]


def may_point_at(model: type[Model], target: type[Model]) -> bool:
    own, other = floor_of(model), floor_of(target)
    if other not in FLOORS:
        return True  # Django's own tables are the ground: everyone may stand on them
    if own == other == "foundation":
        member, other_member = model.__module__.split(".")[1], target.__module__.split(".")[1]
        return other_member in {member, "accounts"}
    return own == other or FLOORS.index(own) < FLOORS.index(other)


def test_every_relation_points_down() -> None:
    # a foreign key given as a string is an import that import-linter cannot see
    relations = [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if floor_of(model) in FLOORS
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and isinstance(field.related_model, type)
    ]
    assert len(relations) > 20
    upwards = [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model, field in relations
        if not may_point_at(model, field.related_model)
    ]
    assert upwards == []


def test_realtime_has_no_relation_at_all() -> None:
    fields = [
        field
        for model in apps.get_app_config("realtime").get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created
    ]
    assert all(floor_of(field.related_model) == "realtime" for field in fields)


def test_imports_point_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [linter, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)
