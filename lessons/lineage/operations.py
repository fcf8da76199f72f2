"""Own versions of shared plans."""

from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.operations import record
from lessons import policies
from lessons.document import Node, attribute, read_state
from lessons.errors import NotPossible
from lessons.lineage import pictures
from lessons.lineage.connection import connect, text_of, waiting_of
from lessons.lineage.deciding import own_fork
from lessons.lineage.models import Fork
from lessons.lineage.parts import OWN_FIELDS, each_node, storable
from lessons.lineage.policies import require_decide
from lessons.models import LessonPlan, PlanVersion
from lessons.operations import create_plan_with
from teaching_centres.queries import place_of


@transaction.atomic
def fork(*, actor: User, version: PlanVersion) -> LessonPlan:
    """One's own version of a shared plan, begun as this named version reads. Who has one already gets it back."""
    upstream = LessonPlan.objects.select_for_update().get(pk=version.plan_id)
    policies.require_read(actor, upstream)
    policies.require_create(actor)
    mine = own_version(actor, upstream)
    if mine is not None:
        if mine.state == LessonPlan.State.DELETED:
            raise NotPossible(_("你做过这份共案的个案，现在在“回收”里。先恢复它，再接着用。"))
        return mine
    if version.number is None:
        raise NotPossible(_("先把共案定为一版，再从那一版做个案。"))
    plan_id, text = uuid4(), storable(read_state(bytes(version.state)))
    plan = create_plan_with(
        actor=actor,
        content=pictures.taken_over(_taught_by(text, actor), plan_id),
        template=upstream.template,
        title=upstream.title,
        textbook=upstream.textbook,
        unit=upstream.unit,
        plan_id=plan_id,
        is_demo=upstream.is_demo,
    )
    pictures.take_over(files=pictures.files_in(text), plan=plan, actor=actor)
    Fork.objects.create(plan=plan, upstream=upstream, version=version)
    record(
        events.PlanForked(
            subject_id=plan.pk, subject_label=plan.title, upstream_id=upstream.pk, version_id=version.pk
        ),
        actor=actor,
        place=place_of(actor),
    )
    return plan


def own_version(user: User, upstream: LessonPlan) -> LessonPlan | None:
    """Of several, which only two accounts made one can have, the one in use."""
    mine = LessonPlan.objects.filter(fork__upstream=upstream, owner=user).select_related("region")
    return min(mine, key=lambda plan: (plan.state == LessonPlan.State.DELETED, plan.created_at), default=None)


def _taught_by(text: Node, actor: User) -> Node:
    """Who teaches is the owner of the own version; when, is not known yet."""

    def change(node: Node) -> Node:
        key = attribute(node, "key")
        if node["type"] != "headerField" or key not in OWN_FIELDS:
            return node
        words = [{"type": "text", "text": actor.name}] if key == "taught_by" else []
        return {"type": node["type"], "attrs": node["attrs"], "content": words}

    return each_node(text, change)


@transaction.atomic
def follow(*, actor: User, plan: LessonPlan, follows: Fork.Follows) -> None:
    """See only named versions of the shared plan, or its present text as well."""
    mine = own_fork(plan)
    require_decide(actor, mine)
    mine.follows = follows
    mine.waiting = waiting_of(connect(mine).offers(text_of(plan)))
    mine.save(update_fields=["follows", "waiting"])
