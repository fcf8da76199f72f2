"""Parsing of what people send about the calendar."""

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from teaching_centres.calendar.days import Times
from teaching_centres.calendar.models import term_name
from teaching_centres.calendar.queries import Content
from teaching_centres.calendar.timetables import tidy_content
from teaching_centres.calendar.words import LAST_PERIOD
from teaching_centres.errors import NotPossible

MOST_CELLS = 7 * LAST_PERIOD


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("填上日期。"), "invalid": _("日期写成 2026-09-01 这样。")},
    )


class TermForm(forms.Form):
    code = forms.ChoiceField(label=_("学期"))
    starts = _day(_("开学"))
    ends = _day(_("最后一天"))

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [f"{each}-{half}" for each in (year - 1, year, year + 1) for half in (1, 2)]
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, term_name(code)) for code in codes]


class DaysForm(forms.Form):
    name = forms.CharField(
        label=_("名称"), max_length=32, error_messages={"required": _("写上名称，比如“国庆节”。")}
    )
    starts = _day(_("第一天"))
    ends = _day(_("最后一天"), required=False)
    taught_as = _day(_("补哪天的课"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("ends"):
            cleaned["ends"] = cleaned.get("starts")
        return cleaned


class LessonForm(forms.Form):
    """One lesson on one day: off, taken over by a colleague, or moved."""

    what = forms.ChoiceField(
        choices=[("off", _("停课")), ("substitute", _("请人代")), ("moved", _("调到别的时间"))]
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(), label=_("谁代"), required=False, empty_label=_("选一位老师")
    )
    moved_to = _day(_("调到哪天"), required=False)
    moved_period = forms.TypedChoiceField(
        label=_("第几节"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("第几节")), *((number, str(number)) for number in range(1, LAST_PERIOD + 1))],
    )

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["substitute"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        what = cleaned.get("what")
        if what == "substitute" and not cleaned.get("substitute") and "substitute" not in self.errors:
            self.add_error("substitute", _now("选谁来代。"))
        if what == "moved" and not cleaned.get("moved_to") and "moved_to" not in self.errors:
            self.add_error("moved_to", _now("选调到哪天。"))
        if what == "moved" and cleaned.get("moved_period") is None and "moved_period" not in self.errors:
            self.add_error("moved_period", _now("选调到第几节。"))
        return cleaned

    @property
    def change(self) -> dict[str, Any]:
        wanted = {"off": (), "substitute": ("substitute",), "moved": ("moved_to", "moved_period")}
        return {name: self.cleaned_data[name] for name in wanted[self.cleaned_data["what"]]}


class TimetableUploadForm(forms.Form):
    file = forms.FileField(label=_("课表文件（xlsx）"), error_messages={"required": _("先选一个文件。")})
    since = _day(_("从哪天起用"), required=False)


def times_from(data: QueryDict) -> list[Times]:
    """第1节 … as far as both times are given. Raises NotPossible with the period that is half or wrong."""
    found: list[Times] = []
    for number, (starts, ends) in enumerate(
        zip(data.getlist("starts"), data.getlist("ends"), strict=False), start=1
    ):
        if not starts and not ends:
            continue
        if number != len(found) + 1:
            raise NotPossible(_now("第%(number)s节前面空了一节。") % {"number": number})
        try:
            found.append(Times(time.fromisoformat(starts), time.fromisoformat(ends)))
        except ValueError:
            raise NotPossible(
                _now("第%(number)s节的时间没填全，写成 08:00 这样。") % {"number": number}
            ) from None
    return found


def day_from(text: str, fallback: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return fallback


def cells_from(body: bytes) -> tuple[str, date, dict[tuple[int, int], list[Content]]]:
    """What the page of a timetable sends: {"term", "since", "cells": [{"weekday", "period", "contents"}]}."""
    try:
        given = json.loads(body)
        cells = {
            (_whole(cell["weekday"]), _whole(cell["period"])): _contents(cell) for cell in given["cells"]
        }
        if len(cells) > MOST_CELLS:
            raise ValueError
        return str(given["term"])[:6], date.fromisoformat(given["since"]), cells
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotPossible(_now("课表没看懂。请刷新页面再试。")) from None


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _contents(cell: Mapping[str, Any]) -> list[Content]:
    return [
        tidy_content(Content(str(each["subject"]), str(each["classLabel"]), str(each["weeks"])))
        for each in cell["contents"]
    ]
