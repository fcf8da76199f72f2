from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from foundation.api.problems import Problem, answer
from lessons.activities.policies import ActivityNotFound
from lessons.errors import Denied
from lessons.models import LessonPlan
from lessons.variants.operations import raise_difference
from lessons.views.common import person, with_plan


@require_POST
@with_plan
def plan_agenda(request: HttpRequest, plan: LessonPlan) -> HttpResponse:
    """Puts a pair on the agenda; answers JSON, errors as problem documents with a sentence to show."""
    try:
        item = raise_difference(actor=person(request), plan=plan, block=request.POST.get("block", ""))
    except ActivityNotFound:
        return answer(Problem(404))
    except Denied as denied:
        return answer(Problem(403, denied.reason))
    return JsonResponse({"text": item.text}, status=201)
