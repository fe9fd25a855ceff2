"""What analysts type, scan and drop."""

from django import forms

from tilmfg.accounts.forms import SigningForm
from tilmfg.records.forms import MomentField, VerbForm

from . import selectors
from .attributes import ATTRIBUTES

SCAN = {"data-scan": "", "autocomplete": "off", "spellcheck": "false"}


class ScanField(forms.CharField):
    """One label, as a scanner or a person writes it."""

    def __init__(self, **kwargs):
        super().__init__(max_length=120, widget=forms.TextInput(attrs=SCAN), **kwargs)


class ReasonField(forms.CharField):
    def __init__(self, **kwargs):
        super().__init__(max_length=1000, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class ReceiveSampleForm(VerbForm):
    sample = ScanField(label="Scan the vial")

    def clean_sample(self):
        text = self.cleaned_data["sample"]
        sample = selectors.samples_named({text}).get(text)
        if sample is None:
            raise forms.ValidationError(f"No sample of this facility is called “{text}”.")
        return sample


class ResultForm(VerbForm):
    """One attribute as its method allows it: a text to choose, or a number with its unit."""

    performed_at = MomentField(label="Read at")
    late_entry_reason = ReasonField(
        required=False, label="If that is more than 15 minutes ago: why it is entered now"
    )

    def __init__(self, data=None, *, reported, standing):
        super().__init__(data)
        self.reported = reported
        if reported.texts:
            texts = [(text, self._with_days(text)) for text in reported.texts]
            self.fields["text"] = forms.ChoiceField(
                label=ATTRIBUTES[reported.attribute].name, choices=texts, widget=forms.RadioSelect
            )
        else:
            self._add_number()
        if standing:
            self.fields["reason"] = ReasonField(
                label=f"There is {standing.in_words}: why it is measured again"
            )
        self.order_fields(["text", "qualifier", "value"])

    def _with_days(self, text: str) -> str:
        days = self.reported.days.get(text)
        return f"{text}, from day {days} on" if days else text

    def _add_number(self):
        name = ATTRIBUTES[self.reported.attribute].name
        self.fields["value"] = forms.DecimalField(label=name, max_digits=18, decimal_places=6)
        if len(self.reported.qualifiers) > 1:
            signs = {"=": "= as measured", "<": "< below the range", ">": "> above the range"}
            self.fields["qualifier"] = forms.ChoiceField(
                label="Measured", choices=[(sign, signs[sign]) for sign in self.reported.qualifiers]
            )


class SecondReadingForm(VerbForm):
    def __init__(self, data=None, *, reported):
        super().__init__(data)
        texts = [(text, text) for text in reported.texts]
        self.fields["text"] = forms.ChoiceField(
            label="What you read", choices=texts, widget=forms.RadioSelect
        )


class MaskForm(VerbForm):
    """Which wells or rows, and why."""

    change = forms.ChoiceField(choices=[("mask", "mask"), ("unmask", "put back")], widget=forms.HiddenInput)
    positions = forms.CharField(
        label="Wells or rows",
        max_length=400,
        help_text="More than one with a blank between them: C3 C4, or 7 8.",
    )
    reason = ReasonField(label="Why")

    def __init__(self, *args, analytes=(), **kwargs):
        super().__init__(*args, **kwargs)
        if analytes:
            choices = [("", "every analyte"), *((name, name) for name in analytes)]
            self.fields["analyte"] = forms.ChoiceField(label="Of", required=False, choices=choices)
            self.order_fields(["change", "positions", "analyte", "reason"])

    def clean_positions(self):
        return set(self.cleaned_data["positions"].upper().replace(",", " ").split())


class SignForm(SigningForm):
    """A signature over what the page shows."""

    digest = forms.CharField(widget=forms.HiddenInput)
    reason = ReasonField(label="Reason")


class ReviewRunForm(SignForm):
    """An invalid run can only be rejected."""

    def __init__(self, *args, may_stand, **kwargs):
        super().__init__(*args, **kwargs)
        reviewed = ("review", "Reviewed: data and calculation are correct")
        rejected = ("reject", "Rejected: the run does not stand")
        self.fields["decision"] = forms.ChoiceField(
            label="Decision",
            widget=forms.RadioSelect,
            choices=[reviewed, rejected] if may_stand else [rejected],
        )
        self.order_fields(["decision", "reason", *self.secrets])


class ConcludePhaseForm(SigningForm):
    """What a phase of an investigation found; a cause with its evidence invalidates the result."""

    phase = forms.IntegerField(widget=forms.HiddenInput)
    findings = forms.CharField(
        label="What was looked at, and what was found",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    cause = forms.CharField(
        label="Assignable cause, if one was found",
        help_text="Only a cause that explains the result, with its evidence, invalidates it. Leave both empty else.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    evidence = forms.CharField(
        label="Evidence for it",
        help_text="Where it can be seen: instrument log, photograph, page of the log book.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(label="Reason for your signature", max_length=400)
