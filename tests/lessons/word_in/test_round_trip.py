"""What goes out as a Word document by the standard form comes back the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from foundation.office.docx.reading import read
from lessons.content import ids_of, plan_content
from lessons.document import Node, normal
from lessons.standard_templates import form
from lessons.word_in.recognising import plan_of, recognise

writing = pytest.importorskip("foundation.office.docx.writing")
standard = pytest.importorskip("lessons.word_out.form")
PLANS = sorted((Path(settings.BASE_DIR) / "lessons" / "demo_plans").glob("*.json"))


def without_ids(node: Node) -> Node:
    attributes = {name: value for name, value in node.get("attrs", {}).items() if name != "id"}
    content = [without_ids(child) for child in node.get("content", [])]
    kept = {name: value for name, value in node.items() if name not in ("attrs", "content")}
    return {
        **kept,
        **({"attrs": attributes} if attributes else {}),
        **({"content": content} if content else {}),
    }


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_plan_comes_back_as_it_went_out(path: Path) -> None:
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    template = form(given["goal_style"])
    header = {**given["header"], "title": given["title"]}
    plan = plan_content(template, header=header, sections=given["sections"], new_id=ids_of("out"))
    went = normal(standard.one_side(plan))  # as it is exported: Word has no ways for town and village
    look = standard.look_of(title=given["title"], author="李老师", foot="松岭乡青山小学", notes_column=True)
    content = writing.write(
        standard.plan_blocks(went, [("学科", "语文")]), look=look, pictures=lambda file: None
    )
    found = recognise(read(content)[0])
    known = frozenset({"语文"})
    came = plan_of(found, template, title=found.title, header={}, new_id=ids_of("in"), known=known)
    assert without_ids(normal(came)) == without_ids(went)
