"""The forms of the floor.

Fields are named as the verbs name them in their refusals: a reading by its parameter, why it is accepted outside its
limits `reason_…`, slots `material_…` and `equipment_…`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.forms import BoundField

from tilmfg.accounts.forms import TogetherForm
from tilmfg.records.forms import MomentField, VerbForm

from .containers import Bench
from .models import Reading
from .rules import Limits, Parameter, Produced, Step, instances, wanted_entries
from .selectors import approved_definitions

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


class NumberField(forms.Field):
    """A decimal exactly as it was typed: 7.5 or 7.5e6."""

    widget = forms.NumberInput

    def to_python(self, value):
        text = (value or "").strip()
        if text and not NUMBER.fullmatch(text):
            raise forms.ValidationError(f"“{text}” is no number; write it like 7.5 or 7.5e6.")
        return Decimal(text) if text else None


def value_field(parameter: Parameter, *, label: str) -> forms.Field:
    missing = {"required": f"{label} is missing."}
    if parameter.decimals is None:
        return forms.CharField(label=label, max_length=200, help_text=parameter.help, error_messages=missing)
    return NumberField(label=label, help_text=parameter.help, error_messages=missing)


def reason_field(label="Reason") -> forms.Field:
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": 2}))


def scan_field(label: str) -> forms.Field:
    return forms.CharField(
        label=label,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "Scan"}),
        error_messages={"required": f"{label} is not scanned."},
    )


def taken(values: dict, prefix: str) -> dict:
    """The entries behind a prefix, without it: material_il2 → il2."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


class StartForm(VerbForm):
    definition = forms.TypedChoiceField(label="Process", coerce=int)
    started_at = MomentField(label="Day 0 begins at")
    late_entry_reason = reason_field("Why it is entered late")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.definitions = {definition.pk: definition for definition in approved_definitions()}
        self.fields["definition"].choices = [(pk, str(item)) for pk, item in self.definitions.items()]  # type: ignore[attr-defined]

    @property
    def values(self):
        return super().values | {"definition": self.definitions[self.cleaned_data["definition"]]}


def count_field(produced: Produced) -> forms.Field:
    least = 0 if produced.only_if else produced.least
    return forms.IntegerField(
        label=produced.label,
        min_value=least,
        max_value=produced.most,
        initial=least if least == produced.most or produced.only_if else None,
        help_text=f"How many: {least} to {produced.most}" if least < produced.most else "",
    )


class LabelForm(VerbForm):
    """How many of each container the step fills; the vials of its samples are labelled with them."""

    def __init__(self, *args, bench: Bench, **kwargs):
        super().__init__(*args, **kwargs)
        for produced in bench.step.produces:
            if not bench.labelled[produced.prefix]:
                self.fields[produced.prefix] = count_field(produced)


class DiscardForm(VerbForm):
    reason = forms.CharField(label="Why the labels are destroyed")


class ScanForm(VerbForm):
    read = forms.CharField(
        label="Scan the next container",
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "Scan", "autocomplete": "off"}),
    )


@dataclass(frozen=True, kw_only=True)
class Input:
    """One value on the page: its field, its unit, its limits and the field that asks why it lies outside."""

    field: BoundField
    unit: str
    limits: Limits
    reason: BoundField | None


class StepForm(VerbForm):
    """Everything that is typed or scanned when a step is recorded."""

    performed_at = MomentField()
    window_reason = reason_field("Why it was performed outside its window")
    late_entry_reason = reason_field("Why it is entered late")

    def __init__(self, *args, step: Step, bench: Bench, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["performed_at"].label = step.performed_at_label
        for material in step.materials:
            self.fields[f"material_{material.code}"] = scan_field(material.label)
        for equipment in step.equipment:
            self.fields[f"equipment_{equipment.code}"] = scan_field(equipment.label)
        self.entries = wanted_entries(step, bench.codes())
        for entry in self.entries:
            self.fields[entry.code] = value_field(entry.parameter, label=entry.label)
            if entry.parameter.limits:
                self.fields[f"reason_{entry.code}"] = reason_field(f"Why {entry.label} is outside its limits")
        self.computed = [
            each for item in step.computed if item.limits for each in instances(item, bench.codes())
        ]
        for code, label in self.computed:
            self.fields[f"reason_{code}"] = reason_field(f"Why {label} is outside its limits")

    @property
    def values(self):
        given = super().values
        return {
            "performed_at": given["performed_at"],
            "window_reason": given["window_reason"],
            "late_entry_reason": given["late_entry_reason"],
            "readings": {entry.code: given[entry.code] for entry in self.entries},
            "materials": taken(given, "material_"),
            "equipment": taken(given, "equipment_"),
            "reasons": taken(given, "reason_"),
        }

    def inputs(self) -> list[Input]:
        return [
            Input(
                field=self[entry.code],
                unit=entry.parameter.unit,
                limits=entry.parameter.limits,
                reason=self[f"reason_{entry.code}"] if entry.parameter.limits else None,
            )
            for entry in self.entries
        ]

    def slots(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(("material_", "equipment_"))]

    def asked(self) -> list[BoundField]:
        """Reasons that the page cannot foresee: they are asked for once the verb has refused without them."""
        names = ("window_reason", *(f"reason_{code}" for code, _ in self.computed))
        return [self[name] for name in names if self[name].errors or self[name].value()]

    @property
    def late_entry_is_asked(self) -> bool:
        """The page shows it by itself as soon as the time that is typed is late."""
        return bool(self["late_entry_reason"].errors or self["late_entry_reason"].value())


class VerifyForm(TogetherForm):
    """The second person, and the critical values as they read them."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, critical: list[tuple[str, Parameter, Reading]], seen: int, **kwargs):
        super().__init__(*args, initial={"seen": seen}, **kwargs)
        self.critical = critical
        for label, parameter, reading in critical:
            self.fields[reading.parameter] = value_field(parameter, label=label)

    @property
    def values(self):
        given = super().values
        return {
            "second": given["second"],
            "seen": given["seen"],
            "reentered": {reading.parameter: given[reading.parameter] for *_, reading in self.critical},
        }

    def inputs(self) -> list[Input]:
        return [
            Input(field=self[reading.parameter], unit=parameter.unit, limits=Limits(), reason=None)
            for _, parameter, reading in self.critical
        ]


class CorrectForm(TogetherForm):
    """The right value and why; on a verified step a second person confirms, a critical value on a page of its own."""

    reason = forms.CharField(label="Why it is corrected", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, parameter: Parameter, confirmed_here: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(parameter, label="Right value")
        self.order_fields(["value", "reason", *self.secrets])
        if not confirmed_here:
            for name in self.secrets:
                del self.fields[name]


class ConfirmForm(TogetherForm):
    """The second person, and the right value as they read it."""

    def __init__(self, *args, parameter: Parameter, label: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reentered"] = value_field(parameter, label=label)
        self.order_fields(["reentered", *self.secrets])
