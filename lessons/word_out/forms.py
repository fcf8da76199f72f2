from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.office.docx.filling.safety import MAX_BYTES
from lessons import policies
from lessons.word_out.templates import managed_units, unit_key
from teaching_centres.policies import Unit

MINE = "mine"


class TemplateForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=64)
    scope = forms.ChoiceField(label=_("给谁用"))
    file = forms.FileField(
        label=_("Word 文件（.docx）"), error_messages={"empty": _("这个文件是空的。请重新选一个。")}
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units: dict[str, Unit] = {unit_key(unit): unit for unit in managed_units(user)}
        own = [(MINE, _("我自己"))] if policies.may_create(user) else []
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        scope.choices = [*own, *((key, str(unit)) for key, unit in self._units.items())]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        self.fields["file"].widget.attrs["accept"] = ".docx"
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    @property
    def unit(self) -> Unit | None:
        return self._units.get(self.cleaned_data["scope"])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("模板最大 %(limit)d MB。请压缩或删去图片，存好再传。") % {"limit": MAX_BYTES // 1024**2}
            )
        return file
