"""Timetables as personal data, and as what moves to another account of the same person."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.belongings import moves
from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from teaching_centres.calendar.models import LessonChange, TimetableEntry

BELONGINGS = (
    moves(TimetableEntry, "teacher"),
    moves(LessonChange, "substitute"),
    moves(LessonChange, "changed_by"),
)


def _timetable(person: User) -> Iterator[Row]:
    for entry in TimetableEntry.objects.filter(teacher=person).select_related("school"):
        yield {
            "学校": str(entry.school),
            "学期": entry.term,
            "星期": entry.weekday,
            "第几节": entry.period,
            "单双周": entry.get_weeks_display(),
            "学科": entry.subject,
            "班级": entry.class_label,
            "起": entry.since,
            "止": entry.until,
        }


def _changes(person: User) -> Iterator[Row]:
    concerned = Q(entry__teacher=person) | Q(substitute=person) | Q(changed_by=person)
    for change in LessonChange.objects.filter(concerned).select_related("entry"):
        yield {
            "哪天": change.day,
            "第几节": change.entry.period,
            "学科": change.entry.subject,
            "你代课": change.substitute_id == person.pk,
            "调到": change.moved_to,
            "登记时间": change.changed_at,
        }


def _forget(person: User, successor: User | None) -> None:
    LessonChange.objects.filter(substitute=person).delete()
    TimetableEntry.objects.filter(teacher=person).delete()


KINDS = (
    Kind(
        key="lesson-changes",
        label=_("调课和代课"),
        what=_("哪天哪节课停了、调到哪天、谁代，谁登记的"),
        purpose=_("今日、日历里的课和真上的课一样"),
        kept_for=_("和课表一样久"),
        after_deletion=_("你的和你代的删除；你给别人登记的留着，署名变成“已离开的教师”"),
        rows=_changes,
        models=(LessonChange,),
    ),
    Kind(
        key="timetable",
        label=_("课表"),
        what=_("星期几第几节，给哪个班上什么课，从哪天到哪天"),
        purpose=_("今日告诉你今天有什么课、备好没有"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除"),
        rows=_timetable,
        forget=_forget,
        models=(TimetableEntry,),
    ),
)
