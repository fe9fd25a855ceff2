"""What QA says about who is of which treatment site."""

from django import forms

from tilmfg.accounts.models import User
from tilmfg.records.forms import VerbForm


class ReasonForm(VerbForm):
    reason = forms.CharField(label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class AdmitForm(ReasonForm):
    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose …")
    field_order = ("person", "reason")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    @property
    def values(self):
        return {"user": self.cleaned_data["person"], "reason": self.cleaned_data["reason"]}
