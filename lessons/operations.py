"""The only writers of plans. Each checks the policy, records what was done, and takes effect on commit."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Textbook, Unit
from foundation.files.models import StoredFile
from foundation.files.operations import store
from foundation.ledger import events
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import policies, standard_templates
from lessons.content import NewId, plan_content, random_id
from lessons.document import Node
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanInvitation, PlanTemplate, PlanVisit, PrepActivity
from lessons.outline import outline_of
from realtime import access
from teaching_centres.models import Membership, Region, School
from teaching_centres.policies import require
from teaching_centres.queries import current_region, current_school, place_of
from teaching_centres.roles import UnitKind, Verb, roles_in, verbs_of

# ---- templates ----------------------------------------------------------------------------------


@transaction.atomic
def ensure_standard_templates(*, province: Region) -> list[PlanTemplate]:
    """The two standard forms of a province; those that are there already are left as they are."""
    return [
        PlanTemplate.objects.get_or_create(
            region=province,
            name=name,
            defaults={"goal_style": style, "body": standard_templates.form(style)},
        )[0]
        for style, name in standard_templates.STANDARD
    ]


@transaction.atomic
def save_template(*, actor: User, template: PlanTemplate) -> None:
    """Make or change a form of plans: whoever manages its unit."""
    if template.pk is not None:
        require(actor, Verb.MANAGE, PlanTemplate.objects.get(pk=template.pk).unit)
    require(actor, Verb.MANAGE, template.unit)
    template.save()


# ---- plans --------------------------------------------------------------------------------------


@transaction.atomic
def create_plan(
    *,
    actor: User,
    template: PlanTemplate,
    title: str,
    textbook: Textbook | None = None,
    unit: Unit | None = None,
    header: dict[str, str] | None = None,
    sections: dict[str, Any] | None = None,
    plan_id: UUID | None = None,
    new_id: NewId = random_id,
    is_demo: bool = False,
    owner: User | None = None,
) -> LessonPlan:
    """A new plan from a template, owned by the actor or by whom it is made for; `header` and `sections` are
    already written."""
    content = plan_content(
        template.body, header={**(header or {}), "title": title}, sections=sections, new_id=new_id
    )
    return create_plan_with(
        actor=actor,
        content=content,
        template=template,
        title=title,
        textbook=textbook,
        unit=unit,
        plan_id=plan_id,
        is_demo=is_demo,
        owner=owner,
    )


@transaction.atomic
def create_plan_with(
    *,
    actor: User,
    content: Node,
    template: PlanTemplate | None,
    title: str,
    textbook: Textbook | None = None,
    unit: Unit | None = None,
    plan_id: UUID | None = None,
    is_demo: bool = False,
    owner: User | None = None,
) -> LessonPlan:
    """A new plan whose text is already there, owned by the actor or by whom it is made for."""
    owner = owner or actor
    policies.require_create(owner)
    region = current_region(owner)
    if region is None:
        raise NotPossible(_("你现在没有任职，还不能新建教案。请联系学校管理员。"))
    plan = LessonPlan(
        owner=owner,
        school=current_school(owner),
        region=region,
        template=template,
        textbook=textbook,
        unit=unit,
        title=title,
        first_content=content,
        outline=outline_of(content).data(),
        edited_by=[owner.pk],
        is_demo=is_demo,
    )
    if plan_id is not None:
        plan.pk = plan_id
    plan.save(force_insert=True)
    if owner == actor:
        PlanVisit.objects.create(plan=plan, user=actor)
    _record(
        actor,
        events.PlanCreated(
            subject_id=plan.pk,
            subject_label=plan.title,
            template_id=template.pk if template else None,
            textbook_id=textbook.pk if textbook else None,
            unit_id=unit.pk if unit else None,
        ),
    )
    return plan


@transaction.atomic
def visit(*, actor: User, plan: LessonPlan) -> policies.Rights:
    """Someone opens a plan: remembered for 最近, recorded once a day."""
    rights = policies.require_read(actor, plan)
    PlanVisit.objects.update_or_create(plan=plan, user=actor, defaults={"at": timezone.now()})
    day = timezone.localdate().isoformat()
    _record(
        actor,
        events.PlanOpened(subject_id=plan.pk, subject_label=plan.title, access=rights.access.name.lower()),
        key=f"{plan.pk}:{actor.pk}:{day}",
    )
    return rights


@transaction.atomic
def change_book(*, actor: User, plan: LessonPlan, textbook: Textbook | None, unit: Unit | None) -> None:
    """Put the plan elsewhere in the catalogue. Open pages show it when they are opened next."""
    policies.require_write(actor, plan)
    if (plan.textbook_id, plan.unit_id) == (textbook and textbook.pk, unit and unit.pk):
        return
    plan.textbook, plan.unit = textbook, unit
    plan.save(update_fields=["textbook", "unit"])
    _record(
        actor,
        events.PlanFactsChanged(
            subject_id=plan.pk,
            subject_label=plan.title,
            textbook_id=textbook.pk if textbook else None,
            unit_id=unit.pk if unit else None,
        ),
    )


@transaction.atomic
def change_state(*, actor: User, plan: LessonPlan, state: LessonPlan.State) -> None:
    """Archive, delete or bring back. A deleted plan keeps everything; only its owner still sees it."""
    policies.require_manage(actor, plan)
    before = plan.state
    if before == state:
        return
    _require_not_in_activity(plan)
    plan.state = state
    plan.state_changed_at = timezone.now()
    plan.save(update_fields=["state", "state_changed_at"])
    _record(
        actor,
        events.PlanStateChanged(
            subject_id=plan.pk, subject_label=plan.title, before=str(before), after=str(state)
        ),
    )
    _judge_again(plan)


# ---- who may see and write ----------------------------------------------------------------------


@transaction.atomic
def change_reach(*, actor: User, plan: LessonPlan, reach: LessonPlan.Reach) -> None:
    policies.require_manage(actor, plan)
    _require_not_deleted(plan)
    if reach not in reaches_of(plan):
        raise NotPossible(_("这份教案不能设成“%(reach)s”。") % {"reach": reach.label})
    _set_reach(actor, plan, reach)


@transaction.atomic
def widen_reach(*, actor: User, plan: LessonPlan, reach: LessonPlan.Reach) -> None:
    """Of a plan whose author agreed to it beforehand, when it was recommended (lessons.reviewing.recommending)."""
    if reach not in reaches_of(plan):
        raise NotPossible(_("这份教案不能设成“%(reach)s”。") % {"reach": reach.label})
    _set_reach(actor, plan, reach)


def _set_reach(actor: User, plan: LessonPlan, reach: LessonPlan.Reach) -> None:
    before = plan.reach
    if before == reach:
        return
    plan.reach = reach
    plan.save(update_fields=["reach"])
    _record(
        actor,
        events.PlanReachChanged(
            subject_id=plan.pk, subject_label=plan.title, before=str(before), after=str(reach)
        ),
    )
    _judge_again(plan)


def reaches_of(plan: LessonPlan) -> list[LessonPlan.Reach]:
    """The reaches that mean something for a plan: one made at a county has no 本校."""
    depth = len([step for step in plan.region.path.split("/") if step])
    possible = [LessonPlan.Reach.OWN]
    if plan.school_id is not None:
        possible.append(LessonPlan.Reach.SCHOOL)
    return possible + [
        reach for reach in LessonPlan.Reach if LessonPlan.DEPTH_OF_REACH.get(reach, 9) <= depth
    ]


@transaction.atomic
def invite(
    *,
    actor: User,
    plan: LessonPlan,
    level: PlanInvitation.Access,
    user: User | None = None,
    school: School | None = None,
) -> PlanInvitation:
    """Let a person, or everyone who teaches at a school, read, comment or write. Inviting again changes the level."""
    policies.require_manage(actor, plan)
    _require_not_deleted(plan)
    _require_invitable(plan, user, school)
    invitation, created = PlanInvitation.objects.get_or_create(
        plan=plan, user=user, school=school, defaults={"access": level, "invited_by": actor}
    )
    if not created and invitation.access == level:
        return invitation
    invitation.access = level
    invitation.save(update_fields=["access"])
    kind = events.PlanInvited if created else events.PlanInvitationChanged
    _record(
        actor,
        kind(
            subject_id=plan.pk,
            subject_label=plan.title,
            access=str(level),
            user_id=user.pk if user else None,
            school_id=school.pk if school else None,
        ),
    )
    _tell_invited(actor, plan, invitation)
    _judge_again(plan, [user.pk] if user else None)
    return invitation


@transaction.atomic
def withdraw(*, actor: User, plan: LessonPlan, invitation: PlanInvitation) -> None:
    policies.require_manage(actor, plan)
    user_id, school_id = invitation.user_id, invitation.school_id
    invitation.delete()
    _record(
        actor,
        events.PlanInvitationWithdrawn(
            subject_id=plan.pk, subject_label=plan.title, user_id=user_id, school_id=school_id
        ),
    )
    _judge_again(plan, [user_id] if user_id else None)


def _require_invitable(plan: LessonPlan, user: User | None, school: School | None) -> None:
    if user is not None:
        if user.pk == plan.owner_id:
            raise NotPossible(_("这份教案的主人本来就能改，不用请。"))
        if not user.is_active:
            raise NotPossible(_("%(name)s的帐号已停用，请换一位。") % {"name": user.name})
    elif school is None or school.is_closed():
        raise NotPossible(_("这所学校已经撤并，请换一所。"))


def _tell_invited(actor: User, plan: LessonPlan, invitation: PlanInvitation) -> None:
    if invitation.user_id:
        recipients = {invitation.user_id}
    else:
        by_name = PlanInvitation.objects.filter(plan=plan).exclude(user=None)
        told_already = set(by_name.values_list("user_id", flat=True))
        recipients = set(teachers_of(invitation.school_id)) - told_already - {actor.pk, plan.owner_id}
    words = {PlanInvitation.Access.WRITE: _("一起写"), PlanInvitation.Access.COMMENT: _("批注")}.get(
        PlanInvitation.Access(invitation.access), _("看")
    )
    notify(
        recipients=recipients,
        kind="plan.invited",
        text=_("%(name)s请你%(words)s教案《%(title)s》")
        % {"name": actor.name, "words": words, "title": plan.title},
        path=reverse("plan-editor", args=[plan.pk]),
    )


def teachers_of(school_id: int | None) -> Iterable[int]:
    writing = [role for role in roles_in(UnitKind.SCHOOL) if Verb.EDIT in verbs_of(role, UnitKind.SCHOOL)]
    held = Membership.objects.current().filter(school_id=school_id, role__in=writing)
    return held.values_list("user_id", flat=True)


# ---- pictures -----------------------------------------------------------------------------------


def add_picture(*, actor: User, plan: LessonPlan, upload: UploadedFile) -> StoredFile:
    """Raises FileRefused for what is no picture or too large."""
    policies.require_write(actor, plan)
    file = store(upload=upload, subject_kind="lesson-plan", subject_id=plan.pk, actor=actor)
    with transaction.atomic():
        _record(
            actor,
            events.ImageAdded(
                subject_id=plan.pk, subject_label=plan.title, file_id=file.pk, size=file.blob.size
            ),
        )
    return file


# ---- shared by the operations above and lessons.versions ------------------------------------------


def _require_not_deleted(plan: LessonPlan) -> None:
    if plan.state == LessonPlan.State.DELETED:
        raise NotPossible(_("这份教案已删除。先恢复，再改谁能看。"))


def _require_not_in_activity(plan: LessonPlan) -> None:
    running = PrepActivity.objects.filter(plan=plan, state=PrepActivity.State.OPEN).first()
    if running is not None:
        raise NotPossible(
            _("这是备课活动《%(theme)s》的共案，活动结束后才能归档或删除。") % {"theme": running.theme}
        )


def _record(actor: User, event: events.LedgerEvent, key: str | None = None) -> None:
    record(event, actor=actor, place=place_of(actor), key=key)


def _judge_again(plan: LessonPlan, user_ids: list[int] | None = None) -> None:
    """Once this is committed, whoever has the plan open reconnects and is judged anew."""
    transaction.on_commit(partial(access.changed, plan.document, user_ids))
