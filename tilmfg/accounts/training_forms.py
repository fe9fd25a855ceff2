"""Qualifications, and the statement that people acknowledge."""

from datetime import timedelta
from typing import Any

from django import forms

from tilmfg.records.days import facility_today
from tilmfg.records.forms import VerbForm

from .training import known_codes

A_YEAR = timedelta(days=365)


def codes_to_choose() -> list[tuple[str, str]]:
    return [("", "Choose …"), *((code, code) for code in known_codes())]


class QualificationForm(VerbForm):
    """What for, how long, and on what evidence."""

    code = forms.ChoiceField(label="Qualified for", choices=codes_to_choose)
    from_date = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_date = forms.DateField(
        label="Until", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label="Evidence",
        help_text="The training, its record, the examination.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = facility_today()
        self.fields["from_date"].initial = today
        self.fields["until_date"].initial = today + A_YEAR


class AcknowledgeForm(VerbForm):
    """Carries which version the person read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def values(self) -> dict[str, Any]:
        return {"version": self.cleaned_data["version"]}


class StatementForm(VerbForm):
    text = forms.CharField(label="Text of the new version", widget=forms.Textarea(attrs={"rows": 14}))
    reason = forms.CharField(
        label="What changes and why", max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
