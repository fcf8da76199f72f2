"""What lesson plans and lessons bring to 今日."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.ledger.models import Event
from lessons import policies
from lessons.activities import today as activities_today
from lessons.lineage.queries import to_do
from lessons.models import LessonPlan, PlanVisit
from lessons.planning import TaughtLesson, with_plans
from lessons.queries import PlanRow, is_called, is_invited, rows_of, with_facts
from teaching_centres.calendar.days import Calendar, monday
from teaching_centres.calendar.queries import calendars_of, lessons_in, teaching_schools
from teaching_centres.calendar.timetables import day_name, weekday_name
from teaching_centres.models import TimetableEntry
from teaching_centres.roles import Verb
from teaching_centres.scopes import scopes
from teaching_centres.today import Block, Contribution, Figure, Waiting

RECENT = 5
NEWLY_OPENED_DAYS = 14


@dataclass(frozen=True)
class GoingOn:
    """The plan to go on with, and the next lesson it is for."""

    plan: PlanRow | None
    next_lesson: str
    minutes: int
    may_create: bool
    unplanned: TaughtLesson | None
    """Without a plan to go on with: the next lesson that has none."""


@dataclass(frozen=True)
class DayOfWeek:
    day: date
    name: str
    today: bool
    lessons: list[TaughtLesson]

    @property
    def ready(self) -> int:
        return sum(1 for each in self.lessons if each.is_ready)

    @property
    def unready(self) -> int:
        return len(self.lessons) - self.ready


@dataclass(frozen=True)
class WeekAhead:
    this_week: bool
    days: list[DayOfWeek]

    @property
    def total(self) -> int:
        return sum(len(day.lessons) for day in self.days)

    @property
    def ready(self) -> int:
        return sum(day.ready for day in self.days)


@dataclass(frozen=True)
class LessonsToday:
    """The lessons of a day with what became of those that are not taught, and where the day stands."""

    lessons: list[TaughtLesson]
    next: TaughtLesson | None
    note: str
    """Why there are none: a day off, not in term."""


@dataclass(frozen=True)
class Plans:
    recent: list[PlanRow]
    new: list[PlanRow]
    opened: list[PlanRow]

    @property
    def going_on(self) -> PlanRow | None:
        return next((row for row in self.recent if row.access == "write"), None)


def contribution(user: User, now: datetime) -> Contribution:
    plans, week = _plans(user, now), _Weeks(user, now)
    may_create = policies.may_create(user)
    found = Contribution(
        headline=week.headline(),
        waiting=[*activities_today.waiting(user, now.date()), *_waiting(plans), *_from_lineage(user)],
        helped=_helped(user, week.since()),
    )
    if plans.going_on or may_create:
        found.main.append(Block("lessons/today/going_on.html", _going_on(plans, week, may_create)))
    if week.schools:
        found.main += week.blocks()
    recent = [row for row in plans.recent if row is not plans.going_on][:RECENT]
    if recent:
        found.main.append(Block("lessons/today/recent.html", recent))
    if plans.opened:
        found.main.append(Block("lessons/today/opened.html", plans.opened))
    return found


# ---- plans -------------------------------------------------------------------------------------------
def _plans(user: User, now: datetime) -> Plans:
    """What I opened last, what I was newly invited to and, if I review, what was newly opened to me."""
    plans = with_facts(LessonPlan.objects.visible_to(user).filter(state=LessonPlan.State.ACTIVE)).with_rights(
        user
    )
    opened = PlanVisit.objects.filter(user=user, plan=OuterRef("pk"))
    unseen = plans.exclude(owner=user).exclude(Exists(opened))
    new = list(unseen.filter(is_invited(user))[:RECENT])
    reviews = bool(scopes(user, Verb.REVIEW))
    lately = unseen.exclude(is_called(user)).filter(edited_at__gte=now - timedelta(days=NEWLY_OPENED_DAYS))
    others = list(lately.order_by("-edited_at", "id")[:RECENT]) if reviews else []
    visits = PlanVisit.objects.filter(user=user, plan__state=LessonPlan.State.ACTIVE).order_by("-at", "-id")
    order = list(visits.values_list("plan_id", flat=True)[: RECENT + 5])
    seen = {plan.pk: plan for plan in plans.filter(pk__in=order)} if order else {}
    recent = [seen[pk] for pk in order if pk in seen]
    rows = rows_of(user, [*recent, *new, *others]) if recent or new or others else []
    first, second = len(recent), len(recent) + len(new)
    return Plans(rows[:first], rows[first:second], rows[second:])


def _waiting(plans: Plans) -> list[Waiting]:
    return [
        Waiting(
            icon="edit" if row.access == "write" else "eye",
            title=_("%(name)s请你一起写") % {"name": row.owner.name}
            if row.access == "write"
            else _("%(name)s请你看") % {"name": row.owner.name},
            detail=_("《%(title)s》· %(unit)s") % {"title": row.title, "unit": row.owner.unit_name},
            path=reverse("plan-editor", args=[row.id]),
        )
        for row in plans.new
    ]


def _from_lineage(user: User) -> list[Waiting]:
    """Changes of shared plans to decide on, and what was sent to one's own."""
    found = []
    for row in to_do(user):
        path = reverse("plan-lineage", args=[row.plan_id])
        title = _("《%(title)s》") % {"title": row.title}
        if row.offers:
            words = _("共案有 %(count)s 处改动等你决定") % {"count": row.offers}
            found.append(Waiting(icon="merge", title=words, detail=title, path=path))
        if row.contributions:
            words = _("你的共案有 %(count)s 处改法等你看") % {"count": row.contributions}
            found.append(Waiting(icon="upload", title=words, detail=title, path=path))
    return found


def _helped(user: User, since: datetime) -> list[Figure]:
    """Since the term began: who used what I opened or shared, and where I wrote for others."""
    readers = PlanVisit.objects.filter(plan__owner=user, at__gte=since).exclude(user=user)
    count = readers.values("user").distinct().count()
    edited = Event.objects.filter(actor=user, kind="plan.edited", at__gte=since)
    ids = set(edited.values_list("subject_id", flat=True))
    written = LessonPlan.objects.filter(pk__in=ids).exclude(owner=user).count() if ids else 0
    figures = [
        Figure(count, _("位"), _("老师看了你的教案")),
        Figure(written, _("份"), _("别人的教案里有你写的")),
    ]
    return [figure for figure in figures if figure.value]


def _going_on(plans: Plans, week: "_Weeks", may_create: bool) -> GoingOn:
    plan = plans.going_on
    lesson = week.next_with(str(plan.id)) if plan else None
    unplanned = next((each for each in week.coming() if each.plan is None), None) if plan is None else None
    return GoingOn(
        plan=plan,
        next_lesson=week.when(lesson) if lesson else "",
        minutes=lesson.lesson.minutes if lesson and lesson.lesson.minutes else 40,
        may_create=may_create,
        unplanned=unplanned,
    )


# ---- lessons -------------------------------------------------------------------------------------------
class _Weeks:
    """This week and the next of someone who teaches, read once."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now, self.today = user, now, now.date()
        self.schools = teaching_schools(user)
        self.first = monday(self.today)
        self.calendars = calendars_of(self.schools) if self.schools else {}
        lessons = (
            lessons_in(user, self.calendars, self.first, self.first + timedelta(days=13))
            if self.schools
            else []
        )
        self.lessons = with_plans(user, lessons, now) if lessons else []
        self.taught = [each for each in self.lessons if each.lesson.taught]

    @property
    def calendar(self) -> Calendar:
        return self.calendars[self.schools[0]]

    def since(self) -> datetime:
        """The first day of the term, or half a year ago."""
        term = self.calendar.term_on(self.today) if self.schools else None
        day = term.starts if term else self.today - timedelta(days=180)
        return timezone.make_aware(datetime.combine(day, datetime.min.time()))

    def coming(self) -> list[TaughtLesson]:
        return [each for each in self.taught if not each.over and each.lesson.day >= self.today]

    def next_with(self, plan_id: str) -> TaughtLesson | None:
        return next((each for each in self.coming() if each.plan and each.plan.id == plan_id), None)

    def when(self, each: TaughtLesson) -> str:
        """明天第2节上"""
        away = (each.lesson.day - self.today).days
        day = (
            _("今天") if away == 0
            else _("明天") if away == 1
            else weekday_name(each.lesson.day.isoweekday()) if each.lesson.day < self.first + timedelta(days=7)
            else _("下%(weekday)s") % {"weekday": weekday_name(each.lesson.day.isoweekday())}
        )  # fmt: skip
        return _("%(day)s第%(period)s节上") % {"day": day, "period": each.lesson.period}

    # ---- words --------------------------------------------------------------------------------------
    def headline(self) -> list[str]:
        if not self.schools:
            return []
        term = self.calendar.term_on(self.today)
        words = [_("第%(week)s周") % {"week": term.week(self.today)}] if term else []
        return [*words, *filter(None, [self.note(), self._count()])]

    def note(self) -> str:
        change = self.calendar.change_on(self.today)
        if self.calendar.term_on(self.today) is None:
            return _("不在学期里，没有课") if self.calendar.terms else ""
        if change and change.taught_as is None:
            return _("%(name)s，放假") % {"name": change.name}
        if change and change.taught_as and change.taught_as != self.today:
            return _("补 %(day)s的课") % {"day": day_name(change.taught_as)}
        return ""

    def _count(self) -> str:
        lessons = [each for each in self.taught if each.lesson.day == self.today]
        ahead = [each for each in lessons if not each.over]
        unready = [each for each in ahead if not each.is_ready]
        if not lessons:
            return ""
        total = _("今天 %(count)s 节课") % {"count": len(lessons)}
        if not ahead:
            return _("%(total)s，都上完了") % {"total": total}
        if not unready:
            return _("%(total)s，没上的都备好了") % {"total": total}
        periods = "、".join(str(each.lesson.period) for each in unready)
        return _("%(total)s，第%(periods)s节还没备好") % {"total": total, "periods": periods}

    # ---- cards ---------------------------------------------------------------------------------------
    def blocks(self) -> list[Block]:
        if not self.calendar.terms:
            return [Block("lessons/today/no_term.html", None)]
        if not self.lessons and not self._has_timetable():
            return [Block("lessons/today/no_timetable.html", None)]
        here = [each for each in self.lessons if each.lesson.day == self.today]
        following = next((each for each in here if each.lesson.taught and not each.over), None)
        day = LessonsToday(here, following, self.note())
        return [Block("lessons/today/day.html", day), Block("lessons/today/week.html", self._week())]

    def _has_timetable(self) -> bool:
        codes = [term.code for term in self.calendar.terms]
        return TimetableEntry.objects.filter(teacher=self.user, term__in=codes).exists()

    def _week(self) -> WeekAhead:
        """When nothing more is taught this week, the next one is what counts."""
        next_week = self.first + timedelta(days=7)
        this_week = any(each.lesson.day < next_week for each in self.coming()) or not self.coming()
        first = self.first if this_week else next_week
        return WeekAhead(this_week, days_of(self.taught, first, self.today))


def days_of(lessons: list[TaughtLesson], first: date, today: date) -> list[DayOfWeek]:
    """The five days of a week, and the weekend where something is taught on it."""
    days = []
    for number in range(7):
        day = first + timedelta(days=number)
        here = [each for each in lessons if each.lesson.day == day]
        if number < 5 or here:
            days.append(DayOfWeek(day, weekday_name(day.isoweekday()), day == today, here))
    return days
