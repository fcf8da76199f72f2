"""What the template components draw, without a browser."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from prep_platform.templatetags import components


def draw(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


# ---- vite_entry ---------------------------------------------------------------------------------

MANIFEST = {
    "src/entries/site.ts": {"file": "assets/site-aaaaaaaa.js", "css": ["assets/site-bbbbbbbb.css"]},
    "src/entries/editor.ts": {
        "file": "assets/editor-cccccccc.js",
        "css": ["assets/editor-dddddddd.css"],
        "imports": ["_shared.js"],
        "dynamicImports": ["src/find.ts"],
    },
    "_shared.js": {"file": "assets/shared-eeeeeeee.js"},
    "src/find.ts": {"file": "assets/find-ffffffff.js"},
}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(MANIFEST))
    monkeypatch.setattr(components, "MANIFEST", path)


def test_an_entry_brings_its_styles_what_it_imports_and_its_script(built: None) -> None:
    html = draw('{% vite_entry "editor" %}')
    assert '<link rel="stylesheet" href="/static/assets/editor-dddddddd.css">' in html
    assert '<link rel="modulepreload" href="/static/assets/shared-eeeeeeee.js">' in html
    assert '<script type="module" src="/static/assets/editor-cccccccc.js"></script>' in html


def test_what_is_loaded_when_used_is_not_loaded_at_once(built: None) -> None:
    assert "find" not in draw('{% vite_entry "editor" %}')


def test_an_entry_that_does_not_exist_is_an_error(built: None) -> None:
    with pytest.raises(KeyError):
        draw('{% vite_entry "nothing" %}')


def test_pages_work_before_the_front_end_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "MANIFEST", tmp_path / "nothing.json")
    assert "not built" in draw('{% vite_entry "site" %}')


# ---- marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "word"), [("town", "城镇"), ("village", "乡村")])
def test_town_and_village_have_shape_colour_and_word(value: str, word: str) -> None:
    html = draw("{% side value %}", value=value)
    assert f"dot-{value}" in html
    assert word in html
    assert f"chip-{value}" in draw("{% side_chip value %}", value=value)


def test_someone_without_a_school_has_no_mark() -> None:
    assert draw('{% side "" %}') == ""


def test_names_are_escaped() -> None:
    person = SimpleNamespace(name='"><b>', initial="<", colour=3)
    html = draw('{% avatar person "" True %}', person=person)
    assert "<b>" not in html
    assert "&lt;" in html
    assert "p3" in html


# ---- the ruler ----------------------------------------------------------------------------------


def test_the_ruler_says_what_is_left_of_forty_minutes() -> None:
    html = draw("{% ruler steps %}", steps=[("导入", 5), ("新授", 20)])
    assert "已排 25 分钟" in html
    assert "还余 15 分钟没安排" in html
    assert "导入 5 分钟，新授 20 分钟；还余 15 分钟没安排" in html


def test_the_ruler_says_what_is_too_much_and_where_the_bell_rings() -> None:
    html = draw("{% ruler steps %}", steps=[{"name": "新授", "minutes": 50}])
    assert "超出 10 分钟" in html
    assert 'style="--at:80%" class="bell"' in html


def test_a_full_ruler_and_steps_without_minutes() -> None:
    html = draw("{% ruler steps %}", steps=[("新授", 40), ("作业", None)])
    assert "40 分钟已排满" in html
    assert "作业" not in html


def test_an_empty_ruler_is_all_gap() -> None:
    html = draw("{% ruler steps %}", steps=[])
    assert "已排 0 分钟" in html
    assert "todo" in html


# ---- forms, paging, times -----------------------------------------------------------------------


class MinutesForm(forms.Form):
    minutes = forms.IntegerField(label="分钟", max_value=40, help_text="一节课多长")


def test_a_field_ties_its_hint_to_its_control() -> None:
    html = draw("{% field form.minutes %}", form=MinutesForm())
    assert 'for="id_minutes"' in html
    assert 'aria-describedby="id_minutes_hint"' in html
    assert 'id="id_minutes_hint"' in html


def test_an_error_replaces_the_hint() -> None:
    html = draw("{% field form.minutes %}", form=MinutesForm({"minutes": "400"}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_minutes_error"' in html
    assert "一节课多长" not in html


def test_paging_keeps_the_filters() -> None:
    request = RequestFactory().get("/plans/?subject=3&page=2")
    html = draw("{% paging page %}", page=Paginator(range(60), 20).page(2), request=request)
    assert 'href="?subject=3&amp;page=1"' in html
    assert 'href="?subject=3&amp;page=3"' in html


def test_one_page_has_no_paging() -> None:
    request = RequestFactory().get("/plans/")
    assert draw("{% paging page %}", page=Paginator(range(3), 20).page(1), request=request).strip() == ""


def test_times_are_said_as_people_say_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)
    said = [
        now - delta
        for delta in (timedelta(minutes=139), timedelta(hours=20), timedelta(days=3), timedelta(days=400))
    ]
    assert [components.when(moment) for moment in said] == [
        "今天 9:41",
        "昨天 16:00",
        "11月21日",
        "2025年10月20日",
    ]
    assert components.when(None) == ""
