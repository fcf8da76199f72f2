"""Pictures go along with the text: the plan that takes a part over gets its own row for the same bytes.

The id of that row follows from the plan and the first id: the same picture in two plans is known to be the same.
"""

from collections.abc import Iterable
from uuid import UUID, uuid5

from foundation.accounts.models import User
from foundation.files.access import may_fetch
from foundation.files.models import StoredFile
from lessons.document import Node, attribute, walk
from lessons.lineage.parts import each_node
from lessons.models import LessonPlan


def taken_over(node: Node, plan_id: UUID) -> Node:
    """The node as it reads in this plan."""
    return with_files(node, {file: id_in(plan_id, file) for file in files_in(node)})


def id_in(plan_id: UUID, file: str) -> str:
    return str(uuid5(plan_id, file))


def with_files(node: Node, names: dict[str, str]) -> Node:
    def change(child: Node) -> Node:
        file = attribute(child, "file")
        if child["type"] != "image" or file not in names:
            return child
        return {**child, "attrs": {**child["attrs"], "file": names[file]}}

    return each_node(node, change)


def files_in(node: Node) -> set[str]:
    return {
        str(attribute(child, "file"))
        for child in walk(node)
        if child["type"] == "image" and attribute(child, "file")
    }


def take_over(*, files: Iterable[str], plan: LessonPlan, actor: User) -> None:
    """Those that the actor may fetch; what is there already stays."""
    allowed: dict[tuple[str, UUID], bool] = {}
    rows = []
    for file in StoredFile.objects.filter(pk__in=[one for one in files if _is_id(one)]):
        subject = (file.subject_kind, file.subject_id)
        if subject not in allowed:
            allowed[subject] = may_fetch(actor, file)
        if allowed[subject]:
            rows.append(
                StoredFile(
                    pk=id_in(plan.pk, str(file.pk)),
                    blob_id=file.blob_id,
                    name=file.name,
                    width=file.width,
                    height=file.height,
                    subject_kind=file.subject_kind,
                    subject_id=plan.pk,
                    uploaded_by_id=file.uploaded_by_id,
                )
            )
    StoredFile.objects.bulk_create(rows, ignore_conflicts=True)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
