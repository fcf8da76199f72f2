"""What is done with variants beside writing them."""

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.activities.models import AgendaItem, PrepActivity
from lessons.activities.operations import raise_item
from lessons.errors import NotPossible
from lessons.models import LessonPlan
from lessons.variants.queries import place_at


@transaction.atomic
def raise_difference(*, actor: User, plan: LessonPlan, block: str) -> AgendaItem:
    """Puts what town and village do differently at one place on the agenda of the plan's activity."""
    place = place_at(plan, block)
    activity = PrepActivity.objects.select_for_update().filter(plan=plan).first()
    if activity is None:
        raise NotPossible(_("这份教案不在备课活动里，没有议程。"))
    if place is None or place.pair.town is None or place.pair.village is None:
        raise NotPossible(_("这里还没有城镇班、乡村班一对做法。等显示“已保存”再放。"))
    if activity.agenda.filter(block=place.pair.id, state=AgendaItem.State.OPEN).exists():
        raise NotPossible(_("这一处已经在议程里。"))
    text = _("%(section)s：城镇班、乡村班的做法不同") % {"section": place.section_title}
    return raise_item(actor=actor, activity=activity, text=text, block=place.pair.id)
