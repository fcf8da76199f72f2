"""Parsing of what people send about activities and term plans."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.catalogue.models import Stage as SchoolStage
from foundation.catalogue.models import Subject, Textbook, Unit
from lessons.activities.models import PrepActivity
from lessons.activities.operations import Facts
from lessons.activities.queries import Filters, grade_name
from lessons.activities.term_plans import DAYS, RowGiven
from lessons.forms import Choice, Option
from lessons.models import PlanTemplate
from teaching_centres.calendar.models import term_name
from teaching_centres.models import Region, School
from teaching_centres.numbers import id_in

GRADES = {
    SchoolStage.PRIMARY: range(1, 7),
    SchoolStage.JUNIOR: range(6, 10),
    SchoolStage.SPECIAL: range(1, 10),
}
USUAL_DAYS = {"first_draft_due": 3, "study_starts": 4, "study_ends": 8, "own_versions_due": 11}
"""How many days from today a call proposes."""


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("填上日期。"), "invalid": _("日期写成 2026-09-01 这样。")},
    )


# ---- 学段 → 学科 → 年级 → 教材 → 单元 ------------------------------------------------------------------


def group_choices(given: Mapping[str, str] | QueryDict, *, units: bool = True) -> list[Choice]:
    """Each offers what the ones above it leave; a value that no longer fits is dropped."""
    subjects = {str(pk): name for pk, name in Subject.objects.values_list("pk", "name")}
    choices = [
        _choice(
            "school_stage", _now("学段"), {value: str(label) for value, label in SchoolStage.choices}, given
        ),
        _choice("subject", _now("学科"), subjects, given),
    ]
    stage, subject = choices[0].value, choices[1].value
    grades = {str(grade): grade_name(grade) for grade in GRADES.get(stage, ())}  # type: ignore[call-overload]
    choices.append(_choice("grade", _now("年级"), grades, given))
    books = {}
    if subject and choices[2].value:
        found = Textbook.objects.select_related("subject").filter(
            stage=stage, subject_id=subject, grade=choices[2].value
        )
        books = {str(book.pk): f"{book.edition} · {book.book}" for book in found}
    choices.append(_choice("textbook", _now("教材"), books, given, sure=True))
    if units:
        rows = Unit.objects.filter(textbook_id=choices[3].value) if choices[3].value else Unit.objects.none()
        choices.append(_choice("unit", _now("单元"), {str(row.pk): str(row) for row in rows}, given))
    return choices


def _choice(
    name: str, label: str, options: dict[str, str], given: Mapping[str, str] | QueryDict, sure: bool = False
) -> Choice:
    value = given.get(name, "") or ""
    if value not in options:
        value = next(iter(options)) if sure and len(options) == 1 else ""
    return Choice(name, label, [Option(key, text, key == value) for key, text in options.items()])


class GroupForm(forms.Form):
    """A subject and a grade, perhaps with the textbook. `of`: on whose behalf."""

    of = forms.CharField(required=False)
    school_stage = forms.ChoiceField(
        label=_("学段"), choices=SchoolStage.choices, error_messages={"required": _("选学段。")}
    )
    subject = forms.ModelChoiceField(
        Subject.objects.all(), label=_("学科"), error_messages={"required": _("选学科。")}
    )
    grade = forms.IntegerField(
        label=_("年级"), min_value=1, max_value=9, error_messages={"required": _("选年级。")}
    )
    textbook = forms.ModelChoiceField(Textbook.objects.select_related("subject"), required=False)

    def __init__(self, *args: Any, units: list[School | Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {unit_key(unit): unit for unit in units}

    def clean_of(self) -> School | Region:
        unit = self.units.get(self.cleaned_data["of"]) or next(iter(self.units.values()), None)
        if unit is None:
            raise forms.ValidationError(_now("发起活动要有备课组长或教研员的任职。"))
        return unit

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        grade, stage = cleaned.get("grade"), cleaned.get("school_stage")
        if grade is not None and stage and grade not in GRADES[SchoolStage(stage)]:
            self.add_error("grade", _now("这个学段没有这个年级。"))
        book = cleaned.get("textbook")
        if book is not None and (book.subject, book.grade) != (cleaned.get("subject"), cleaned.get("grade")):
            cleaned["textbook"] = None
        return cleaned

    @property
    def group_errors(self) -> list[str]:
        """What is wrong with the selects that stand together."""
        names = ("of", "school_stage", "subject", "grade", "textbook")
        return [str(error) for name in names for error in self.errors.get(name, [])]


def unit_key(unit: School | Region) -> str:
    return f"{'school' if isinstance(unit, School) else 'region'}:{unit.pk}"


# ---- the call ------------------------------------------------------------------------------------------


class ActivityForm(GroupForm):
    theme = forms.CharField(
        label=_("主题"),
        max_length=120,
        error_messages={
            "required": _("写上主题，比如“怎样带学生读出景色的美”。"),
            "max_length": _("主题最多 120 个字。"),
        },
    )
    lesson = forms.CharField(label=_("课题"), max_length=120, required=False)
    requirements = forms.CharField(
        label=_("要求"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("要求最多 4000 个字。")},
    )
    kind = forms.ChoiceField(label=_("形式"), choices=PrepActivity.Kind.choices)
    unit = forms.ModelChoiceField(Unit.objects.all(), required=False)
    template = forms.ModelChoiceField(
        PlanTemplate.objects.none(),
        label=_("共案用哪种教案格式"),
        empty_label=None,
        error_messages={
            "required": _("选一种教案格式。"),
            "invalid_choice": _("这种格式现在不能用，请另选一种。"),
        },
    )
    first_draft_due = day_field(_("初稿期限"))
    study_starts = day_field(_("集研开始"))
    study_ends = day_field(_("集研结束"))
    own_versions_due = day_field(_("个案期限"))

    def __init__(self, *args: Any, templates: list[PlanTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PlanTemplate.objects.filter(pk__in=[template.pk for template in templates])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        unit = cleaned.get("unit")
        if unit is not None and unit.textbook != cleaned.get("textbook"):
            cleaned["unit"] = None
        before: tuple[str, date] | None = None
        for name in DAYS:
            day = cleaned.get(name)
            if day is not None and before is not None and day < before[1]:
                words = {"before": self.fields[before[0]].label}
                self.add_error(name, _now("不能早于“%(before)s”。") % words)
            before = (name, day) if day is not None else before
        return cleaned

    @property
    def facts(self) -> Facts:
        names = set(self.cleaned_data) - {"of"}
        return Facts(**{name: self.cleaned_data[name] for name in names})


def usual_days() -> dict[str, date]:
    today = timezone.localdate()
    return {name: today + timedelta(days=days) for name, days in USUAL_DAYS.items()}


def initial_of(activity: PrepActivity) -> dict[str, Any]:
    names = ("theme", "lesson", "requirements", "kind", "template", *DAYS)
    return {name: getattr(activity, name) for name in names}


def group_of(row: Any) -> dict[str, str]:
    """An activity's or a term plan's place in the catalogue, as the selects name it."""
    given = {
        "school_stage": row.school_stage,
        "subject": str(row.subject_id),
        "grade": str(row.grade),
        "textbook": str(row.textbook_id or ""),
    }
    unit_id = getattr(row, "unit_id", None)
    return {**given, "unit": str(unit_id)} if unit_id else given


def filters_from(query: QueryDict) -> Filters:
    state = query.get("state", "")
    return Filters(
        text=query.get("q", "").strip()[:60],
        subject_id=id_in(query.get("subject", "")),
        grade=id_in(query.get("grade", "")),
        state=state if state in PrepActivity.State.values else "",
    )


class CallForm(forms.Form):
    """Whom to call: "user:<id>" or "school:<id>"."""

    who = forms.RegexField(r"^(user|school):\d{1,12}$")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)


class AgendaForm(forms.Form):
    text = forms.CharField(
        label=_("要议什么"), max_length=300, error_messages={"required": _("写一句要议什么。")}
    )


# ---- the term plan ---------------------------------------------------------------------------------------


class TermPlanForm(GroupForm):
    term = forms.ChoiceField(label=_("学期"))

    def __init__(self, *args: Any, terms: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["term"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, term_name(code)) for code in terms]


class ScheduleForm(forms.Form):
    first = day_field(_("第一份初稿哪天交"))
    weeks = forms.TypedChoiceField(
        label=_("隔多久一课"),
        coerce=int,
        choices=[(1, _("每周一课")), (2, _("两周一课")), (3, _("三周一课")), (4, _("四周一课"))],
    )
    in_turn = forms.BooleanField(label=_("没定主备人的，组里轮着来"), required=False)


class RowForm(forms.Form):
    """One line of the table."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    unit = forms.TypedChoiceField(label=_("单元"), required=False, empty_value=None)
    lesson = forms.CharField(label=_("课题"), max_length=120, required=False)
    lead_preparer = forms.TypedChoiceField(label=_("主备人"), required=False, empty_value=None)
    first_draft_due = day_field(_("初稿期限"), required=False)
    study_starts = day_field(_("集研开始"), required=False)
    study_ends = day_field(_("集研结束"), required=False)
    own_versions_due = day_field(_("个案期限"), required=False)
    remove = forms.BooleanField(label=_("删掉这一行"), required=False)

    def __init__(
        self, *args: Any, units: Mapping[int, Unit], people: Mapping[int, User], **kwargs: Any
    ) -> None:
        """`units` and `people` are read once for all rows."""
        super().__init__(*args, **kwargs)
        self._offer("unit", "—", units)
        self._offer("lead_preparer", _now("还没定"), people)

    def _offer(self, name: str, none: str, rows: Mapping[int, Unit | User]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", none), *((pk, str(row)) for pk, row in rows.items())]
        field.coerce = lambda value: rows[int(value)]
        field.error_messages["invalid_choice"] = _now("请重选。")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.has_changed() or cleaned.get("remove"):
            return cleaned
        if not cleaned.get("unit") and not cleaned.get("lesson") and not self.errors:
            self.add_error("lesson", _now("选单元，或写课题。"))
        before: date | None = None
        for name in DAYS:
            day = cleaned.get(name)
            if day is not None and before is not None and day < before:
                self.add_error(name, _now("比前一个日期早。"))
            before = day or before
        return cleaned

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The fields of a line of the table, each with the name that a screen reader says."""
        cells = []
        for name in ("unit", "lesson", "lead_preparer", *DAYS):
            bound = self[name]
            attrs: dict[str, str | bool] = {"class": "input", "aria-label": str(bound.label)}
            if bound.errors:
                attrs["aria-invalid"] = "true"
            control = bound.as_widget(attrs=attrs)
            cells.append({"label": bound.label, "control": control, "errors": list(bound.errors)})
        return cells

    @property
    def given(self) -> RowGiven:
        return RowGiven(**{name: self.cleaned_data[name] for name in RowGiven.__dataclass_fields__})


class RowFormSet(forms.BaseFormSet):
    """A table of rows; those that were left empty at the end are not sent on."""

    @property
    def given(self) -> list[RowGiven]:
        return [form.given for form in self.forms if form.has_changed() and not form.cleaned_data["remove"]]

    @property
    def removed(self) -> list[int]:
        return [form.cleaned_data["id"] for form in self.forms if form.cleaned_data.get("remove")]


class UploadForm(forms.Form):
    file = forms.FileField(label=_("学期计划（xlsx）"), error_messages={"required": _("先选一个文件。")})
