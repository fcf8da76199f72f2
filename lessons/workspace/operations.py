"""Exemplars are chosen and removed by whoever reviews in the centre's region."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger import events
from foundation.ledger.audit import audited
from foundation.ledger.operations import record
from foundation.notices.operations import notify
from lessons import policies
from lessons.models import LessonPlan
from lessons.workspace.models import Exemplar
from lessons.workspace.queries import is_shared_with
from teaching_centres.errors import NotPossible
from teaching_centres.models import TeachingCentre
from teaching_centres.operations.common import about_unit
from teaching_centres.queries import place_of
from teaching_centres.workspace.acts import Act
from teaching_centres.workspace.policies import require


def choose_exemplar(
    *, centre: TeachingCentre, plan: LessonPlan, reason: str, is_demo: bool = False, actor: User
) -> Exemplar:
    region = centre.region
    with audited("exemplar.chosen", **about_unit(region, actor)) as entry:
        require(actor, Act.CHOOSE, region)
        policies.require_read(actor, plan)
        if not is_shared_with(plan, region):
            raise NotPossible(_("这份教案没有公开到“%(region)s”，不能选为范例。") % {"region": region})
        if Exemplar.objects.current().filter(centre=centre, plan=plan).exists():
            raise NotPossible(_("这份教案已经是范例。"))
        exemplar = Exemplar.objects.create(
            centre=centre, plan=plan, reason=reason, chosen_by=actor, is_demo=is_demo
        )
        entry.details["exemplar_id"] = exemplar.pk
        event = events.ExemplarChosen(subject_id=plan.pk, subject_label=plan.title, region_id=region.pk)
        record(event, actor=actor, place=place_of(actor))
        if plan.owner_id != actor.pk:
            text = _("%(centre)s把《%(title)s》选为范例") % {"centre": centre, "title": plan.title}
            path = reverse("centre-exemplars", args=[centre.pk])
            notify(recipients=[plan.owner_id], kind="exemplar", text=text, path=path)
    return exemplar


def remove_exemplar(*, exemplar: Exemplar, actor: User) -> Exemplar:
    """That it was one stays on record."""
    region = exemplar.centre.region
    with audited("exemplar.removed", **about_unit(region, actor, exemplar_id=exemplar.pk)):
        require(actor, Act.CHOOSE, region)
        if exemplar.removed_at is not None:
            raise NotPossible(_("已经取消了。"))
        exemplar.removed_at = timezone.now()
        exemplar.save(update_fields=["removed_at"])
        plan = exemplar.plan
        event = events.ExemplarRemoved(subject_id=plan.pk, subject_label=plan.title, region_id=region.pk)
        record(event, actor=actor, place=place_of(actor))
    return exemplar
