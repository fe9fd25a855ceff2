"""A declared setting as a form field, and what was typed as it stands in a method's content."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django import forms

from .attributes import ATTRIBUTES
from .rules.calculations import Kind, Setting

BLANK_ROWS = 2


class ExactField(forms.DecimalField):
    """A number, kept as it was written."""

    def clean(self, value):
        super().clean(value)
        return str(value or "").strip()


class LinesField(forms.CharField):
    """One text per line."""

    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(widget=widget, max_length=2000, help_text="One per line.", **kwargs)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value):
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class DaysField(LinesField):
    """Texts with a number of days, one per line: “No growth: 14”."""

    def prepare_value(self, value):
        return super().prepare_value(
            [f"{text}: {days}" for text, days in value.items()] if isinstance(value, dict) else value
        )

    def clean(self, value):
        days = {}
        for line in super().clean(value):
            text, _, number = line.rpartition(":")
            if not (text.strip() and number.strip().isascii() and number.strip().isdecimal()):
                raise forms.ValidationError(f"“{line}” is no text with its days; “No growth: 14” is.")
            days[text.strip()] = int(number)
        return days


def fields_for(item: Setting, prefix: str, content: Mapping[str, Any]) -> Iterator[tuple[str, forms.Field]]:
    """The inputs of one setting with what stands in a content; rows of settings have two more to fill in."""
    name = f"{prefix}{item.name}"
    said = content.get(item.name, item.initial)
    if item.kind is Kind.ROWS:
        rows = said or []
        for number in range(len(rows) + BLANK_ROWS):
            row = rows[number] if number < len(rows) else {}
            for inner in item.rows:
                # a row that says nothing is none
                loose = replace(
                    inner, is_required=False, is_optional=True, initial=inner.initial if row else None
                )
                for inner_name, field in fields_for(loose, f"{name}_{number}_", row):
                    field.row = f"{item.label} {number + 1}"  # type: ignore[attr-defined]
                    yield inner_name, field
    else:
        field = _field(item)
        field.initial = said
        field.unit = item.unit  # type: ignore[attr-defined]
        yield name, field


def content_of(item: Setting, prefix: str, cleaned: Mapping[str, Any]) -> Any:
    """What was typed; None where nothing was."""
    name = f"{prefix}{item.name}"
    if item.kind is not Kind.ROWS:
        value = cleaned.get(name)
        return None if value in ("", []) else value
    rows = []
    number = 0
    while any(key.startswith(f"{name}_{number}_") for key in cleaned):
        row = contents_of(item.rows, f"{name}_{number}_", cleaned)
        if any(value not in (None, False) for value in row.values()):
            rows.append(row)
        number += 1
    return rows or None


def contents_of(items: tuple[Setting, ...], prefix: str, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a method's content holds of these settings; what was left open is left out, if it has no default."""
    said = {item.name: content_of(item, prefix, cleaned) for item in items}
    closed = {item.name for item in items if item.is_optional and item.initial is not None}
    return {name: value for name, value in said.items() if value is not None or name in closed}


def _field(item: Setting) -> forms.Field:
    is_needed = item.is_required or not (item.is_optional or item.initial in (None, "", []))
    given: dict[str, Any] = {"label": item.label, "required": is_needed, "help_text": item.help}
    match item.kind:
        case Kind.NUMBER:
            return ExactField(min_value=item.minimum, max_value=item.maximum, **given)
        case Kind.WHOLE:
            low, high = (bound if bound is None else int(bound) for bound in (item.minimum, item.maximum))
            return forms.IntegerField(min_value=low, max_value=high, **given)
        case Kind.YES_NO:
            return forms.BooleanField(**given | {"required": False})
        case Kind.CHOICE:
            choices = [(choice, choice) for choice in item.choices]
            return forms.ChoiceField(
                choices=[("", "open"), *choices] if item.is_optional else choices, **given
            )
        case Kind.ATTRIBUTE:
            names = [(code, one.name) for code, one in ATTRIBUTES.items()]
            return forms.ChoiceField(choices=[("", "choose …"), *names], **given)
        case Kind.NAMES:
            return LinesField(**{name: value for name, value in given.items() if name != "help_text"})
        case _:
            return forms.CharField(max_length=200, **given)
