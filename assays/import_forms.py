"""From a dropped file to the mapping of its rows to samples."""

from functools import cached_property

from django import forms

from tilmfg.facility.models import Equipment
from tilmfg.records.errors import UnableTo
from tilmfg.records.forms import MomentField, VerbForm

from . import selectors
from .forms import ReasonField, ScanField
from .kernel.missing import Missing
from .readers import PlateFile
from .readers.text import LARGEST_FILE
from .reading import read_stored
from .retests import why_not_measured_again
from .rules.mapping import Choice, Examination, examine
from .rules.plates import Reads, as_scanned, code_in, why_another_plate
from .rules.rows import AS_IS, Row, TableRow, asks_when, measured_at, rows_of, told_when
from .services.files import instrument_for, why_uncalibrated
from .services.reagents import why_not_usable


class ImportForm(VerbForm):
    file = forms.FileField(
        label="File of the instrument",
        allow_empty_file=True,
        help_text="As the instrument exported it, or our own table of values. Nothing is imported yet.",
    )
    instrument = ScanField(label="Instrument that wrote it", help_text="Scan the code on the instrument.")

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                f"{file.name} has {file.size:,} bytes; at most {LARGEST_FILE:,} are read."
            )
        return file

    @property
    def values(self):
        file = self.cleaned_data["file"]
        code = self.cleaned_data["instrument"]
        return {"filename": file.name, "content": file.read(), "instrument_code": code}


class MappingForm(VerbForm):
    """The rows of a stored file and what each of them is. Bound or not, it knows what is still unclear."""

    instrument = ScanField(label="Instrument that wrote it")
    rest = forms.CharField(
        required=False, max_length=400, label="Every row that is no sample is left out because"
    )
    again = ReasonField(required=False, label="If something is measured again: why")
    acceptance = ReasonField(required=False, label="If something is unusual: why it is imported nonetheless")

    def __init__(self, data=None, *, file, initial, by, plate=""):
        super().__init__(data, initial=initial)
        self.file = file
        self.by = by
        self.plate = plate  # of several in the file
        self.read = self.content = self._read()
        self.methods = {str(method.pk): method for method in self._methods_that_fit_first()}
        self.fields["method"] = forms.ChoiceField(
            label="Method",
            choices=[(pk, str(method)) for pk, method in self.methods.items()],
            initial=next(iter(self.methods)),
        )
        if asks_when(self.content):
            self.fields["measured_at"] = MomentField(label="Measured at; the file does not say", initial=None)
            self.read = self.content = told_when(self.content, self._moment())
        self.is_laid_out_by_method = self.method.rules.lays_out(self.content)
        self.content = self.method.rules.laid_out(self.content)
        if isinstance(self.content, PlateFile) and not self.method.rules.is_multiplex:
            self._add_reads()
        if isinstance(self.read, PlateFile) or isinstance(self.content, PlateFile) or code_in(self.content):
            self._add_plate()
        self._add_reagents()
        for row in self.rows:
            self._add_row(row)

    def _read(self):
        """By the clock of the instrument that was named; of none, the times are not shown."""
        code = str(self["instrument"].value() or "").strip()
        found = self.instrument_found = Equipment.objects.filter(code__iexact=code).first()
        return read_stored(self.file, time_zone=found.time_zone if found else "UTC", plate=self.plate)

    def _moment(self):
        """What was typed, if it is a time; what is wrong with it is said when the form is cleaned."""
        field = self.fields["measured_at"]
        typed = field.widget.value_from_datadict(self.data, self.files, "measured_at")
        try:
            return field.clean(typed) if self.is_bound else None
        except forms.ValidationError:
            return None

    def _methods_that_fit_first(self):
        """Of several methods for one format the one comes first that reads what is in the file."""
        kind = self.instrument_found.kind if self.instrument_found else ""
        labels = self.content.read_labels if isinstance(self.content, PlateFile) else ()
        is_absorbance = any(label.isdecimal() for label in labels)
        rows = rows_of(self.content)
        names = {row.name for row in rows}
        quantities = {value.quantity for row in rows if isinstance(row, TableRow) for value in row.values}

        def strangeness(method):
            asks, known = method.rules.asks, method.rules.known_names
            return (
                bool(kind) and kind != method.rules.instrument,
                bool(labels) and asks.signal not in labels,
                bool(labels) and bool(asks.unit) != is_absorbance,
                not known <= names,
                bool(quantities) and not method.rules.known_quantities <= quantities,
            )

        return sorted(selectors.methods_for(self.file.format), key=strangeness)

    def _add_reads(self):
        labels = [(label, label) for label in self.content.read_labels]
        rules = self.method.rules
        first = rules.signal if rules.signal in self.content.read_labels else ""
        second = rules.reference if rules.reference in self.content.read_labels else ""
        self.fields["signal"] = forms.ChoiceField(
            label="Reading taken as signal", choices=[("", "choose …"), *labels], initial=first
        )
        self.fields["reference"] = forms.ChoiceField(
            label="Reading subtracted", choices=[("", "none"), *labels], initial=second, required=False
        )

    def _add_plate(self):
        told = code_in(self.content)
        names_none = "The file does not name its plate: what you scan is recorded as you state it."
        self.fields["plate_label"] = ScanField(
            label="Label of the plate",
            required=bool(told),
            help_text="" if told else names_none,
            error_messages={"required": why_another_plate(self.content, "")},
        )

    @property
    def plates_apart(self) -> tuple[str, str] | None:
        """The plate of the file and the one that was scanned, if that is another."""
        scanned = as_scanned(self.typed("plate_label"))
        is_another = bool(scanned) and bool(why_another_plate(self.content, scanned))
        return (code_in(self.content), scanned) if is_another else None

    def _add_reagents(self):
        """One lot is scanned, or chosen of those that may be used, for each reagent of the method."""
        self.lots_to_choose = selectors.lots_to_choose(self.method.rules.reagents)
        for number, reagent in enumerate(self.method.rules.reagents):
            lacking = {"required": f"{reagent}: scan the lot that was used."}
            field = ScanField(label=reagent, error_messages=lacking)
            field.widget.attrs["list"] = f"lots_{number}"
            self.fields[f"reagent_{number}"] = field

    @property
    def reagents(self) -> list[tuple]:
        """Each input with the lots that may be chosen in it."""
        return [
            (self[f"reagent_{number}"], f"lots_{number}", self.lots_to_choose[reagent])
            for number, reagent in enumerate(self.method.rules.reagents)
        ]

    @property
    def lots(self) -> dict[str, str]:
        reagents = enumerate(self.method.rules.reagents)
        return {reagent: self.typed(f"reagent_{number}") for number, reagent in reagents}

    @cached_property
    def lots_refused(self) -> dict[str, str]:
        """By input, why its lot is none that was used; of a file without a time the examination speaks."""
        moment = measured_at(self.content)
        if isinstance(moment, Missing):
            return {}
        return why_not_usable(self.method.rules.reagents, self.lots, measured_at=moment)

    @cached_property
    def refused(self) -> dict[str, str]:
        """By input, why the import would be refused although everything is said: lots, calibration, investigations."""
        samples = selectors.samples_named({choice.sample_name for choice in self.choices.values()})
        reasons = why_not_measured_again(samples.values(), self.method, analyst=self.by)
        investigated = {
            f"sample_{row.key}": f"{row.title}: {known.name}: {why}"
            for row, known in self.plan.mapped
            if (why := reasons.get(known.name))
        }
        return self.lots_refused | self.uncalibrated | investigated

    @cached_property
    def uncalibrated(self) -> dict[str, str]:
        """Why what this instrument measured then is not imported."""
        moment = measured_at(self.content)
        if self.instrument_found is None or isinstance(moment, Missing):
            return {}
        why = why_uncalibrated(self.instrument_found, measured_at=moment)
        return {"instrument": why} if why else {}

    def _add_row(self, row: Row):
        known = {text for text in (row.sample_name, row.name) if text in self.known_names}
        self.fields[f"sample_{row.key}"] = ScanField(
            label="Sample", required=False, initial=min(known, default="")
        )
        if self.method.rules.is_paired:
            conditions = self.method.rules.conditions
            self.fields[f"condition_{row.key}"] = forms.ChoiceField(
                label="Condition",
                choices=[("", "condition …"), *((one, one.replace("_", " ")) for one in conditions)],
                required=False,
                initial=row.condition if row.condition in conditions else "",
            )
        self.fields[f"left_out_{row.key}"] = forms.CharField(
            label="or left out because", required=False, max_length=400
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return self.method.rules.rows_of(self.content)

    @cached_property
    def known_names(self) -> set[str]:
        """The names in the file that are those of samples."""
        names = {name for row in self.rows for name in (row.sample_name, row.name)}
        return set(selectors.samples_named(names))

    @property
    def method(self):
        first = next(iter(self.methods.values()))
        return self.methods.get(str(self["method"].value()), first)

    def typed(self, name: str) -> str:
        return str(self[name].value() or "").strip() if name in self.fields else ""

    @property
    def shows_plate(self) -> bool:
        """A plate that is computed from as a table is shown as a plate all the same."""
        return isinstance(self.read, PlateFile) and not isinstance(self.content, PlateFile)

    @property
    def reads(self) -> Reads:
        return Reads(signal=self.typed("signal"), reference=self.typed("reference"))

    @property
    def choices(self) -> dict[str, Choice]:
        return {
            row.key: Choice(
                sample_name=self.typed(f"sample_{row.key}"),
                condition=self.typed(f"condition_{row.key}") if self.method.rules.is_paired else AS_IS,
                left_out=self.typed(f"left_out_{row.key}")
                or ("" if self.typed(f"sample_{row.key}") else self.typed("rest")),
                again=self.typed("again"),
            )
            for row in self.rows
        }

    def slots_of(self, row: Row) -> dict:
        """The inputs of one row."""
        parts = ("sample", "condition", "left_out")
        return {part: self[name] for part in parts if (name := f"{part}_{row.key}") in self.fields}

    @cached_property
    def plan(self):
        return selectors.plan_import(
            self.content,
            method=self.method,
            choices=self.choices,
            reads=self.reads,
            plate=self.typed("plate_label"),
            stored=self.file,
        )

    @cached_property
    def examination(self) -> Examination:
        return examine(self.plan)

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing left to say."""
        accepted = not self.examination.findings or bool(self.typed("acceptance"))
        is_said = not self.examination.unclear and not self.refused
        return self.instrument_found is not None and is_said and accepted

    def clean(self):
        try:
            instrument_for(code=self.typed("instrument"), kinds={self.method.rules.instrument})
        except UnableTo as refusal:
            self.add_error("instrument", str(refusal))
        told = set(self.errors)  # an input that is empty says so itself
        for unclear in self.examination.unclear:
            if unclear.field not in told:
                self.add_error(unclear.field if unclear.field in self.fields else None, unclear.sentence)
        for field, why in self.refused.items():
            if field not in told:
                self.add_error(field, why)
        if self.examination.findings and not self.typed("acceptance"):
            self.add_error("acceptance", "Say why: " + " ".join(self.examination.findings))

    @property
    def values(self):
        return {
            "file": self.file,
            "method": self.method,
            "instrument_code": self.typed("instrument"),
            "choices": self.choices,
            "reads": self.reads,
            "plate_in_file": self.plate,
            "plate_scanned": self.typed("plate_label"),
            "acceptance": self.typed("acceptance"),
            "lots": self.lots,
            "measured": self.cleaned_data.get("measured_at"),
        }
