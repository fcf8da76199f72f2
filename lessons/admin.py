"""后台: forms of plans are made and changed here; plans are only looked up, not read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons import operations, standard_templates
from lessons.models import LessonPlan, PlanTemplate
from teaching_centres.admin.base import UnitAdmin, actor_of
from teaching_centres.models import Region, School
from teaching_centres.policies import Unit
from teaching_centres.roles import Verb


class PlanTemplateForm(forms.ModelForm):
    """The sections as lines of text: nobody has to write JSON."""

    sections = forms.CharField(
        label=_("部分"),
        widget=forms.Textarea(attrs={"rows": 14, "cols": 80}),
        help_text=_(
            "一行一个部分，按顺序。可以在“：”后面写提示，比如“作业设计：分三层写”。教学过程会带上环节表。"
        ),
    )
    retired = forms.BooleanField(
        label=_("停用"), required=False, help_text=_("停用后不能再选；用它写的教案不受影响。")
    )

    class Meta:
        model = PlanTemplate
        fields = ["name", "school", "region", "stage", "goal_style"]
        labels = {"school": _("学校"), "region": _("行政区")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = self.instance.body or standard_templates.form("")
        self.fields["sections"].initial = "\n".join(standard_templates.section_lines(body))
        self.fields["retired"].initial = self.instance.retired_at is not None

    def clean_sections(self) -> list[tuple[str, str]]:
        lines = standard_templates.read_section_lines(self.cleaned_data["sections"])
        titles = [title for title, _hint in lines]
        if not lines:
            raise forms.ValidationError(_("至少写一个部分。"))
        if len(set(titles)) < len(titles):
            raise forms.ValidationError(_("有两个部分同名，请改一个。"))
        return lines

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("school")) == bool(data.get("region")):
            raise forms.ValidationError(_("学校和行政区选一个：这份格式给谁用。"))
        return data


@admin.register(PlanTemplate)
class PlanTemplateAdmin(UnitAdmin):
    """Administrators make the forms of the units that they manage."""

    form = PlanTemplateForm
    list_display = ("name", "unit", "stage", "goal_style", "in_use")
    list_filter = ("goal_style", "stage")
    search_fields = ("name", "school__name", "region__name")
    autocomplete_fields = ("school", "region")

    @admin.display(description=_("单位"))
    def unit(self, template: PlanTemplate) -> str:
        return str(template.unit)

    @admin.display(description=_("在用"), boolean=True)
    def in_use(self, template: PlanTemplate) -> bool:
        return template.retired_at is None

    def unit_of(self, row: PlanTemplate) -> Unit:
        return row.unit

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanTemplate]:
        schools = School.objects.visible_to(actor_of(request), Verb.MANAGE)
        regions = Region.objects.visible_to(actor_of(request), Verb.MANAGE)
        rows = PlanTemplate.objects.filter(Q(school__in=schools) | Q(region__in=regions))
        return rows.select_related("school__county", "region").order_by("-pk")

    def save_model(self, request: HttpRequest, obj: PlanTemplate, form: Any, change: bool) -> None:
        obj.body = standard_templates.with_sections(
            obj.body or standard_templates.form(obj.goal_style), form.cleaned_data["sections"]
        )
        if form.cleaned_data["retired"] != (obj.retired_at is not None):
            obj.retired_at = timezone.now() if form.cleaned_data["retired"] else None
        operations.save_template(actor=actor_of(request), template=obj)


@admin.register(LessonPlan)
class LessonPlanAdmin(admin.ModelAdmin):
    """For the operator: which plans there are, not what is in them."""

    list_display = ("number", "owned_by", "school", "state", "reach", "created_at", "edited_at")
    list_filter = ("state", "reach", "is_demo")
    list_select_related = ("owner", "school")
    search_fields = ("id", "owner__username", "school__name")
    fields = (
        "number",
        "owned_by",
        "school",
        "region",
        "state",
        "reach",
        "created_at",
        "edited_at",
        "is_demo",
    )
    readonly_fields = fields

    @admin.display(description=_("编号"))
    def number(self, plan: LessonPlan) -> str:
        return str(plan.pk)

    @admin.display(description=_("主人"), ordering="owner")
    def owned_by(self, plan: LessonPlan) -> str:
        return str(plan.owner)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_superuser if request.user.is_active else False

    def has_view_permission(self, request: HttpRequest, obj: LessonPlan | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LessonPlan | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LessonPlan | None = None) -> bool:
        return False
