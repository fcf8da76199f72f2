"""Parsing of what people send to the workspaces."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teaching_centres.models import Membership, Region, School, TeachingCentre
from teaching_centres.numbers import id_in
from teaching_centres.roles import Role
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import (
    Expertise,
    LineMeasurement,
    PairingActivity,
    SupportTicket,
    TaskAnswer,
    Visit,
)
from teaching_centres.workspace.queries.common import counties_below
from teaching_centres.workspace.queries.exchange import VisitFilters
from teaching_centres.workspace.queries.expertise import ExpertFilters, grades_of

NEEDED = {"required": _("这一项要填。"), "invalid": _("日期写成 2026-09-01 这样。")}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: Any, *, required: bool = True, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=DayInput(), error_messages=NEEDED, **options
    )


def words_field(label: Any, most: int, *, required: bool = True, lines: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": lines, "maxlength": most}) if lines else forms.TextInput()
    errors = {"required": NEEDED["required"], "max_length": _("最多 %(limit_value)s 个字。")}
    return forms.CharField(
        label=label, max_length=most, required=required, widget=widget, error_messages=errors
    )


class AnyValues(forms.MultipleChoiceField):
    """Several values of one name; whoever uses them knows which are good."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def valid_value(self, value: str) -> bool:
        return len(value) <= 80


class OnceForm(forms.Form):
    """Carries a key of its own: the same form sent twice is one act."""

    once = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)


# ---- to whom ---------------------------------------------------------------------------------------------
class AudienceForm(OnceForm):
    centres = forms.BooleanField(label=_("下级备课中心"), required=False)
    schools = forms.BooleanField(label=_("学校"), required=False)
    counties = AnyValues()
    side = forms.ChoiceField(
        choices=[("", _("城镇和乡村")), ("village", _("只给乡村")), ("town", _("只给城镇"))],
        required=False,
        widget=forms.RadioSelect,
    )
    picked = AnyValues()

    def audience(self, *, with_point: bool) -> Audience:
        return audience_of(self.cleaned_data, with_point=with_point)


def audience_of(read: dict[str, Any], *, with_point: bool) -> Audience:
    return Audience(
        centres=read.get("centres", False),
        schools=read.get("schools", False),
        county_ids=tuple(pk for pk in map(id_in, read.get("counties", ())) if pk),
        side=read.get("side", ""),
        picked=tuple(read.get("picked", ())),
        with_point=with_point,
    )


class TaskForm(AudienceForm):
    title = words_field(_("任务"), 120)
    expected = words_field(_("要做到什么"), 4000, lines=5)
    due = day_field(_("期限"))
    links = AnyValues()


class CircularForm(AudienceForm):
    title = words_field(_("标题"), 120)
    text = words_field(_("内容"), 8000, lines=8)
    links = AnyValues()
    roles = forms.MultipleChoiceField(
        label=_("给谁看"),
        choices=[
            (Role.ADMINISTRATOR.value, Role.ADMINISTRATOR.label),
            (Role.GROUP_LEADER.value, Role.GROUP_LEADER.label),
            (Role.TEACHER.value, Role.TEACHER.label),
            (Role.RESEARCHER.value, Role.RESEARCHER.label),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("至少选一种人。")},
    )


class AnswerForm(forms.Form):
    text = words_field(_("做了什么"), 4000, required=False, lines=5)
    links = AnyValues()


class VerdictForm(forms.Form):
    answer = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    verdict = forms.ChoiceField(choices=TaskAnswer.Verdict.choices)
    reason = words_field(_("意见"), 500, required=False, lines=3)


class WithdrawForm(forms.Form):
    because = words_field(_("为什么撤回"), 300)


# ---- people --------------------------------------------------------------------------------------------
class HeldField(forms.ModelChoiceField):
    """A person in a unit: one of the memberships that the finder offered."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            Membership.objects.select_related("user", "school__county", "region"),
            label=label,
            error_messages={"required": _("先找到人，再点选。"), "invalid_choice": _("请重新找一次人。")},
        )


class SchoolField(forms.ModelChoiceField):
    def __init__(self, label: Any) -> None:
        super().__init__(
            School.objects.select_related("county"),
            label=label,
            error_messages={"required": _("先找到学校，再点选。"), "invalid_choice": _("请重新找一次。")},
        )


class GrantForm(forms.Form):
    person = HeldField(_("教师"))
    grade = forms.ChoiceField(label=_("称号"))
    subject = words_field(_("学科"), 32)
    starts = day_field(_("起"))
    ends = day_field(_("止"), required=False)

    def __init__(self, *args: Any, region: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grade"].choices = [(grade.value, grade.label) for grade in grades_of(region)]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    on = day_field(_("最后一天"))


def expert_filters(query: Any) -> ExpertFilters:
    county = query.get("county", "")
    grade = query.get("grade", "")
    return ExpertFilters(
        subject=query.get("subject", "").strip()[:32],
        grade=grade if grade in Expertise.Grade.values else "",
        county_id=id_in(county),
        past=query.get("past") == "1",
    )


# ---- support ---------------------------------------------------------------------------------------------
class WeakSchoolForm(forms.Form):
    school = SchoolField(_("学校"))
    reason = words_field(_("为什么"), 500, lines=3)
    ends = day_field(_("打算到哪天"), required=False)


class TicketForm(OnceForm):
    need = words_field(_("要什么帮助"), 2000, lines=5)
    subject = words_field(_("学科"), 32, required=False)
    urgency = forms.ChoiceField(
        label=_("急不急"), choices=SupportTicket.Urgency.choices, widget=forms.RadioSelect
    )


class TakeForm(forms.Form):
    assigned_to = forms.IntegerField(
        label=_("交给谁"), error_messages={"required": _("选一个人。"), "invalid": _("选一个人。")}
    )
    until = day_field(_("办到哪天"))
    text = words_field(_("交代几句"), 2000, required=False, lines=2)


class WordsForm(forms.Form):
    text = words_field(_("留言"), 2000, required=False, lines=3)


# ---- pairing and visits ----------------------------------------------------------------------------------
class PairingForm(forms.Form):
    town = SchoolField(_("城镇学校"))
    village = SchoolField(_("乡村学校"))
    starts = day_field(_("起"), initial=timezone.localdate)
    ends = day_field(_("止"), required=False)
    plan = words_field(_("结对计划"), 4000, required=False, lines=5)


class PlanForm(forms.Form):
    plan = words_field(_("结对计划"), 4000, required=False, lines=6)


class ActivityForm(forms.Form):
    day = day_field(_("日期"), initial=timezone.localdate)
    kind = forms.ChoiceField(label=_("做了什么"), choices=PairingActivity.Kind.choices)
    title = words_field(_("内容"), 200)
    giver = forms.ChoiceField(
        label=_("谁出的力"),
        choices=PairingActivity.Side.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("选一下是哪一边出的力。")},
    )
    people = forms.IntegerField(label=_("对方多少人受益"), min_value=0, max_value=5000, initial=1)
    hours = forms.IntegerField(label=_("课时"), min_value=0, max_value=500, required=False)


class VisitForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=Visit.Kind.choices)
    person = HeldField(_("谁去"))
    to_school = SchoolField(_("到哪所学校"))
    starts = day_field(_("起"))
    ends = day_field(_("止"))
    subject = words_field(_("学科"), 32)
    hours = forms.IntegerField(label=_("课时"), min_value=0, max_value=2000)
    note = words_field(_("说明"), 300, required=False)


class DecisionForm(forms.Form):
    state = forms.ChoiceField(choices=[(Visit.State.CONFIRMED.value, ""), (Visit.State.REFUSED.value, "")])
    reason = words_field(_("哪里不属实"), 300, required=False)


class VisitFilterForm(forms.Form):
    kind = forms.ChoiceField(choices=[("", ""), *Visit.Kind.choices], required=False)
    state = forms.ChoiceField(choices=[("", ""), *Visit.State.choices], required=False)
    since = day_field(_("从"), required=False)
    until = day_field(_("到"), required=False)


def visit_filters(query: Any) -> VisitFilters:
    """What cannot be read filters nothing."""
    form = VisitFilterForm(query)
    form.is_valid()
    read = form.cleaned_data
    return VisitFilters(read.get("kind", ""), read.get("state", ""), read.get("since"), read.get("until"))


# ---- the line --------------------------------------------------------------------------------------------
class MeasureForm(forms.Form):
    kind = forms.ChoiceField(choices=LineMeasurement.Kind.choices)
    down_kbit = forms.IntegerField(required=False, min_value=1)
    latency_ms = forms.IntegerField(required=False, min_value=0)
    at = forms.IntegerField(required=False, min_value=0, max_value=10**14)

    def clean_at(self) -> datetime | None:
        """Milliseconds since 1970, as a browser remembers a moment."""
        moment = self.cleaned_data["at"]
        return None if moment is None else datetime.fromtimestamp(moment / 1000, tz=UTC)


def county_choices(centre: TeachingCentre) -> list[tuple[str, str]]:
    return [(str(region.pk), str(region)) for region in counties_below(centre.region)]
