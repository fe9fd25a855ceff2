"""What is typed about controls."""

from django import forms

from tilmfg.accounts.training import lack_of
from tilmfg.records.forms import MomentField, VerbForm

from .forms import ReasonField, ScanField
from .models import Method
from .selectors.methods import latest_approved


class ControlLotForm(VerbForm):
    name = ScanField(label="Control", help_text="As the files of the method call it: CTL1.")
    trial_name = ScanField(
        label="Until it is in use, it is called",
        required=False,
        help_text="Beside a lot in use, which keeps the name. Empty: the same name.",
    )
    lot_number = ScanField(label="Lot number")
    unit = forms.CharField(
        label="Unit", max_length=24, required=False, help_text="As the method says: pg/mL, %."
    )
    expiry_date = forms.DateField(label="Expires", widget=forms.DateInput(attrs={"type": "date"}))
    opened_at = MomentField(label="Opened")

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        codes = Method.objects.filter(approval__isnull=False).exclude(kind=Method.Kind.FORM)
        names = dict(codes.order_by("code", "version").values_list("code", "name"))
        self.fields["method_code"] = forms.ChoiceField(
            label="Method", choices=[(code, f"{name} ({code})") for code, name in names.items()]
        )
        self.order_fields(["method_code"])

    def clean_method_code(self):
        method = latest_approved(self.cleaned_data["method_code"])
        if method and (lack := lack_of(self.by, *method.qualifications)):
            raise forms.ValidationError(lack)
        return self.cleaned_data["method_code"]


class ControlReasonForm(VerbForm):
    reason = ReasonField(label="Reason")
