"""Parsing of what people send with Word files."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.office.docx.reading import MAX_BYTES, refuse_size
from foundation.office.message import Refused
from lessons.forms import BookForm
from lessons.models import PlanTemplate, WordImport
from lessons.word_in.operations import MAX_FILES


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several at once."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given or [None]]


class UploadForm(forms.Form):
    word_files = FilesField(
        label=_("Word 文件"),
        error_messages={
            "required": _("请选一个或几个 Word 文件。"),
            "empty": _("这个文件是空的。请重新选一个。"),
            "missing": _("没有收到文件。请重新选一个。"),
            "invalid": _("没有收到文件。请重新选一个。"),
        },
        widget=SeveralFiles(attrs={"accept": ".docx,.docm,.doc", "class": "input"}),
    )

    def clean_word_files(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["word_files"]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(gettext("一次最多 %d 个文件。请分几次选。") % MAX_FILES)
        for file in files:
            try:
                refuse_size(file.size or 0)
            except Refused as refused:
                raise forms.ValidationError(f"{file.name}：{refused.message.said(gettext)}") from refused
        if sum(file.size or 0 for file in files) > MAX_BYTES:
            raise forms.ValidationError(
                gettext("这些文件一共超过 %d MB。请分几次选。") % (MAX_BYTES // 1024**2)
            )
        return files


class PlansForm(BookForm):
    """The form, book and unit of all plans, and for each file whether and under which title."""

    template = forms.ModelChoiceField(
        PlanTemplate.objects.none(),
        label=_("教案格式"),
        error_messages={
            "required": _("选一种教案格式。"),
            "invalid_choice": _("这种格式现在不能用，请另选一种。"),
        },
    )

    def __init__(
        self, *args: Any, templates: list[PlanTemplate], imports: list[WordImport], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PlanTemplate.objects.filter(pk__in=[template.pk for template in templates])
        self._imports = imports
        for each in imports:
            self.fields[f"wanted-{each.pk}"] = forms.BooleanField(required=False)
            self.fields[f"title-{each.pk}"] = forms.CharField(required=False, max_length=120)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not any(cleaned.get(f"wanted-{each.pk}") for each in self._imports):
            self.add_error(None, gettext("勾上要建成教案的文件。"))
        for each in self._imports:
            name = f"title-{each.pk}"
            cleaned[name] = " ".join((cleaned.get(name) or "").split())
            if cleaned.get(f"wanted-{each.pk}") and not cleaned[name] and name not in self.errors:
                self.add_error(name, gettext("写上课题，比如“美丽的小兴安岭”。"))
        return cleaned

    def titles(self) -> dict[WordImport, str]:
        """Of the files of which a plan is wanted."""
        cleaned = self.cleaned_data
        return {
            each: cleaned[f"title-{each.pk}"] for each in self._imports if cleaned.get(f"wanted-{each.pk}")
        }
