"""Regions with their codes, teaching centres, schools, prep points."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teaching_centres import operations
from teaching_centres.admin.base import UnitAdmin, actor_of, adopt, manages_regions
from teaching_centres.errors import NotPossible
from teaching_centres.models import PrepPoint, Region, RegionCode, School, TeachingCentre
from teaching_centres.operations import refuse_wrong_school, why_no_prep_point
from teaching_centres.policies import Unit, may_redraw


class OpenOrClosed(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("在用")), ("closed", _("已撤"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.exclude(closed__lt=timezone.localdate())
        if self.value() == "closed":
            return queryset.filter(closed__lt=timezone.localdate())
        return queryset


# ---- regions -----------------------------------------------------------------------------------------
class RegionCodeInline(admin.TabularInline):
    model = RegionCode
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_redraw(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_redraw(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_redraw(request, obj)


def _may_redraw(request: HttpRequest, unit: Unit | None) -> bool:
    return unit is not None and bool(may_redraw(request.user, unit))


@admin.register(Region)
class RegionAdmin(UnitAdmin):
    list_display = ["name", "level", "kind", "parent", "codes_now", "reports_to"]
    list_filter = ["level", "kind"]
    list_select_related = ["parent", "reports_to"]
    search_fields = ["name", "own_id", "codes__code"]
    ordering = ["own_id"]
    fields = ["name", "level", "kind", "parent", "reports_to", "own_id"]
    autocomplete_fields = ["parent", "reports_to"]
    inlines = [RegionCodeInline]

    def unit_of(self, row: Region) -> Unit:
        return row

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        return super().get_queryset(request).prefetch_related("codes")

    def get_readonly_fields(self, request: HttpRequest, obj: Region | None = None) -> list[str]:
        if obj is None:
            return []
        return ["level", "own_id"] if obj.parent_id else ["level", "own_id", "parent"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages_regions(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Region | None = None) -> bool:
        return _may_redraw(request, obj) if obj else manages_regions(request)

    @admin.display(description=_("现行代码"))
    def codes_now(self, region: Region) -> str:
        return "、".join(code.code for code in region.codes.all() if code.valid_until is None) or "—"

    def save_model(self, request: HttpRequest, obj: Region, form: forms.ModelForm, change: bool) -> None:
        actor = actor_of(request)
        if not change:
            written = operations.add_region(
                own_id=obj.own_id,
                name=obj.name,
                level=obj.level,
                kind=obj.kind,
                parent=obj.parent,
                reports_to=obj.reports_to,
                actor=actor,
            )
        else:
            before = Region.objects.get(pk=obj.pk)
            if obj.parent is not None and obj.parent_id != before.parent_id:
                operations.move_region(region=before, parent=obj.parent, actor=actor)
            written = operations.change_region(
                region=before, name=obj.name, kind=obj.kind, reports_to=obj.reports_to, actor=actor
            )
        adopt(obj, written)


@admin.register(TeachingCentre)
class TeachingCentreAdmin(UnitAdmin):
    list_display = ["name", "region", "level", "opened", "is_demo"]
    list_filter = ["region__level", "is_demo"]
    list_select_related = ["region"]
    search_fields = ["name", "region__name"]
    ordering = ["region__path"]
    fields = ["region", "name", "opened"]
    autocomplete_fields = ["region"]

    def unit_of(self, row: TeachingCentre) -> Unit:
        return row.region

    def get_readonly_fields(self, request: HttpRequest, obj: TeachingCentre | None = None) -> list[str]:
        return ["region"] if obj else []

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages_regions(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_regions(request)

    @admin.display(description=_("层级"), ordering="region__level")
    def level(self, centre: TeachingCentre) -> str:
        return centre.region.get_level_display()

    def save_model(
        self, request: HttpRequest, obj: TeachingCentre, form: forms.ModelForm, change: bool
    ) -> None:
        actor = actor_of(request)
        if change:
            operations.change_centre(centre=obj, name=obj.name, opened=obj.opened, actor=actor)
        else:
            adopt(
                obj, operations.open_centre(region=obj.region, name=obj.name, opened=obj.opened, actor=actor)
            )


# ---- schools -----------------------------------------------------------------------------------------
class SchoolForm(forms.ModelForm):
    class Meta:
        model = School
        fields = ["county", "name", "kind", "urban_class", "is_rural_central", "parent", "opened", "closed"]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data and all(data.get(name) for name in ("county", "name", "kind", "urban_class")):
            fields = {name: value for name, value in data.items() if name != "closed"}
            try:
                refuse_wrong_school(School(pk=self.instance.pk, **fields))
            except NotPossible as error:
                raise forms.ValidationError(error.reason) from error
        return data


@admin.register(School)
class SchoolAdmin(UnitAdmin):
    form = SchoolForm
    list_display = ["name", "county", "kind", "urban_class", "is_rural_central", "has_prep_point", "closed"]
    list_filter = [
        OpenOrClosed,
        "kind",
        "urban_class",
        "is_rural_central",
        ("county", admin.RelatedOnlyFieldListFilter),
        "is_demo",
    ]
    list_select_related = ["county", "prep_point"]
    search_fields = ["name", "county__name"]
    ordering = ["county__path", "name"]
    autocomplete_fields = ["county", "parent"]
    actions = ["open_prep_points"]

    def unit_of(self, row: School) -> Unit:
        return row

    def choice_label(self, school: School) -> str:
        return f"{school.name} · {school.county.name}"

    def get_fields(self, request: HttpRequest, obj: School | None = None) -> Any:
        fields = ["county", "name", "kind", "urban_class", "is_rural_central", "parent", "opened"]
        return [*fields, "closed"] if obj else fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_regions(request)

    def has_change_permission(self, request: HttpRequest, obj: School | None = None) -> bool:
        return _may_redraw(request, obj) if obj else manages_regions(request)

    @admin.display(description=_("备课点"), boolean=True)
    def has_prep_point(self, school: School) -> bool:
        point = getattr(school, "prep_point", None)
        return point is not None and point.closed is None

    def save_model(self, request: HttpRequest, obj: School, form: forms.ModelForm, change: bool) -> None:
        actor = actor_of(request)
        fields: dict[str, Any] = {
            "county": obj.county,
            "name": obj.name,
            "kind": obj.kind,
            "urban_class": obj.urban_class,
            "is_rural_central": obj.is_rural_central,
            "parent": obj.parent,
            "opened": obj.opened,
        }
        if not change:
            adopt(obj, operations.create_school(**fields, actor=actor))
            return
        before, closed = School.objects.select_related("county").get(pk=obj.pk), obj.closed
        written = operations.change_school(school=before, **fields, actor=actor)
        if before.closed is not None and closed != before.closed:
            written = operations.reopen_school(school=written, actor=actor)
        if closed is not None and closed != before.closed:
            written = operations.close_school(school=written, on=closed, actor=actor)
        adopt(obj, written)

    @admin.action(description=_("设立备课点"))
    def open_prep_points(self, request: HttpRequest, queryset: QuerySet[School]) -> None:
        opened = 0
        for school in queryset:
            try:
                operations.open_prep_point(school=school, actor=actor_of(request))
                opened += 1
            except NotPossible as error:
                self.message_user(request, error.reason, level="WARNING")
        if opened:
            self.message_user(request, _("已设立 %d 个备课点。") % opened)


class PrepPointForm(forms.ModelForm):
    class Meta:
        model = PrepPoint
        fields = ["school", "opened", "closed"]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        school = data.get("school") if data else None
        reason = why_no_prep_point(school) if school else ""
        if reason:
            self.add_error("school", reason)
        return data


@admin.register(PrepPoint)
class PrepPointAdmin(UnitAdmin):
    form = PrepPointForm
    list_display = ["school", "county", "opened", "closed", "is_demo"]
    list_filter = [OpenOrClosed, ("school__county", admin.RelatedOnlyFieldListFilter), "is_demo"]
    list_select_related = ["school__county"]
    search_fields = ["school__name", "school__county__name"]
    ordering = ["school__county__path", "school__name"]
    autocomplete_fields = ["school"]

    def unit_of(self, row: PrepPoint) -> Unit:
        return row.school

    def get_fields(self, request: HttpRequest, obj: PrepPoint | None = None) -> Any:
        return ["school", "opened", "closed"] if obj else ["school", "opened"]

    def get_readonly_fields(self, request: HttpRequest, obj: PrepPoint | None = None) -> list[str]:
        return ["school", "opened"] if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_regions(request)

    def has_change_permission(self, request: HttpRequest, obj: PrepPoint | None = None) -> bool:
        return _may_redraw(request, obj.school) if obj else manages_regions(request)

    @admin.display(description=_("县（市、区）"), ordering="school__county__path")
    def county(self, point: PrepPoint) -> str:
        return point.school.county.name

    def save_model(self, request: HttpRequest, obj: PrepPoint, form: forms.ModelForm, change: bool) -> None:
        actor = actor_of(request)
        if not change:
            adopt(obj, operations.open_prep_point(school=obj.school, on=obj.opened, actor=actor))
            return
        before, closed = PrepPoint.objects.select_related("school__county").get(pk=obj.pk), obj.closed
        if closed is not None and before.closed is None:
            before = operations.close_prep_point(prep_point=before, on=closed, actor=actor)
        elif closed is None and before.closed is not None:
            before = operations.open_prep_point(school=before.school, actor=actor)
        adopt(obj, before)
