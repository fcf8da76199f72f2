from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.catalogue.models import Subject, Textbook, Unit


@admin.register(Subject)
class SubjectAdmin(admin.ModelAdmin):
    list_display = ["name", "position"]
    list_editable = ["position"]


class UnitInline(admin.TabularInline):
    model = Unit
    extra = 0


@admin.register(Textbook)
class TextbookAdmin(admin.ModelAdmin):
    list_display = ["subject", "edition", "book", "stage"]
    list_display_links = ["book"]
    list_filter = ["stage", "subject", "edition", "grade"]
    list_select_related = ["subject"]
    search_fields = ["subject__name", "edition"]
    inlines = [UnitInline]

    @admin.display(description=_("年级和册次"))
    def book(self, textbook: Textbook) -> str:
        return textbook.book
