"""Memberships, and the accounts of the people who hold them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.accounts.admin import PersonAdmin as AccountAdmin
from foundation.accounts.models import User
from foundation.accounts.secrets import grouped
from foundation.ledger.audit import PERSON, audited
from teaching_centres import operations
from teaching_centres.admin.base import (
    PlainChoices,
    ReasonsAsMessages,
    UnitAdmin,
    actor_of,
    adopt,
    manages_anything,
)
from teaching_centres.errors import NotPossible
from teaching_centres.models import Membership, School
from teaching_centres.policies import Unit, may_manage_person
from teaching_centres.queries import place_of
from teaching_centres.roles import Verb

UNIT_FIELDS = ["role", "school", "region", "subject", "starts", "ends"]
FIXED_AFTER_START = ["user", "role", "school", "region", "subject", "starts"]


class MembershipState(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("current", _("在任")), ("ended", _("已结束")), ("coming", _("还没开始"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        if self.value() == "current":
            return queryset.filter(pk__in=Membership.objects.current())
        if self.value() == "ended":
            return queryset.filter(ends__lt=today)
        if self.value() == "coming":
            return queryset.filter(starts__gt=today)
        return queryset


class MembershipForm(forms.ModelForm):
    """A new membership in full; of an existing one only the last day can be changed."""

    class Meta:
        model = Membership
        fields = ["user", *UNIT_FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIXED_AFTER_START if self.instance.pk else []:
            if name in self.fields:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data is None or self.errors or self.instance.pk:
            return data  # of an existing one only the last day changes: the operation checks it
        units = [unit for unit in (data.get("school"), data.get("region")) if unit]
        if len(units) != 1:
            raise forms.ValidationError(_("学校和行政区选一个：教师选学校，教研员和督导选行政区。"))
        try:
            operations.refuse_wrong_membership(
                user=data["user"],
                role=data["role"],
                unit=units[0],
                subject=data["subject"],
                starts=data["starts"],
                ends=data["ends"],
            )
        except NotPossible as error:
            raise forms.ValidationError(error.reason) from error
        return data


def write(membership: Membership, actor: User) -> Membership:
    """What a membership form asks for, by the operation for it."""
    if membership.pk:
        before = Membership.objects.select_related("user", "region", "school__county").get(pk=membership.pk)
        return operations.change_end(membership=before, ends=membership.ends, actor=actor)
    return operations.grant_membership(
        user=membership.user,
        role=membership.role,
        unit=membership.unit,
        subject=membership.subject,
        starts=membership.starts,
        ends=membership.ends,
        actor=actor,
    )


class TransferForm(MembershipForm):
    transfer_to = forms.ModelChoiceField(
        School.objects.none(),
        required=False,
        label=_("调到"),
        help_text=_("填了就是调动：这项任职到前一天为止"),
    )
    transfer_on = forms.DateField(required=False, label=_("调动日期"), widget=AdminDateWidget)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data and data.get("transfer_to") and not data.get("transfer_on"):
            self.add_error("transfer_on", _("请填调动日期。"))
        return data


@admin.register(Membership)
class MembershipAdmin(UnitAdmin):
    form = MembershipForm
    list_display = ["user", "role", "school", "region", "subject", "starts", "ends", "is_current"]
    list_filter = [
        MembershipState,
        "role",
        ("school__county", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["user", "school", "region"]
    search_fields = ["user__name", "user__username", "school__name", "region__name", "subject"]
    ordering = ["user__name", "-starts"]
    autocomplete_fields = ["user", "school", "region"]

    def unit_of(self, row: Membership) -> Unit:
        return row.unit

    def get_form(
        self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            kwargs["form"] = TransferForm
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            field: Any = form.base_fields["transfer_to"]
            field.queryset = School.objects.visible_to(request.user, Verb.MANAGE).open()
            field.widget = AutocompleteSelect(Membership._meta.get_field("school"), admin.site)
            field.widget.choices = field.choices
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return FIXED_AFTER_START if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        sets: list[Any] = [(None, {"fields": ["user", *UNIT_FIELDS]})]
        if obj is not None and obj.school_id:
            sets.append((_("调动"), {"fields": ["transfer_to", "transfer_on"]}))
        return sets

    @admin.display(description=_("在任"), boolean=True)
    def is_current(self, membership: Membership) -> bool:
        return membership.is_current()

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        actor = actor_of(request)
        if form.cleaned_data.get("transfer_to"):
            before = Membership.objects.select_related("user", "region", "school__county").get(pk=obj.pk)
            written = operations.transfer_membership(
                membership=before,
                unit=form.cleaned_data["transfer_to"],
                on=form.cleaned_data["transfer_on"],
                actor=actor,
            )
        else:
            written = write(obj, actor)
        adopt(obj, written)


# ---- people ------------------------------------------------------------------------------------------
class MembershipsOfPerson(BaseInlineFormSet):
    """Someone new belongs somewhere from the first day, or nobody could manage the account afterwards."""

    required = False

    def clean(self) -> None:
        super().clean()
        if self.required and not any(form.has_changed() and form.is_valid() for form in self.forms):
            raise forms.ValidationError(_("请填这个人的第一项任职。"))


class MembershipInline(PlainChoices, admin.TabularInline):
    model = Membership
    form = MembershipForm
    formset = MembershipsOfPerson
    fields = [*UNIT_FIELDS]
    autocomplete_fields = ["school", "region"]
    extra = 0
    can_delete = False

    def get_extra(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.required = obj is None and not actor_of(request).is_superuser
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Membership.objects.visible_to(request.user, Verb.MANAGE)
        return rows.select_related("school__county", "region")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages_anything(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages_anything(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages_anything(request)


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(AccountAdmin, ReasonsAsMessages):
    """The account page, with memberships, for the administrators of the units a person belongs to."""

    list_display = ["name", "username", "where", "is_active", "last_login"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows = super().get_queryset(request).prefetch_related("memberships__school", "memberships__region")
        if actor_of(request).is_superuser:
            return rows
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            return rows.filter(is_active=True)  # the address book: anyone can be given a role, by name
        managed = Membership.objects.visible_to(request.user, Verb.MANAGE)
        return rows.filter(pk__in=managed.values("user_id"), is_superuser=False)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "is_staff", "ways_in"]

    @admin.display(description=_("一次性的码、登录、二次验证"))
    def ways_in(self, person: User) -> str:
        return format_html('<a href="{}">{}</a>', reverse("person-account", args=[person.pk]), _("去管理"))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is not None:
            sets = [*sets[:1], (_("怎么登录"), {"fields": ["ways_in"]}), *sets[1:]]
        if actor_of(request).is_superuser:
            return sets
        return [(title, options) for title, options in sets if "is_superuser" not in options["fields"]]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages_anything(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is None or actor_of(request).is_superuser:
            return manages_anything(request)
        return Membership.objects.visible_to(request.user, Verb.MANAGE).filter(user=obj).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_anything(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(may_manage_person(request.user, obj)) if obj else manages_anything(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def choice_label(self, person: User) -> str:
        return f"{person.name} · {self.where(person)}"

    @admin.display(description=_("单位"))
    def where(self, person: User) -> str:
        today = timezone.localdate()
        current = [
            row for row in person.memberships.all() if row.starts <= today and not row.has_ended(today)
        ]
        return "、".join(dict.fromkeys(str(row.unit) for row in current)) or "—"

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        obj.is_staff = obj.is_staff or obj.is_superuser
        actor, wants_active = actor_of(request), obj.is_active
        if change:
            obj.is_active = form.initial["is_active"]  # the operation below decides
        with audited(
            "person.changed" if change else "person.created",
            actor=actor,
            subject_kind=PERSON,
            subject_id=obj.pk,
            place=operations.place_about(obj, actor) if change else place_of(actor),
            details={"fields": ",".join(form.changed_data)} if change else {},
        ) as entry:
            super().save_model(request, obj, form, change)
            entry.subject_id = obj.pk
        if wants_active != obj.is_active:
            operations.set_active(person=obj, active=wants_active, actor=actor)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The account has no password: the code that opens it is shown here, this once."""
        if obj.pk != actor_of(request).pk and obj.is_active:
            code = grouped(operations.issue_code(person=obj, actor=actor_of(request)))
            text = _("%(name)s的开通码：%(code)s。交给本人，在登录页点“第一次来”。离开这一页就再也看不到了。")
            messages.success(request, text % {"name": obj.name, "code": code})
        return super().response_add(request, obj, post_url_continue)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Membership:
            super().save_formset(request, form, formset, change)
            return
        for row in formset.save(commit=False):
            adopt(row, write(row, actor_of(request)))
        formset.save_m2m()
