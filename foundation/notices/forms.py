from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.notices.kinds import Channel, kinds
from foundation.notices.queries import Settings

WITHOUT_MAIL = (Channel.BELL, Channel.OFF)
WITH_MAIL = (Channel.BELL, Channel.DIGEST, Channel.MAIL, Channel.OFF)


class PreferencesForm(forms.Form):
    """One choice for each kind; ways by mail only where mail can reach this person."""

    digest_hour = forms.TypedChoiceField(
        label=_("每天一封信，几点发"), coerce=int, choices=[(hour, f"{hour}:00") for hour in range(24)]
    )
    letters = forms.BooleanField(label=_("给我发信"), required=False)

    def __init__(self, *args: Any, by_mail: bool, known: Settings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_mail, self.known = by_mail, known
        ways = WITH_MAIL if by_mail else WITHOUT_MAIL
        for kind in kinds():
            self.fields[f"kind-{kind.name}"] = forms.ChoiceField(
                label=str(kind.label), choices=[(way.value, way.label) for way in ways]
            )
        if not by_mail:
            del self.fields["digest_hour"], self.fields["letters"]

    @property
    def kind_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("kind-")]

    @property
    def mail(self) -> dict[str, Any]:
        """What is not on the page stays as it is."""
        if not self.by_mail:
            return {"digest_hour": self.known.digest_hour, "stopped": self.known.stopped}
        return {"digest_hour": self.cleaned_data["digest_hour"], "stopped": not self.cleaned_data["letters"]}

    @property
    def channels(self) -> dict[str, Channel]:
        return {
            name.removeprefix("kind-"): Channel(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("kind-")
        }
