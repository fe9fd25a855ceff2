"""What authors of methods type. The form of a draft is drawn from what its calculation declares."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from assays.readers.positions import PLATES
from tilmfg.records.forms import VerbForm

from .attributes import ATTRIBUTES, name_of
from .catalogue import CATALOGUE
from .forms import ReasonField
from .models import Method
from .readers import READABLE
from .rules.calculations import settings_of
from .rules.layout_tables import as_list, read_table
from .rules.layouts import Layout, UnableToLayOut, WellProblem
from .rules.method_words import STAGES
from .rules.methods import MOST_REPLICATES, RetestPlan, UnableToReadMethod, in_words_of_today, read_method
from .rules.reported import LARGEST_DECIMALS, LARGEST_DIGITS, QUALIFIERS
from .setting_fields import DaysField, ExactField, LinesField, contents_of, fields_for

RETEST = settings_of(RetestPlan)


class NewMethodForm(VerbForm):
    """A draft of a shipped template, under a code of its own if one is given."""

    template = forms.ChoiceField(
        label="Template", choices=[(entry["code"], entry["name"]) for entry in CATALOGUE]
    )
    code = forms.CharField(
        label="Code",
        required=False,
        max_length=40,
        help_text="Lower-case letters, digits, dashes. Open: the template's; if it is in use, the next version.",
    )
    name = forms.CharField(label="Name", required=False, max_length=120, help_text="Open: the template's.")

    @property
    def values(self):
        typed = super().values
        entry = next(entry for entry in CATALOGUE if entry["code"] == typed["template"])
        return entry | {part: typed[part] for part in ("code", "name") if typed[part]}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Inputs that belong together, each with its unit, and rows of them. What was refused is not folded away."""

    title: str
    inputs: list[tuple[forms.BoundField, str]]
    rows: list["Part"] = dataclasses.field(default_factory=list)
    is_folded: bool = False
    is_open: bool = False


class DiscardForm(VerbForm):
    reason = ReasonField(label="Why it is given up")


class MethodForm(VerbForm):
    """Everything a draft says but its layout, which has an editor of its own."""

    seen = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=120)

    def __init__(self, data=None, *, method: Method, seen: str):
        super().__init__(data, initial={"seen": seen, "name": method.name})
        self.method = method
        self.content = dict(in_words_of_today(method.kind, method.content))
        self.calculation = method.rules.calculation
        self.declared = settings_of(self.calculation.settings) if self.calculation else ()
        self.groups: list[tuple[str, list[str], bool]] = [("Method", ["name"], False)]
        if method.kind != Method.Kind.FORM:
            self._group("What it reads", self._reading())
        if self.calculation and self.declared:
            settings = self.content.get("settings", {})
            inputs = [pair for item in self.declared for pair in fields_for(item, "settings_", settings)]
            self._group(f"Validity and calculation: {self.calculation.name}", dict(inputs))
        several = len(self.content["results"]) > 1
        for number, result in enumerate([*self.content["results"], {}]):
            title = f"Result: {name_of(result['attribute'])}" if result else "One more result"
            self._group(title, _result_fields(number, result), is_folded=several or not result)
        self._group("Replicates, retests, reagents, people", self._plan())

    def _group(self, title: str, fields: dict[str, forms.Field], *, is_folded: bool = False) -> None:
        self.fields.update(fields)
        self.groups.append((title, list(fields), is_folded))

    @property
    def sections(self) -> list["Part"]:
        """The inputs as they belong together; a row of a setting, and each of several results, is folded."""
        return [self._part(title, names, is_folded=is_folded) for title, names, is_folded in self.groups]

    def _part(self, title: str, names: Sequence[str], *, is_folded: bool = False) -> "Part":
        rows: dict[str, list[str]] = {}
        for name in names:
            rows.setdefault(getattr(self.fields[name], "row", ""), []).append(name)
        return Part(
            title=title,
            inputs=[(self[name], getattr(self.fields[name], "unit", "")) for name in rows.pop("", [])],
            rows=[
                Part(
                    title=f"{row}: {self[own[0]].value() or 'none yet'}",
                    inputs=[(self[name], getattr(self.fields[name], "unit", "")) for name in own],
                    is_open=any(self[name].errors for name in own),
                )
                for row, own in rows.items()
            ],
            is_folded=is_folded,
            is_open=any(self[name].errors for name in names),
        )

    def _reading(self) -> dict[str, forms.Field]:
        said = self.content
        fields: dict[str, forms.Field] = {
            "formats": forms.MultipleChoiceField(
                label="File formats",
                choices=[(known, known) for known in READABLE],
                widget=forms.CheckboxSelectMultiple,
                initial=said["formats"],
            )
        }
        if self.method.kind == Method.Kind.PLATE:
            fields["signal"] = forms.CharField(
                label="Reading taken as signal",
                max_length=40,
                initial=said["reads"]["signal"],
                help_text="A wavelength in nm, or the label of the reading in the file.",
            )
            fields["reference"] = forms.CharField(
                label="Reading subtracted", max_length=40, required=False, initial=said["reads"]["reference"]
            )
        return fields

    def _plan(self) -> dict[str, forms.Field]:
        said = self.content
        retest = said.get("retest", {})
        fields: dict[str, forms.Field] = {
            "replicates": forms.IntegerField(
                label="Replicates of a sample",
                required=False,
                min_value=1,
                max_value=MOST_REPLICATES,
                initial=said.get("replicates"),
            )
        }
        for item in RETEST:
            for name, field in fields_for(item, "retest_", retest):
                field.required = False
                fields[name] = field
        fields["retest_retests"].help_text = "Open: no plan; a result outside its limit is not tested again."
        if self.method.kind != Method.Kind.FORM:  # what is entered by form has no run that could name a lot
            fields["reagents"] = LinesField(
                label="Reagents whose lots a run names", required=False, initial=said.get("reagents")
            )
            fields["reagents"].help_text = "One per line, called as the material of their lots is."
        fields["analyst_qualification"] = forms.CharField(
            label="What analysts need beside training for this version",
            required=False,
            max_length=120,
            initial=said.get("analyst_qualification"),
        )
        return fields

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                read_method(self.method.kind, self.typed_content)
            except UnableToReadMethod as refusal:
                self.add_error(self._field_of(str(refusal)), str(refusal))
        return cleaned

    def _field_of(self, words: str) -> str | None:
        """The input that a refusal of the content is about."""
        parts = [part.strip() for part in words.split(":")]
        candidates = ["_".join(parts[:2]), parts[0]]
        return next((name for name in candidates if name in self.fields), None)

    @property
    def typed_content(self) -> dict[str, Any]:
        typed = self.cleaned_data
        content: dict[str, Any] = {
            part: self.content[part]
            for part in ("instrument", "calculation", "layout")
            if part in self.content
        }
        if "formats" in typed:
            content["formats"] = typed["formats"]
        if "signal" in typed:
            content["reads"] = {"signal": typed["signal"], "reference": typed["reference"]}
        if self.declared:
            content["settings"] = contents_of(self.declared, "settings_", typed)
        content["results"] = [
            result for number in range(len(self.content["results"]) + 1) if (result := _result(number, typed))
        ]
        for part in ("replicates", "reagents", "analyst_qualification"):
            if typed.get(part):
                content[part] = typed[part]
        if typed["retest_retests"]:
            content["retest"] = contents_of(RETEST, "retest_", typed)
        return content

    @property
    def values(self):
        typed = self.cleaned_data
        return {"name": typed["name"], "content": self.typed_content, "seen": typed["seen"]}


def _result_fields(number: int, said: dict) -> dict[str, forms.Field]:
    several = forms.CheckboxSelectMultiple
    digits = "Only one of both: decimals, or significant digits."
    fields: dict[str, forms.Field] = {
        "attribute": forms.ChoiceField(
            label="Attribute",
            required=bool(number == 0),
            choices=[("", "none"), *((code, one.name) for code, one in ATTRIBUTES.items())],
            initial=said.get("attribute", ""),
        ),
        "stages": forms.MultipleChoiceField(
            label="Of samples", required=False, choices=list(STAGES.items()), widget=several
        ),
        "decimals": forms.IntegerField(
            label="Rounded to decimals", required=False, min_value=0, max_value=LARGEST_DECIMALS
        ),
        "significant": forms.IntegerField(
            label="… or to significant digits",
            required=False,
            min_value=1,
            max_value=LARGEST_DIGITS,
            help_text=digits,
        ),
        "qualifiers": forms.MultipleChoiceField(
            label="May be", required=False, choices=[(sign, sign) for sign in QUALIFIERS], widget=several
        ),
        "minimum": ExactField(label="Smallest possible value", required=False),
        "maximum": ExactField(label="Largest possible value", required=False),
        "texts": LinesField(label="Texts to choose from, instead of a number", required=False),
        "days": DaysField(label="Days before a text is told, as “No growth: 14”", required=False),
        "second_reading": forms.BooleanField(label="Another analyst reads the text too", required=False),
    }
    for part, field in fields.items():
        field.initial = said.get(part, ["="] if part == "qualifiers" else None)
    return {f"result{number}_{part}": field for part, field in fields.items()}


def _result(number: int, typed: dict) -> dict[str, Any]:
    """One result as a content holds it; nothing for a row without an attribute."""
    given = {part: typed.get(f"result{number}_{part}") for part in PARTS_OF_RESULT}
    if not given["attribute"]:
        return {}
    result = {
        part: value for part, value in given.items() if value not in (None, "", [], {}) and value is not False
    }
    if given["texts"]:
        said = ("attribute", "stages", "texts", "days", "second_reading")
        return {part: result[part] for part in said if part in result}
    return result | {"unit": ATTRIBUTES[given["attribute"]].unit}


PARTS_OF_RESULT = (
    "attribute",
    "stages",
    "decimals",
    "significant",
    "qualifiers",
    "minimum",
    "maximum",
    "texts",
    "days",
    "second_reading",
)


class LayoutForm(VerbForm):
    """The layout as a table, which the editor fills in; it can be typed, pasted or sent as a file as well."""

    seen = forms.CharField(widget=forms.HiddenInput)
    wells = forms.TypedChoiceField(
        label="Plate", coerce=int, choices=[(wells, f"{wells} wells") for wells in PLATES]
    )
    table = forms.CharField(
        label="Layout as a table",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono", "spellcheck": "false"}),
        help_text=(
            "One row per well: well,role,name,nominal,dilution,condition. "
            "Or the plate as a grid with “standard STD1 =1000” or “sample SPL1 /20 stimulated” in its wells."
        ),
    )
    file = forms.FileField(label="… or as a CSV file, which takes the table's place", required=False)

    problems: tuple[WellProblem, ...] = ()

    def __init__(self, data=None, files=None, *, method: Method, seen: str):
        layout = method.rules.layout or Layout(96)
        initial = {"seen": seen, "wells": layout.wells, "table": as_list(layout) if layout.cells else ""}
        super().__init__(data, files, initial=initial)
        self.method = method

    def clean(self):
        super().clean()
        typed = self.cleaned_data
        if "wells" not in typed:
            return
        try:
            typed["layout"] = read_table(self._text(typed), wells=typed["wells"])
        except UnableToLayOut as refusal:
            self.problems = refusal.problems
            for problem in refusal.problems:
                self.add_error("table", str(problem))

    def _text(self, typed: dict) -> str:
        if not (file := typed.get("file")):
            return typed.get("table", "")
        try:
            return file.read(400_000).decode()
        except UnicodeDecodeError:
            raise UnableToLayOut(WellProblem(f"{file.name} is no text in UTF-8.")) from None

    @property
    def values(self):
        layout = self.cleaned_data["layout"]
        content = dict(in_words_of_today(self.method.kind, self.method.content))
        content.pop("layout", None)
        if layout.cells:
            content["layout"] = layout.content
        return {"name": self.method.name, "content": content, "seen": self.cleaned_data["seen"]}
