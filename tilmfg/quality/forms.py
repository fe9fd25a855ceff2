"""What QA types to find and to close deviations."""

from django import forms

from tilmfg.accounts.forms import SigningForm

from .models import Deviation


class DeviationSearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=80, label="Number or words of the title")
    state = forms.ChoiceField(
        required=False, label="State", choices=[("open", "Open"), ("closed", "Closed"), ("all", "All")]
    )

    @property
    def wanted(self) -> dict[str, str]:
        """What to look for; the open ones unless something else is asked for."""
        values = self.cleaned_data if self.is_valid() else {}
        return {"text": values.get("q", ""), "state": values.get("state") or "open"}


class CloseDeviationForm(SigningForm):
    classification = forms.ChoiceField(
        label="Classification", choices=Deviation.Classification.choices, widget=forms.RadioSelect
    )
    impact = forms.CharField(
        label="Impact on the product and the patient",
        help_text="What was investigated, what it means for this lot, and why.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.CharField(label="Reason for your signature", max_length=400)
