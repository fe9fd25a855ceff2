"""Which sample each name of an instrument is: what is still unclear, and what is unusual."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from assays.attributes import TOTAL_VIABLE_CELLS, name_of
from assays.kernel.missing import Missing
from assays.readers import CellCountFile, Format, PlateFile, ValueTable
from assays.readers.records import DayOnly
from tilmfg.records.reasons import says_something

from .calculations import Calculation, Counted, Material, Shape
from .calculations.cell_count import values_of
from .layouts import differences
from .methods import MethodVersion
from .plates import Reads, WellFacts, why_another_plate
from .rows import AS_IS, UNSTIMULATED, CountRow, GroupRow, Row, measured_at
from .values import Named

HOLDS: Mapping[type, str] = {
    CellCountFile: "counted cells",
    PlateFile: "wells of a plate",
    ValueTable: "named values",
}
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSample:
    """What has to be known of a sample before a measurement is called its own."""

    name: str
    lot_number: str
    stage: str
    stage_name: str
    drawn_at: datetime
    is_received: bool
    is_stopped: bool
    bag_volume_ml: Decimal | Missing
    standing: Mapping[str, str]  # attribute → the result that stands, in words
    being_computed: str = ""  # the run that is
    combined_in: str = ""  # the run that made a result of several assays and waits for its review


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the analyst says about one row: which sample, or why it is left out."""

    sample_name: str = ""
    condition: str = AS_IS
    left_out: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """One thing that stands in the way of an import; of one row if it has a `key`."""

    sentence: str
    key: str = ""
    part: str = ""

    @property
    def field(self) -> str:
        """The input it belongs beside; reasons for measuring again are asked once for the whole file."""
        return f"{self.part}_{self.key}" if self.key and self.part != "again" else self.part


@dataclass(frozen=True, slots=True)
class Examination:
    unclear: tuple[Unclear, ...]
    findings: tuple[str, ...]  # unusual; a person may accept them with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Everything an import is decided on. `known` holds the samples by every name that was asked for."""

    file: PlateFile | CellCountFile | ValueTable
    version: MethodVersion
    choices: Mapping[str, Choice]
    known: Mapping[str, KnownSample]
    reads: Reads
    plate: str = ""  # what was scanned on it
    alike: tuple[str, ...] = ()  # runs of the same plate at the same time, from other bytes
    now: datetime

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.version.rows_of(self.file)

    def choice(self, row: Row) -> Choice:
        return self.choices.get(row.key, Choice())

    def sample(self, row: Row) -> KnownSample | None:
        """The sample of a row, if it is one of ours."""
        return self.known.get(self.choice(row).sample_name)

    def stands(self, row: Row) -> list[str]:
        """The results, in words, that a measurement of this row would supersede."""
        sample = self.sample(row)
        if sample is None:
            return []
        results = self.version.results_at(sample.stage)
        return [
            sample.standing[result.attribute] for result in results if result.attribute in sample.standing
        ]

    @property
    def mapped(self) -> list[tuple[Row, KnownSample]]:
        return [(row, sample) for row in self.rows if (sample := self.sample(row))]

    @property
    def calculation(self) -> Calculation:
        """A file is imported by a method that computes something of it; one entered by form reads no file."""
        if self.version.calculation is None:
            raise TypeError("This method computes nothing of a file.")
        return self.version.calculation

    @property
    def material(self) -> Material:
        """What the method's calculation will be made from."""
        named = [
            (row, Named(sample=known.name, stage=known.stage, condition=self.choice(row).condition), known)
            for row, known in self.mapped
        ]
        wells: tuple[WellFacts, ...] = ()
        if isinstance(self.file, PlateFile):
            wells = tuple(self.version.wells_of(self.file, self.reads))
        return Material(
            settings=self.version.settings,
            results=self.version.results,
            names={row.name: name for row, name, _ in named},
            wells=wells,
            values=self.file.rows if isinstance(self.file, ValueTable) else (),
            counts=tuple(
                Counted(row=row.count, name=name, volume_ml=known.bag_volume_ml)
                for row, name, known in named
                if isinstance(row, CountRow)
            ),
        )


def examine(plan: Import) -> Examination:
    """What is unclear row by row, then across rows, then about the file; and what is unusual."""
    if why := _why_another_shape(plan):
        return Examination((Unclear(why, part="method"),), ())
    unclear = [*_about_file(plan)]
    for row in plan.rows:
        unclear += _about_row(plan, row)
    if isinstance(plan.file, CellCountFile):
        unclear += _about_repeats(plan)
        findings = [*plan.file.remarks, *_about_volumes(plan), *_about_times(plan)]
    else:
        unclear += _about_pairs(plan) if plan.version.is_paired else _about_repeats(plan)
        unclear += [] if unclear else _about_material(plan)
        unclear += _about_units(plan)
        findings = [*_about_copies(plan), *_about_problems(plan.file), *_about_times(plan)]
    if isinstance(plan.file, PlateFile):
        findings = [*_about_plate(plan), *findings]
    return Examination(tuple(unclear), tuple(findings))


def _why_another_shape(plan: Import) -> str:
    """A method may name formats that hold nothing it could compute from; a table without wells is told of later."""
    shape = plan.calculation.shape
    made_from = {Shape.COUNTS: CellCountFile, Shape.TABLE: ValueTable}.get(shape, PlateFile)
    if isinstance(plan.file, made_from) or (shape is Shape.MULTIPLEX and isinstance(plan.file, ValueTable)):
        return ""
    return f"A file of {plan.file.format} holds {HOLDS[type(plan.file)]}; this method computes from {HOLDS[made_from]}."


def _about_file(plan: Import):
    moment = measured_at(plan.file)
    if isinstance(moment, Missing):
        yield Unclear(f"The file does not say when it was measured: {moment.reason}.", part="measured_at")
    elif moment > plan.now + CLOCKS_DIFFER:
        yield Unclear(
            f"The file says it was measured at {_in_words(moment)}, which is still to come: "
            "look at the instrument's clock and time zone.",
            part="instrument",
        )
    if why := why_another_plate(plan.file, plan.plate):
        yield Unclear(why, part="plate_label")
    is_multiplex = isinstance(plan.file, PlateFile) and bool(plan.file.analytes)
    if plan.version.is_multiplex and not is_multiplex:
        yield Unclear("The file is of no multiplex plate; a table needs the column “Well”.", part="method")
    elif isinstance(plan.file, PlateFile) and not plan.version.is_multiplex:
        if plan.reads.signal not in plan.file.read_labels:
            allowed = ", ".join(plan.file.read_labels)
            yield Unclear(f"Say which reading is the signal; the file has: {allowed}.", part="signal")
        if plan.reads.reference and plan.reads.reference not in plan.file.read_labels:
            yield Unclear(f"The file has no reading {plan.reads.reference}.", part="reference")
        if plan.reads.signal and plan.reads.signal == plan.reads.reference:
            yield Unclear("Signal and reference cannot be the same reading.", part="reference")


def _about_row(plan: Import, row: Row) -> list[Unclear]:
    choice = plan.choice(row)
    for part in ("left_out", "again"):
        if (reason := getattr(choice, part).strip()) and not says_something(reason):
            return [Unclear(f"{row.title}: “{reason}” says nothing; say why in a few words.", row.key, part)]
    if choice.left_out and not choice.sample_name:
        return []
    if choice.left_out:
        sentence = f"{row.title}: either it is {choice.sample_name} or it is left out, not both."
        return [Unclear(sentence, row.key, "left_out")]
    if not choice.sample_name:
        sentence = f"{row.title}: say which sample it is, or why it is left out."
        return [Unclear(sentence, row.key, "sample")]
    sample = plan.sample(row)
    if sample is None:
        sentence = f"{row.title}: no sample of this facility is called “{choice.sample_name}”."
        return [Unclear(sentence, row.key, "sample")]
    return [Unclear(f"{row.title}: {words}", row.key, part) for part, words in _objections(plan, row, sample)]


def _objections(plan: Import, row: Row, sample: KnownSample):
    """Why this row cannot be this sample."""
    choice = plan.choice(row)
    named = plan.known.get(row.sample_name) or plan.known.get(row.name)
    if named and named.name != sample.name:
        yield "sample", f"the instrument calls it {named.name}, which is another sample than {sample.name}."
    if not sample.is_received:
        yield "sample", f"{sample.name} has not been received by the laboratory."
    if sample.is_stopped:
        yield "sample", f"the order {sample.lot_number} is stopped for an identity mismatch."
    results = plan.version.results_at(sample.stage)
    if not results:
        yield "sample", f"{sample.name} is a sample “{sample.stage_name}”; this method is not for that stage."
    if plan.version.is_paired and choice.condition not in plan.version.conditions:
        allowed = " or ".join(condition.replace("_", " ") for condition in plan.version.conditions)
        yield "condition", f"say whether it was {allowed}."
    if isinstance(row, CountRow):
        yield from (("left_out", words) for words in _uncountable(plan, row, sample))
    standing = plan.stands(row)
    if standing and not choice.again:
        yield "again", f"{sample.name} already has {' and '.join(standing)}; say why it was measured again."
    if sample.being_computed:
        yield "sample", f"{sample.name} is being computed in {sample.being_computed}; wait for it."
    if sample.combined_in:
        yield (
            "sample",
            f"{sample.combined_in} made a result of several assays of {sample.name} and waits for its review; "
            "an assay is part of one result only, so review or reject it first.",
        )


def _uncountable(plan: Import, row: CountRow, sample: KnownSample):
    """A row with a cell that was not understood, or with an impossible number, gives no result."""
    for problem in row.count.problems:
        yield f"{problem.column}: {problem.message}. It cannot be imported; leave it out with a reason."
    counted_at = row.count.counted_at
    if isinstance(counted_at, DayOnly) and not isinstance(measured_at(plan.file), Missing):
        yield f"{counted_at.reason}, which is another day than the one said; leave it out with a reason."
    results = plan.version.results_at(sample.stage)
    for value in values_of(row.count, results=results, volume_ml=sample.bag_volume_ml):
        if value.raw is not None and (why := plan.version.result(value.attribute).refusal_of(value.raw)):
            yield f"{name_of(value.attribute)}: {why} Leave it out with a reason."


def _about_repeats(plan: Import):
    rows_by_sample = defaultdict(list)
    for row, sample in plan.mapped:
        rows_by_sample[sample.name].append(row)
    for name, rows in rows_by_sample.items():
        for row in rows[1:]:
            first = rows[0].title
            yield Unclear(
                f"{row.title}: {name} is already {first}; leave one of them out with a reason.",
                row.key,
                "sample",
            )


def _about_pairs(plan: Import):
    """A sample must be there in every condition of the method; SPL1 and UNS1 must be one sample."""
    conditions = defaultdict(set)
    for row, sample in plan.mapped:
        conditions[sample.name].add(plan.choice(row).condition)
    for row, sample in plan.mapped:
        there = conditions[sample.name]
        missing = [condition for condition in plan.version.conditions if condition not in there]
        if missing and "" not in there:
            lacking = missing[0].replace("_", " ")
            yield Unclear(
                f"{row.title}: {sample.name} has no {lacking} wells, so nothing can be computed of it.",
                row.key,
                "condition",
            )
    samples = {row.name.upper(): sample for row, sample in plan.mapped}
    for row, sample in plan.mapped:
        partner = samples.get(row.name.upper().replace("UNS", "SPL", 1))
        if _by_layout(plan, row) == UNSTIMULATED and partner and partner.name != sample.name:
            yield Unclear(
                f"{row.title} is {sample.name}, but its stimulated wells are {partner.name}: "
                "two samples cannot be taken for one.",
                row.key,
                "sample",
            )


def _about_material(plan: Import) -> list[Unclear]:
    why = plan.calculation.refusal_of(plan.material)
    return [Unclear(why)] if why else []


def _about_units(plan: Import) -> list[Unclear]:
    """A number in another unit is another number; the first of each quantity is named. Where an instrument tells no
    unit there is nothing to compare; whoever fills our own table says it."""
    if not isinstance(plan.file, ValueTable) or not plan.calculation.unit:
        return []
    allowed = {plan.calculation.unit} | ({""} if plan.file.format is not Format.TABLE else set())
    names = {row.name for row, _ in plan.mapped}
    wrong: dict[str, Unclear] = {}
    for row in plan.file.rows:
        if row.unit in allowed or not plan.version.takes(row, names):
            continue
        where = f"{row.place.capitalize()}, {row.sample_name}" if row.line else row.sample_name
        what = (
            f"{row.quantity} is in “{row.unit}”"
            if row.unit
            else f"the column Unit is empty for {row.quantity}"
        )
        sentence = f"{where}: {what}; the method computes with {plan.calculation.unit}."
        wrong.setdefault(row.quantity, Unclear(sentence))
    return list(wrong.values())


def _about_plate(plan: Import):
    version = plan.version
    if plan.reads.signal and plan.reads != version.asks:
        yield f"The method reads {version.reads}; here {plan.reads} is taken. The run will not be valid."
    for row, _ in plan.mapped:
        chosen = plan.choice(row).condition
        laid_out = _by_layout(plan, row)
        if laid_out and chosen and chosen != laid_out:
            yield f"{row.title} is taken as {chosen}; by its name in the layout it is {laid_out}."
    if version.layout and isinstance(plan.file, PlateFile):
        yield from differences(plan.file, version.layout)


def _about_copies(plan: Import):
    """The same bytes are refused before; an export that was edited, or written once more, has others."""
    for run in plan.alike:
        yield f"The same plate, measured at the same time, is {run} already, from a file with other bytes."


def _about_problems(file: PlateFile | ValueTable):
    yield from file.remarks
    yield from (f"{problem}. The value counts as missing." for problem in file.problems)


def _by_layout(plan: Import, row: Row) -> str:
    """The condition that the name in the layout says, if the method knows it."""
    is_told = isinstance(row, GroupRow) and row.condition in plan.version.conditions
    return row.condition if is_told else ""


def _about_volumes(plan: Import):
    for row, sample in plan.mapped:
        reports_total = any(
            result.attribute == TOTAL_VIABLE_CELLS.code for result in plan.version.results_at(sample.stage)
        )
        if reports_total and isinstance(sample.bag_volume_ml, Missing):
            yield f"{row.title}: total viable cells will be missing: {sample.bag_volume_ml.reason}."


def _about_times(plan: Import):
    for row, sample in plan.mapped:
        moment = row.count.counted_at if isinstance(row, CountRow) else measured_at(plan.file)
        drawn_at = sample.drawn_at.replace(second=0, microsecond=0)  # instruments tell no seconds
        if not isinstance(moment, Missing) and moment < drawn_at:
            yield (
                f"{row.title} was measured at {_in_words(moment)}, before {sample.name} was drawn "
                f"({_in_words(drawn_at)})."
            )


def _in_words(moment: datetime) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC"
