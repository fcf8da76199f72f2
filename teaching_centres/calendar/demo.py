"""The demo network's school year: terms of the province, days off, hours of a county, some timetables."""

from datetime import date, time, timedelta

from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.calendar import operations
from teaching_centres.calendar.days import Times
from teaching_centres.calendar.models import DaysChanged, Period, Term, TimetableEntry
from teaching_centres.calendar.queries import Content, calendar_of
from teaching_centres.calendar.timetables import Cells, set_cells
from teaching_centres.models import Region, School

HOURS = ("08:00", "08:50", "10:00", "10:50", "13:20", "14:10", "15:00")
LESSON_MINUTES = 40

# Rows are periods, columns Monday to Friday; a letter is a lesson of the teacher's list.
TIMETABLES: dict[str, tuple[str, dict[str, tuple[str, str]], tuple[str, ...]]] = {
    "li-village": (
        "liutiao",
        {
            "语": ("语文", "三年级"),
            "作": ("语文", "四年级"),
            "德": ("道德与法治", "三年级"),
            "劳": ("劳动", "三年级"),
        },
        ("语语语语语", "-作-作-", "德-德--", "-----", "作-语-劳"),
    ),
    "wang-town": (
        "xinghua",
        {"二": ("语文", "三（2）班"), "四": ("语文", "三（4）班"), "书": ("书法", "三（2）班")},
        ("二二四二二", "四-二四-", "--四--", "四----", "-书---"),
    ),
    "zhao-leader": ("xinghua", {"语": ("语文", "五（1）班")}, ("语语语语语", "--语--", "语--语-")),
    "sun-maths": (
        "xinghua",
        {"三": ("数学", "三（1）班"), "五": ("数学", "五（2）班")},
        ("三三三三三", "五五五五五", "-三--五"),
    ),
    "liu-point": (
        "beiwa",
        {"复": ("数学", "一、二年级复式"), "三": ("数学", "三年级")},
        ("复复-复-", "三三-三-", "复---复"),
    ),
    "ma-central": ("yushugou", {"数": ("数学", "二（1）班")}, ("-数数数数", "数---数")),
    "jin-english": (
        "songtao",
        {"四": ("英语", "四（1）班"), "六": ("英语", "六（2）班")},
        ("四-四-四", "-六-六-"),
    ),
    "han-leader": (
        "songtao",
        {"三": ("科学", "三（1）班"), "四": ("科学", "四（1）班")},
        ("-三-三-", "四-四--"),
    ),
    "piao-village": (
        "qingshiling",
        {"五": ("英语", "五年级"), "六": ("英语", "六年级")},
        ("六五六五六", "--五--"),
    ),
    "tian-village": (
        "huashuchuan",
        {"三": ("科学", "三年级"), "五": ("科学", "五年级")},
        ("-五-五-", "三--三-"),
    ),
}


def build(people: dict[str, User], schools: dict[str, School]) -> None:
    """What is missing is added, what is there is left alone."""
    province = Region.objects.get(level=Region.Level.PROVINCE)
    year = _school_year(timezone.localdate())
    if not Term.objects.filter(region=province).exists():
        for each in (year, year + 1):
            _terms(province, each)
    if not DaysChanged.objects.exists():
        for each in (year, year + 1):
            _days_off(province, each)
    for school in schools.values():
        if not Period.objects.filter(region=school.county).exists():
            _hours(school.county, date(year, 8, 1))
    for username, (school_key, lessons, rows) in TIMETABLES.items():
        _timetable(people[username], schools[school_key], _cells(lessons, rows))


def _school_year(day: date) -> int:
    return day.year if day.month >= 8 else day.year - 1


def _terms(province: Region, year: int) -> None:
    for code, starts, ends in (
        (f"{year}-1", date(year, 9, 1), date(year + 1, 1, 15)),
        (f"{year}-2", date(year + 1, 3, 1), date(year + 1, 7, 10)),
    ):
        operations.set_term(actor=None, region=province, code=code, starts=starts, ends=ends)


def _days_off(province: Region, year: int) -> None:
    last = date(year, 10, 7)
    for name, starts, ends in (
        ("国庆节", date(year, 10, 1), last),
        ("元旦", date(year + 1, 1, 1), date(year + 1, 1, 3)),
        ("劳动节", date(year + 1, 5, 1), date(year + 1, 5, 5)),
    ):
        operations.change_days(actor=None, unit=province, name=name, starts=starts, ends=ends)
    saturday = last + timedelta(days=(5 - last.weekday()) % 7 or 7)
    operations.change_days(
        actor=None, unit=province, name="国庆节调休", starts=saturday, ends=saturday, taught_as=last
    )


def _hours(county: Region, since: date) -> None:
    starts = [time.fromisoformat(clock) for clock in HOURS]
    times = [Times(start, _later(start, LESSON_MINUTES)) for start in starts]
    operations.set_periods(actor=None, unit=county, since=since, times=times)


def _later(start: time, minutes: int) -> time:
    total = start.hour * 60 + start.minute + minutes
    return time(total // 60, total % 60)


def _cells(lessons: dict[str, tuple[str, str]], rows: tuple[str, ...]) -> Cells:
    return {
        (weekday, period): [Content(*lessons[letter])]
        for period, row in enumerate(rows, start=1)
        for weekday, letter in enumerate(row, start=1)
        if letter != "-"
    }


def _timetable(teacher: User, school: School, cells: Cells) -> None:
    term = calendar_of(school).term_near(timezone.localdate())
    if term is None or TimetableEntry.objects.filter(teacher=teacher).exists():
        return
    set_cells(actor=teacher, teacher=teacher, school=school, term=term.code, since=term.starts, cells=cells)
