"""Parsing of what people send."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from foundation.catalogue.models import Stage, Textbook, Unit
from lessons.models import LessonPlan, PlanInvitation, PlanTemplate
from lessons.queries import Filters


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class Choice:
    """One of the selects that depend on each other, top down."""

    name: str
    label: str
    options: list[Option]

    @property
    def value(self) -> str:
        return next((option.value for option in self.options if option.selected), "")


def grades() -> list[tuple[int, str]]:
    return [
        (number, _("%(grade)s年级") % {"grade": "一二三四五六七八九"[number - 1]}) for number in range(1, 10)
    ]


def catalogue_choices(given: dict[str, str] | QueryDict) -> list[Choice]:
    """学段 → 学科 → 教材版本 → 年级册次 → 单元: each offers what the ones above it leave.

    A value that no longer fits is dropped; where only one is possible it is chosen.
    """
    books = list(Textbook.objects.select_related("subject"))
    choices = []
    levels: tuple[tuple[str, Any, Any, Any], ...] = (
        ("stage", _("学段"), lambda book: (book.stage, Stage(book.stage).label), lambda book: book.stage),
        (
            "subject",
            _("学科"),
            lambda book: (str(book.subject_id), book.subject.name),
            lambda book: str(book.subject_id),
        ),
        ("edition", _("教材版本"), lambda book: (book.edition, book.edition), lambda book: book.edition),
        ("textbook", _("年级和册次"), lambda book: (str(book.pk), book.book), lambda book: str(book.pk)),
    )
    for name, label, option, key in levels:
        choice = _choice(name, label, dict(option(book) for book in books), given.get(name, ""))
        choices.append(choice)
        books = [book for book in books if key(book) == choice.value]
    units = {str(unit.pk): str(unit) for unit in Unit.objects.filter(textbook__in=books)} if books else {}
    choices.append(_choice("unit", _("单元"), units, given.get("unit", "")))
    return choices


def _choice(name: str, label: Any, options: dict[str, str], given: str) -> Choice:
    value = given if given in options else (next(iter(options)) if len(options) == 1 else "")
    return Choice(name, label, [Option(key, text, key == value) for key, text in options.items()])


class BookForm(forms.Form):
    """Where a plan stands in the catalogue. A unit of another book is dropped."""

    textbook = forms.ModelChoiceField(Textbook.objects.select_related("subject"), required=False)
    unit = forms.ModelChoiceField(Unit.objects.all(), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        textbook, unit = cleaned.get("textbook"), cleaned.get("unit")
        if unit is not None and (textbook is None or unit.textbook_id != textbook.pk):
            cleaned["unit"] = None
        return cleaned


class PlanForm(BookForm):
    title = forms.CharField(
        label=_("课题"),
        max_length=120,
        error_messages={
            "required": _("写上课题，比如“美丽的小兴安岭”。"),
            "max_length": _("课题最多 120 个字。"),
        },
    )
    template = forms.ModelChoiceField(
        PlanTemplate.objects.none(),
        label=_("教案格式"),
        error_messages={
            "required": _("选一种教案格式。"),
            "invalid_choice": _("这种格式现在不能用，请另选一种。"),
        },
    )
    period = forms.CharField(label=_("课时"), max_length=40, required=False)
    lesson_type = forms.CharField(label=_("课型"), max_length=40, required=False)

    def __init__(self, *args: Any, templates: list[PlanTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PlanTemplate.objects.filter(pk__in=[template.pk for template in templates])

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


def filters_from(query: QueryDict) -> Filters:
    return Filters(
        text=query.get("q", "").strip()[:60],
        subject_id=_number(query.get("subject", "")),
        grade=_number(query.get("grade", "")),
        archived=query.get("state") == LessonPlan.State.ARCHIVED,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class InvitationForm(forms.Form):
    """Someone to invite: `who` is "user:<id>" or "school:<id>"."""

    who = forms.RegexField(r"^(user|school):\d{1,12}$")
    access = forms.ChoiceField(choices=PlanInvitation.Access.choices)


class ReachForm(forms.Form):
    reach = forms.ChoiceField(choices=LessonPlan.Reach.choices)


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=LessonPlan.State.choices)


class VersionForm(forms.Form):
    name = forms.CharField(max_length=80, required=False)
