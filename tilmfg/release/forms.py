"""What a person types to sign."""

from django import forms

from tilmfg.accounts.forms import SigningForm
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
        self.dossier = dossier

    @property
    def values(self):
        return {name: value for name, value in super().values.items() if name != "seen_version"}

    def show_anew(self):
        """The next attempt is about the record as the page shows it now."""
        self.data = self.data.copy()
        self.data["seen_digest"], self.data["seen_version"] = self.dossier.digest, self.dossier.record_version


class ReviewForm(DossierForm):
    decision = forms.ChoiceField(
        label="I propose to", choices=Disposition.Decision.choices, widget=forms.RadioSelect
    )
    field_order = ("decision", "reason", "password")


class DispositionForm(DossierForm):
    pass


class ReturnForm(VerbForm):
    return_reason = forms.CharField(
        label="Why the review is returned", widget=forms.Textarea(attrs={"rows": 2})
    )
