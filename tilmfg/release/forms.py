"""What a person types to sign."""

from django import forms

from tilmfg.accounts.forms import SigningForm
from tilmfg.records.canonical import digest
from tilmfg.records.forms import VerbForm

from .models import Disposition


class DossierForm(SigningForm):
    """Carries which record the person saw; what was seen is renewed when the page shows a newer one."""

    seen_digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data=None, *, dossier, proof):
        initial = {"seen_digest": dossier.digest, "seen_version": dossier.record_version}
        super().__init__(data, initial=initial, proof=proof)

    @property
    def values(self):
        return {name: value for name, value in super().values.items() if name != "seen_version"}

    @property
    def version_seen(self):
        return self.cleaned_data["seen_version"]


class ReviewForm(DossierForm):
    decision = forms.ChoiceField(
        label="I propose to", choices=Disposition.Decision.choices, widget=forms.RadioSelect
    )
    field_order = ("decision", "reason", "password")


class DispositionForm(DossierForm):
    pass


class TrailForm(SigningForm):
    """Carries up to where the person saw the trail."""

    seen_digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen_sequence = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(label="What you found", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data=None, *, trail, proof):
        initial = {"seen_digest": digest(trail.content), "seen_sequence": trail.last_sequence}
        super().__init__(data, initial=initial, proof=proof)

    @property
    def version_seen(self):
        return self.cleaned_data["seen_sequence"]


class ReturnForm(VerbForm):
    return_reason = forms.CharField(
        label="Why the review is returned", widget=forms.Textarea(attrs={"rows": 2})
    )
