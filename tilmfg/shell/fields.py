"""One form field as the page shows it: label, input, unit, limits, help and errors tied together."""

from django import forms
from django.utils.functional import cached_property

from .drawings.limits import limit_bar

CLASS_OF_WIDGET = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, ""),  # Django puts the class on the list, too
    (forms.Select, "form-select"),
)


class Slot:
    def __init__(self, field, *, unit="", low=None, high=None, scan=False, autofocus=False, asked=False):
        self.field, self.unit, self.scan, self.autofocus = field, unit, scan, autofocus
        self.asked = asked
        self.bar = limit_bar(low, high, unit)

    @property
    def id(self) -> str:
        return self.field.id_for_label or self.field.auto_id

    @property
    def optional(self) -> bool:
        return not (self.asked or self.field.field.required)

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.field.widget, forms.CheckboxInput)

    @property
    def is_choice_list(self) -> bool:
        return self.field.use_fieldset

    @property
    def needs_text(self) -> bool:
        """Whether a reason already asked for must stay in sight."""
        return bool(self.field.errors or self.field.value())

    @cached_property
    def described_by(self) -> str:
        parts = {
            "unit": self.unit,
            "limits": self.bar,
            "help": self.field.help_text,
            "errors": self.field.errors,
        }
        return " ".join(f"{self.id}_{part}" for part, there in parts.items() if there)

    def input(self):
        # Numbers are typed into a text box: a number box loses what it does not understand
        # and changes its value under a scrolling finger.
        widget = self.field.field.widget
        if isinstance(widget, forms.NumberInput):
            widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        return self.field.as_widget(widget, attrs=self._attributes(widget))

    def _attributes(self, widget) -> dict:
        css = next((name for kind, name in CLASS_OF_WIDGET if isinstance(widget, kind)), "form-control")
        attrs: dict = {"class": " ".join(filter(None, [widget.attrs.get("class"), css]))}
        if self.described_by:
            attrs["aria-describedby"] = self.described_by
        if self.scan:
            attrs |= {"data-scan": True, "autocomplete": "off", "spellcheck": "false"}
        if self.autofocus:
            attrs["autofocus"] = True
        return attrs
