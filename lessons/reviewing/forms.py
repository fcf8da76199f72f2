"""Parsing of what people send."""

from typing import Any

from django import forms
from django.http import QueryDict

from lessons.reviewing.queries import STATES, Filters

OPINION_LENGTH = 2000


def filters_from(query: QueryDict) -> Filters:
    state = query.get("state", "")
    return Filters(
        text=query.get("q", "").strip()[:40],
        term=query.get("term", "")[:6],
        subject_id=_number(query.get("subject", "")),
        grade=_number(query.get("grade", "")),
        school_id=_number(query.get("school", "")),
        state=state if state in STATES else STATES[0],
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class ReviewForm(forms.Form):
    level = forms.CharField(max_length=16, required=False)
    opinion = forms.CharField(max_length=OPINION_LENGTH, required=False)
    revision = forms.IntegerField(min_value=0, max_value=10**6, required=False)

    def clean_revision(self) -> int:
        return self.cleaned_data["revision"] or 0


class ReplyForm(forms.Form):
    text = forms.CharField(max_length=OPINION_LENGTH)
    revision = forms.IntegerField(min_value=1, max_value=10**6)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300)


class DecisionForm(ReasonForm):
    answer = forms.ChoiceField(choices=[("accepted", ""), ("declined", "")])


class NoteForm(forms.Form):
    text = forms.CharField(max_length=1000, required=False)


class PhraseForm(forms.Form):
    opinion = forms.CharField(max_length=OPINION_LENGTH, required=False)


class LevelsForm(forms.Form):
    levels = forms.CharField(max_length=400, required=False)

    def clean_levels(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["levels"].splitlines() if line.strip()]


def first_error(form: forms.Form) -> str:
    errors: Any = form.errors
    return next(str(each) for listed in errors.values() for each in listed)
