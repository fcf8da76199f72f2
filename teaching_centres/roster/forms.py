"""Forms of the roster's pages: parsing only, what may be done is decided by the operations."""

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.office.tables import Column, Day, Phone, Wrong, tidy
from teaching_centres.models import Leave, Membership, Region, School
from teaching_centres.people_accounts import name_of, unit_named
from teaching_centres.policies import Unit
from teaching_centres.roles import Role, Verb
from teaching_centres.roster.listing import counties_of


class DayInput(forms.DateInput):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if hasattr(value, "isoformat") else value


class ColumnField(forms.CharField):
    """The same rules as for a cell of the table."""

    def __init__(self, column: Column, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.column = column

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self.column.read(text) if text else None
        except Wrong as wrong:
            raise forms.ValidationError(wrong.message.said(gettext)) from wrong


def day_field(label: Any, *, required: bool = True, **kwargs: Any) -> ColumnField:
    return ColumnField(
        Day("day", str(label)),
        label=label,
        required=required,
        widget=DayInput(),
        error_messages={"required": _("请填日期。")},
        **kwargs,
    )


class NameField(forms.CharField):
    def clean(self, value: Any) -> str:
        return tidy(super().clean(value) or "")


OFFERED_AT_MOST = 300
"""Units in a select. A province has thousands: there the name is written."""


class UnitField(forms.Field):
    """A unit that the actor manages: chosen from a list, or, where that would be too long, written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages={"required": _("请选单位。")}, **kwargs)
        self.actor: User | None = None
        self.is_written = False

    def offer(self, actor: User) -> None:
        self.actor = actor
        schools = School.objects.visible_to(actor, Verb.MANAGE).open().select_related("county")
        regions = Region.objects.visible_to(actor, Verb.MANAGE).order_by("path")
        self.is_written = schools.count() + regions.count() > OFFERED_AT_MOST
        if self.is_written:
            self.widget = forms.TextInput(attrs={"maxlength": 128})
            self.help_text = _("写学校全称，或县（市、区）名；有同名的，前面写县，如“梨树县 第一小学”")
            return
        groups: dict[str, list[tuple[str, str]]] = {}
        for region in regions:
            groups.setdefault(str(_("县（市、区）以上")), []).append((name_of(region), region.name))
        for school in schools.order_by("county__path", "name"):
            groups.setdefault(school.county.name, []).append((name_of(school), school.name))
        single = sum(len(rows) for rows in groups.values()) == 1
        self.widget = forms.Select(choices=[*([] if single else [("", _("请选"))]), *groups.items()])

    def clean(self, value: Any) -> Any:
        super().clean(value)
        assert self.actor is not None
        unit = self._written(str(value)) if self.is_written else None
        unit = unit or unit_named(self.actor, str(value))
        if unit is None:
            said = _("没有找到，或者不归你管。") if self.is_written else _("请选单位。")
            raise forms.ValidationError(said)
        return unit

    def _written(self, text: str) -> Unit | None:
        county, _space, name = " ".join(text.split()).partition(" ")
        text = tidy(text)
        schools = School.objects.visible_to(self.actor or AnonymousUser(), Verb.MANAGE).open()
        regions = Region.objects.visible_to(self.actor or AnonymousUser(), Verb.MANAGE)
        named = schools.filter(name=text) | schools.filter(county__name=county, name=name)
        found: list[Unit] = [*named.select_related("county")[:2], *regions.filter(name=text)[:2]]
        return found[0] if len(found) == 1 else None


class BeginningForm(forms.Form):
    unit = UnitField(label=_("单位"))
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices, initial=Role.TEACHER)
    subject = NameField(label=_("学科"), max_length=32, required=False)
    starts = day_field(_("从哪天起"), initial=timezone.localdate)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(actor)


class MembershipForm(BeginningForm):
    ends = day_field(_("到哪天"), required=False, help_text=_("最后一天，还在任就空着"))


class PersonForm(forms.Form):
    username = ColumnField(
        Phone("username", "手机号或工号", or_number=True),
        label=_("手机号或工号"),
        max_length=64,
        help_text=_("登录用，不要填身份证号"),
        error_messages={"required": _("请填手机号或工号。")},
    )
    name = NameField(label=_("姓名"), max_length=64, error_messages={"required": _("请填姓名。")})


class NewPersonForm(PersonForm, BeginningForm):
    field_order = ["name", "username", "unit", "role", "subject", "starts"]


class ChangePersonForm(PersonForm):
    email = forms.EmailField(
        label=_("邮箱"), required=False, error_messages={"invalid": _("邮箱的写法不对。")}
    )


class EndForm(forms.Form):
    """Only 离任 and 调出 are chosen here; retirement ends everything and has its own form."""

    ends = day_field(_("最后一天"), initial=timezone.localdate)
    ended_as = forms.ChoiceField(
        label=_("为什么"),
        choices=[
            (Membership.EndedAs.LEFT.value, Membership.EndedAs.LEFT.label),
            (Membership.EndedAs.MOVED.value, Membership.EndedAs.MOVED.label),
        ],
    )


class TransferForm(forms.Form):
    unit = UnitField(label=_("调到"))
    on = day_field(_("到新单位的第一天"), initial=timezone.localdate)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(actor)


class LeaveForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=Leave.Kind.choices)
    starts = day_field(_("第一天"), initial=timezone.localdate)
    ends = day_field(_("最后一天"), required=False, help_text=_("还不知道就空着，以后再填"))


class LeaveEndForm(forms.Form):
    ends = day_field(_("最后一天"), required=False)


class RetireForm(forms.Form):
    on = day_field(_("在任的最后一天"), initial=timezone.localdate)


class SchoolForm(forms.Form):
    county = forms.ModelChoiceField(
        Region.objects.none(), label=_("县（市、区）"), error_messages={"required": _("请选县（市、区）。")}
    )
    name = NameField(label=_("学校名称"), max_length=128, error_messages={"required": _("请填学校名称。")})
    kind = forms.ChoiceField(label=_("办学类型"), choices=School.Kind.choices)
    urban_class = forms.ChoiceField(label=_("城乡分类"), choices=School.UrbanClass.choices)
    parent = forms.ModelChoiceField(
        School.objects.none(),
        label=_("中心校"),
        required=False,
        empty_label=_("没有"),
        help_text=_("教学点归哪所学校管"),
    )
    is_rural_central = forms.BooleanField(label=_("是农村中心校"), required=False)
    opened = day_field(_("建校"), required=False)

    def __init__(self, *args: Any, actor: User, school: School | None = None, **kwargs: Any) -> None:
        if school is not None:
            kwargs.setdefault("initial", {name: getattr(school, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        counties = counties_of(actor)
        county, parent = self.fields["county"], self.fields["parent"]
        assert isinstance(county, forms.ModelChoiceField) and isinstance(parent, forms.ModelChoiceField)
        county.queryset = Region.objects.filter(pk__in=[region.pk for region in counties])
        if len(counties) == 1:
            county.initial, county.empty_label = counties[0], None
        if school is None and len(counties) > 1:
            del self.fields["parent"]  # whose county is not known yet: chosen on the school's page
            return
        schools = School.objects.visible_to(actor, Verb.MANAGE).open().filter(parent__isnull=True)
        schools = schools.exclude(kind=School.Kind.TEACHING_POINT).exclude(pk=school.pk if school else None)
        if school is not None:
            schools = schools.filter(county=school.county_id)
        parent.queryset = schools.order_by("county__path", "name")


class CloseSchoolForm(forms.Form):
    on = day_field(_("最后一天"), initial=timezone.localdate)


class OpenPointForm(forms.Form):
    on = day_field(_("从哪天起"), initial=timezone.localdate)


class MergeSchoolForm(forms.Form):
    into = forms.ModelChoiceField(
        School.objects.none(), label=_("并入哪所学校"), error_messages={"required": _("请选学校。")}
    )
    on = day_field(_("并入的第一天"), initial=timezone.localdate)

    def __init__(self, *args: Any, actor: User, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        assert isinstance(into, forms.ModelChoiceField)
        others = School.objects.visible_to(actor, Verb.MANAGE).open().filter(county=school.county_id)
        into.queryset = others.exclude(pk=school.pk).order_by("name")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("名册文件"),
        error_messages={
            "required": _("请选一个 .xlsx 文件。"),
            "empty": _("这个文件是空的。请重新选一个。"),
            "missing": _("没有收到文件。请重新选一个。"),
            "invalid": _("没有收到文件。请重新选一个。"),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx", "class": "input"}),
    )
