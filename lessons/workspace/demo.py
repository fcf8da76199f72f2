"""The demo's workspaces, with plans in them: what was handed in, and what the centres chose."""

from django.db import transaction

from lessons.models import LessonPlan
from lessons.workspace import operations
from lessons.workspace.models import Exemplar
from teaching_centres import demo as network
from teaching_centres.models import TeachingCentre
from teaching_centres.workspace import demo as workspaces

CHOSEN = (
    (network.LISHU, "wu-county", "习作：写观察日记", "观察的对象就在村里，句子都是学生自己的。"),
    (network.LISHU, "wu-county", "认识几分之一", "先折纸再写分数，三个年级都能用。"),
    (network.PROVINCE, "he-province", "古诗三首：山行", "城乡两班的做法写在一起，谁都能接着改。"),
)


@transaction.atomic
def build() -> None:
    demo = network.build()
    village = LessonPlan.objects.filter(owner=demo.people["li-village"], is_demo=True, title=CHOSEN[0][2])
    plan = village.first()
    workspaces.build(demo, f"lesson-plan:{plan.pk}" if plan else "")
    if Exemplar.objects.exists():
        return
    for own_id, by, title, reason in CHOSEN:
        centre = TeachingCentre.objects.select_related("region").get(region=demo.regions[own_id])
        chosen = LessonPlan.objects.get(title=title, is_demo=True)
        operations.choose_exemplar(
            centre=centre, plan=chosen, reason=reason, is_demo=True, actor=demo.people[by]
        )
