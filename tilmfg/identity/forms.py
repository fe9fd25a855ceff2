"""What is typed and scanned about orders, labels and tumors."""

from django import forms

from tilmfg.accounts.forms import SigningForm, TogetherForm
from tilmfg.facility.models import Site
from tilmfg.records.forms import MomentField, VerbForm

from . import rules
from .isbt128 import UnableToReadIdentifier
from .models import TherapyOrder
from .states import OrderState

A_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
A_FEW_LINES = forms.Textarea(attrs={"rows": 2})
NOT_FILLED_IN_BY_THE_BROWSER = {"autocomplete": "off", "spellcheck": "false"}


class OrderSearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=80, label="Lot number, chain-of-identity id or pseudonym")
    state = forms.ChoiceField(required=False, label="State", choices=[("", "Any state"), *OrderState.choices])

    @property
    def wanted(self) -> dict[str, str]:
        values = self.cleaned_data if self.is_valid() else {}
        return {"text": values.get("q", ""), "state": values.get("state", "")}


class PlaceOrderForm(VerbForm):
    pseudonym = forms.CharField(
        max_length=24,
        label="Pseudonym",
        help_text="New, or known for a further order of the same patient. Such as PT-0042.",
        widget=forms.TextInput(attrs=NOT_FILLED_IN_BY_THE_BROWSER),
    )
    site = forms.ModelChoiceField(Site.objects.order_by("code"), label="Treatment site")
    name = forms.CharField(
        max_length=120, label="Name", widget=forms.TextInput(attrs=NOT_FILLED_IN_BY_THE_BROWSER)
    )
    birth_date = forms.DateField(label="Birth date", widget=A_DAY)
    hospital_number = forms.CharField(
        max_length=40,
        label="Hospital number",
        help_text="As it stands on the wristband.",
        widget=forms.TextInput(attrs=NOT_FILLED_IN_BY_THE_BROWSER),
    )
    indication = forms.ChoiceField(
        label="Indication", choices=TherapyOrder.Indication.choices, widget=forms.RadioSelect
    )
    procurement = forms.ChoiceField(
        label="Procurement", choices=TherapyOrder.Procurement.choices, widget=forms.RadioSelect
    )
    needed_by_date = forms.DateField(
        required=False,
        label="Needed by",
        help_text="The day on which the treatment needs the product, if it is known.",
        widget=A_DAY,
    )


class ReceiveTumorForm(TogetherForm):
    read = forms.CharField(max_length=120, label="Scan the label of the bottle")
    temperature_c = forms.DecimalField(max_digits=5, decimal_places=1, label="Temperature on arrival")
    temperature_reason = forms.CharField(
        required=False,
        max_length=1000,
        label="Why is it accepted outside the limits?",
        widget=A_FEW_LINES,
    )
    condition = forms.CharField(
        max_length=1000, label="Condition", help_text="Bottle, seal, medium, tissue.", widget=A_FEW_LINES
    )
    courier = forms.CharField(max_length=120, label="Handed over by", help_text="Courier and person.")
    received_at = MomentField(label="Received")
    late_entry_reason = forms.CharField(
        required=False,
        max_length=1000,
        label="Why is it entered late?",
        help_text="Only if it was received more than 15 minutes ago.",
    )

    def reads_another_than(self, expected: str) -> bool:
        """Whether a label was read that is not the expected one, however the rest of the form stands."""
        try:
            return not rules.compare(expected, self["read"].data or "")
        except UnableToReadIdentifier:
            return False


class ResumeForm(SigningForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    grounds = forms.CharField(
        label="What was found out, and why the identity is certain",
        help_text="Who held what, which identifiers were compared, and by whom.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.CharField(label="Reason for your signature", max_length=400)


class PrintLabelForm(VerbForm):
    reason = forms.CharField(
        max_length=400, label="Why is it printed again?", help_text="The first print needs no reason."
    )

    def __init__(self, *arguments, first: bool, **options):
        super().__init__(*arguments, **options)
        if first:
            del self.fields["reason"]
