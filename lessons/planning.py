"""Which plan is taught in which lesson of the timetable: choosing it, and how ready the lesson is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.catalogue.models import Textbook
from foundation.ledger import events
from foundation.ledger.operations import record
from lessons import policies
from lessons.activities.rights import writes_in_activity
from lessons.errors import NotPossible
from lessons.models import LessonPlan, PlanInvitation, PlannedLesson
from lessons.queries import PlanRow, rows_of, with_facts
from teaching_centres.calendar.queries import Lesson, lessons_of
from teaching_centres.calendar.timetables import day_name
from teaching_centres.queries import place_of

Readiness = Literal["unplanned", "begun", "ready", "unreflected", "reflected"]
OFFERED = 8


@dataclass(frozen=True)
class PlannedPlan:
    """What a lesson shows of its plan."""

    id: str
    title: str
    missing: int
    reflected: bool
    may_write: bool


@dataclass(frozen=True)
class TaughtLesson:
    """A lesson with its plan, as it stands at a moment."""

    lesson: Lesson
    plan: PlannedPlan | None
    over: bool

    @property
    def readiness(self) -> Readiness:
        if self.plan is None:
            return "unplanned"
        if self.over:
            return "reflected" if self.plan.reflected else "unreflected"
        return "begun" if self.plan.missing else "ready"

    @property
    def is_ready(self) -> bool:
        return self.plan is not None and (self.over or not self.plan.missing)


# ---- reading ---------------------------------------------------------------------------------------
def with_plans(user: User, lessons: Iterable[Lesson], now: datetime) -> list[TaughtLesson]:
    """One query more. A plan that this person may not see any more is not shown."""
    lessons = list(lessons)
    days = {lesson.origin[0] for lesson in lessons}
    visible = Exists(LessonPlan.objects.visible_to(user).filter(pk=OuterRef("plan_id")))
    invited = PlanInvitation.objects.filter(plan=OuterRef("plan_id"), access=PlanInvitation.Access.WRITE)
    rows = (
        PlannedLesson.objects.filter(visible, teacher=user, day__in=days)
        .exclude(plan__state=LessonPlan.State.DELETED)
        .annotate(invited=Exists(invited.for_person(user)) | writes_in_activity(user, "plan_id"))
        .select_related("plan")
        .defer("plan__first_content")
    )
    plans = {(row.day, row.period): _planned(user, row) for row in rows} if days else {}
    return [
        TaughtLesson(lesson, plans.get(lesson.origin), lesson.ends is not None and lesson.ends <= now)
        for lesson in lessons
    ]


def _planned(user: User, row: "PlannedLesson") -> PlannedPlan:
    plan = row.plan
    writes = plan.owner_id == user.pk or bool(getattr(row, "invited", False))
    return PlannedPlan(
        id=str(plan.pk),
        title=plan.title or _("还没有课题"),
        missing=len(plan.outline.get("missing", [])),
        reflected=bool(plan.outline.get("reflected")),
        may_write=writes and plan.state == LessonPlan.State.ACTIVE,
    )


def lesson_at(user: User, day: date, period: int) -> Lesson | None:
    """The lesson that the timetable has there, wherever it was moved to, if this person teaches it."""
    here = [lesson for lesson in lessons_of(user, day, day) if lesson.origin == (day, period)]
    away = next((lesson.moved_to[0] for lesson in here if lesson.state == "away" and lesson.moved_to), None)
    if away is not None and away != day:
        here = [lesson for lesson in lessons_of(user, away, away) if lesson.origin == (day, period)]
    return next((lesson for lesson in here if lesson.taught), None)


@dataclass(frozen=True)
class Offered:
    """Plans that fit a lesson: one's own, and those that colleagues opened."""

    own: list[PlanRow]
    open: list[PlanRow]


def offered_for(user: User, lesson: Lesson) -> Offered:
    visible = with_facts(
        LessonPlan.objects.visible_to(user).filter(state=LessonPlan.State.ACTIVE)
    ).with_rights(user)
    fits = Q(textbook__subject__name=lesson.subject)
    if lesson.grade is not None:
        fits &= Q(textbook__grade=lesson.grade)
    own = list(
        visible.filter(may_write=True).filter(fits | Q(textbook=None)).order_by("-edited_at")[:OFFERED]
    )
    open_ = list(visible.filter(fits, may_write=False).order_by("-edited_at")[:OFFERED])
    rows = rows_of(user, [*own, *open_])
    return Offered(rows[: len(own)], rows[len(own) :])


def book_for(user: User, lesson: Lesson) -> Textbook | None:
    """What this person used last for the subject and grade; else the one book there is for this half-year."""
    books = Textbook.objects.filter(subject__name=lesson.subject)
    if lesson.grade is not None:
        books = books.filter(grade=lesson.grade)
    last = LessonPlan.objects.filter(owner=user, textbook__in=books).order_by("-created_at").first()
    if last is not None:
        return last.textbook
    volume = (
        Textbook.Volume.FIRST if lesson.day.month >= 8 or lesson.day.month == 1 else Textbook.Volume.SECOND
    )
    fitting = list(books.filter(volume__in=[volume, Textbook.Volume.WHOLE])[:2])
    return fitting[0] if len(fitting) == 1 else None


def taught_at(lesson: Lesson) -> str:
    """For the plan's header: 11月23日（周一）第3节"""
    return _("%(day)s第%(period)s节") % {"day": day_name(lesson.day), "period": lesson.period}


# ---- writing -----------------------------------------------------------------------------------------
@transaction.atomic
def plan_lesson(*, actor: User, day: date, period: int, plan: LessonPlan) -> PlannedLesson:
    """Teach that lesson from this plan. One that may only be read will do."""
    policies.require_read(actor, plan)
    _require_lesson(actor, day, period)
    planned, _created = PlannedLesson.objects.update_or_create(
        teacher=actor, day=day, period=period, defaults={"plan": plan}
    )
    record(
        events.PlanForLesson(
            subject_id=plan.pk, subject_label=plan.title, day=day.isoformat(), period=period
        ),
        actor=actor,
        place=place_of(actor),
    )
    return planned


@transaction.atomic
def unplan_lesson(*, actor: User, day: date, period: int) -> None:
    PlannedLesson.objects.filter(teacher=actor, day=day, period=period).delete()


def _require_lesson(actor: User, day: date, period: int) -> None:
    if lesson_at(actor, day, period) is None:
        raise NotPossible(_("那天第%(period)s节你没有课。") % {"period": period})
