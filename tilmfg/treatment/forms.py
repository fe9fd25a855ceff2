"""What the treatment site types and scans."""

from django import forms

from tilmfg.accounts.forms import TogetherForm
from tilmfg.identity import rules
from tilmfg.records.forms import MomentField, VerbForm

SCAN = {"data-scan": "", "autocomplete": "off", "spellcheck": "false"}


class ScanField(forms.CharField):
    """One label, as a scanner or a person writes it."""

    def __init__(self, **kwargs):
        super().__init__(max_length=120, widget=forms.TextInput(attrs=SCAN), **kwargs)


class LateEntryField(forms.CharField):
    """Asked for when more than 15 minutes have passed."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            max_length=1000,
            label="Why is it entered late?",
            help_text="Only if it was done more than 15 minutes ago.",
            **kwargs,
        )


class ReceiveForm(VerbForm):
    read = ScanField(label="Scan the bag’s cassette")
    courier = forms.CharField(max_length=120, label="Handed over by (courier and person)")
    temperature_c = forms.DecimalField(
        max_digits=5,
        decimal_places=1,
        label="Warmest temperature on the logger",
        help_text="−150 °C or colder.",
    )
    condition = forms.CharField(max_length=400, label="Condition of shipper, seal and cassette")
    received_at = MomentField(label="Received at")
    reason = forms.CharField(
        required=False,
        label="If warmer than −150 °C: what happened",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    late_entry_reason = LateEntryField()

    def reads_another_order_than(self, expected: str) -> bool:
        """Whether a label of another order was read, however the rest of the form stands."""
        return rules.names_another_order(expected, self["read"].data or "")


class BedsideForm(TogetherForm):
    wristband = forms.CharField(
        max_length=80, label="1. Scan the patient’s wristband", widget=forms.TextInput(attrs=SCAN)
    )
    cassette_read = ScanField(label="2. Scan the cassette")
    bag_read = ScanField(label="3. Scan the bag")

    @property
    def read(self) -> dict[str, str]:
        """What was scanned, however the rest of the form stands."""
        return {name: self[name].data or "" for name in ("wristband", "cassette_read", "bag_read")}


class InfuseForm(VerbForm):
    started_at = MomentField(label="Infusion started")
    ended_at = MomentField(label="Infusion ended")
    late_entry_reason = LateEntryField()
    notes = forms.CharField(
        required=False, max_length=1000, label="Remarks", widget=forms.Textarea(attrs={"rows": 3})
    )
