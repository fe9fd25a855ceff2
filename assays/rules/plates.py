"""From a plate to what the kernel computes, and from the kernel's outcome to what a run keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from assays.attributes import IFNG_NET
from assays.kernel.ifng import (
    AssayWell,
    Condition,
    Criterion,
    Qualifier,
    Reportable,
    Role,
    RunOutcome,
    SampleOutcome,
    UnableToCompute,
)
from assays.kernel.ifng.plate import arrange_plate
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.rounding import as_decimal
from assays.readers import LayoutKind, PlateFile
from assays.readers import Well as WellRead

from .counts import Value
from .methods import MethodVersion

ROLES = {
    LayoutKind.STANDARD: "standard",
    LayoutKind.BLANK: "blank",
    LayoutKind.CONTROL: "control",
    LayoutKind.SAMPLE: "sample",
    LayoutKind.UNSTIMULATED: "sample",
    LayoutKind.OTHER: "sample",
    LayoutKind.EMPTY: "empty",
}
DECIMALS, DIGITS = 12, 30  # of the columns that keep a well


@dataclass(frozen=True, slots=True, kw_only=True)
class WellFacts:
    """One well as the run keeps it."""

    position: str
    role: str
    instrument_name: str = ""
    nominal: Decimal | None = None
    dilution: Decimal | None = None
    signal: Decimal | None = None
    reference: Decimal | None = None
    missing: str = ""


def facts_of(well: WellRead, *, signal: str, reference: str) -> WellFacts:
    """The well with the readings that were chosen. A dilution that does not end is kept to 12 decimals."""
    read = well.readings[signal]
    subtracted = well.readings[reference] if reference else None
    missing = dict.fromkeys(part.reason for part in (read, subtracted) if isinstance(part, Missing))
    dilution = _number(well.dilution_factor)
    return WellFacts(
        position=well.position,
        role=ROLES[well.kind],
        instrument_name=well.group,
        nominal=_number(well.nominal_concentration),
        dilution=dilution and round(dilution, DECIMALS),
        signal=_number(read),
        reference=_number(subtracted),
        missing="; ".join(missing),
    )


def assay_wells(wells: Iterable[WellFacts], conditions: Mapping[str, tuple[str, str]]) -> list[AssayWell]:
    """Wells for the kernel. `conditions`: instrument name → sample and condition; others are left out."""
    return [
        _assay_well(well, *conditions.get(well.instrument_name, ("", "")))
        for well in wells
        if well.role != "empty" and (well.role != "sample" or well.instrument_name in conditions)
    ]


def why_not_computable(
    file: PlateFile, signal: str, reference: str, conditions: Mapping[str, tuple[str, str]]
) -> str:
    """Why these wells are no run of the assay, before anything is recorded; or nothing."""
    facts = [facts_of(well, signal=signal, reference=reference) for well in file.wells]
    for well in facts:
        if well.role == "sample" and well.instrument_name in conditions and well.dilution is None:
            return f"Well {well.position} ({well.instrument_name}) has no dilution in the layout."
        for number in (well.nominal, well.dilution, well.signal, well.reference):
            if number is not None and not _can_be_kept(number):
                return f"Well {well.position}: {number} has more digits than are kept."
    try:
        arrange_plate(assay_wells(facts, conditions))
    except UnableToCompute as refusal:
        return str(refusal)
    return ""


def reads_criterion(version: MethodVersion, *, signal: str, reference: str) -> Criterion:
    """A plate read at other wavelengths than the method's is no valid run of it."""
    return Criterion(
        name="Wavelengths",
        value=f"{signal} − {reference}" if reference else signal,
        unit="nm",
        limit=version.reads,
        passed=(signal, reference) == (version.signal, version.reference),
    )


def judged(outcome: RunOutcome, criterion: Criterion) -> RunOutcome:
    """The outcome with one criterion more, put first; if it failed, no sample has a result."""
    samples = outcome.samples
    if not criterion.passed:
        why = Missing(f"run invalid: {criterion.name}: {criterion.value}, allowed: {criterion.limit}")
        samples = tuple(replace(sample, net=why, notes=()) for sample in samples)
    return replace(outcome, criteria=(criterion, *outcome.criteria), samples=samples)


def not_computed(why: str) -> dict[str, Any]:
    """What is kept of a run whose wells the kernel could not take."""
    criterion = Criterion(
        name="Plate", value=Missing(why), unit="", limit="a run of this assay", passed=False
    )
    return {"criteria": to_plain([criterion]), "samples": []}


def value_of(sample: SampleOutcome) -> Value:
    """The reportable value of one sample."""
    if not isinstance(sample.net, Reportable):
        return Value(attribute=IFNG_NET.code, missing=sample.net.reason)
    return Value(
        attribute=IFNG_NET.code,
        raw=as_decimal(sample.net.raw),
        qualifier={Qualifier.EXACT: "="}.get(sample.net.qualifier, sample.net.qualifier.value),
        notes=" ".join(sample.notes),
    )


def _assay_well(well: WellFacts, sample_name: str, condition: str) -> AssayWell:
    if well.missing or well.signal is None:
        response: Decimal | Missing = Missing(well.missing or "not read")
    else:
        response = well.signal - (well.reference or 0)
    return AssayWell(
        position=well.position,
        role=Role(well.role),
        response=response,
        nominal_pg_per_ml=well.nominal,
        name=sample_name if well.role == "sample" else well.instrument_name,
        condition=Condition(condition) if condition else None,
        dilution_factor=well.dilution if well.dilution is not None else Decimal(1),
    )


def _number(value: Decimal | Missing | None) -> Decimal | None:
    return None if isinstance(value, Missing) else value


def _can_be_kept(number: Decimal) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= DECIMALS and number.adjusted() < DIGITS - DECIMALS
