"""What QA says about who is of which treatment site."""

from django import forms

from tilmfg.accounts.models import User
from tilmfg.records.forms import VerbForm


class AdmitForm(VerbForm):
    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose …")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    @property
    def values(self):
        return {"user": self.cleaned_data["person"]}


class DismissForm(VerbForm):
    reason = forms.CharField(label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
