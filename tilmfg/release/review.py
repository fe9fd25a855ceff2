"""Review by exception: every check of a record, and of those the few that a person must look at. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tilmfg.records.days import facility_day

from .dossier import Container, Dossier, Reading, Result, Step
from .rules import Outcome
from .words import STAGES, compared_in_words, limit_in_words, value_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked. What passed needs no words; what did not carries all there is to judge it."""

    group: str
    subject: str
    passed: bool
    found: str = ""
    limit: str = ""
    reason: str = ""
    who: str = ""
    at: datetime | None = None
    deviation: str = ""


def checks_of(dossier: Dossier) -> tuple[Check, ...]:
    return (
        *_steps(dossier),
        *_scans(dossier),
        *_containers(dossier),
        *_results(dossier),
        *_criteria(dossier),
        *_deviations(dossier),
    )


def exceptions_in(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(check for check in checks if not check.passed)


def _steps(dossier: Dossier) -> Iterator[Check]:
    if dossier.batch is not None:
        yield Check(
            group="Record",
            subject="Beginning of the batch",
            passed=not dossier.batch.late_entry_reason,
            found="Recorded late",
            reason=dossier.batch.late_entry_reason,
            at=dossier.batch.started_at,
        )
    for step in dossier.steps:
        check = partial(Check, subject=step.name, who=step.performed_by.printed_name, at=step.performed_at)
        yield check(
            group="Window",
            passed=step.in_window,
            found="Performed outside its window",
            reason=step.window_reason,
        )
        yield check(
            group="Record",
            passed=not step.late_entry_reason,
            found="Recorded late",
            reason=step.late_entry_reason,
        )
        yield check(group="Verification", passed=step.verified_by is not None, found="Not verified")
        for reading in step.readings:
            yield _reading(step, reading)
        for material in step.materials:
            yield Check(
                group="Material",
                subject=f"{step.name}: {material.name}, lot {material.lot_number}",
                passed=material.status == "released"
                and material.expiry_date >= facility_day(step.performed_at),
                found=f"{material.status.capitalize()}, expiry {material.expiry_date:%d %b %Y}",
                who=step.performed_by.printed_name,
                at=step.performed_at,
            )


def _reading(step: Step, reading: Reading) -> Check:
    found = value_in_words(reading.value, reading.unit, reading.text)
    return Check(
        group="Reading",
        subject=f"{step.name}: {reading.label}",
        passed=reading.within_limits and not reading.corrects,
        found=f"Corrected to {found}" if reading.corrects else found,
        limit=_limits(reading),
        reason=reading.reason,
        who=_who_read(reading),
        at=step.performed_at,
    )


def _who_read(reading: Reading) -> str:
    confirmed = f", confirmed by {reading.confirmed_by.printed_name}" if reading.confirmed_by else ""
    return f"{reading.recorded_by.printed_name}{confirmed}"


def _limits(reading: Reading) -> str:
    low, high = (value_in_words(limit, reading.unit) for limit in (reading.low, reading.high))
    if reading.low is not None and reading.high is not None:
        return f"{low} to {high}"
    return f"≥ {low}" if reading.low is not None else f"≤ {high}" if reading.high is not None else ""


def _scans(dossier: Dossier) -> Iterator[Check]:
    for scan in dossier.scans:
        yield Check(
            group="Scan",
            subject=scan.purpose.replace("_", " ").capitalize(),
            passed=scan.matches,
            found=f"Read {scan.read}",
            limit=f"expected {scan.expected}",
            who=scan.scanned_by.printed_name,
            at=scan.recorded_at,
        )


def _containers(dossier: Dossier) -> Iterator[Check]:
    for container in dossier.containers:
        yield from _labels(container)
        for handover in container.handovers:
            temperature = value_in_words(handover.temperature_c, "°C")
            yield Check(
                group="Custody",
                subject=f"{container.code}: {handover.kind.replace('_', ' ')}",
                passed=not handover.temperature_reason and not handover.late_entry_reason,
                found=f"{temperature}, {handover.condition}".strip(", "),
                reason=" ".join(filter(None, (handover.temperature_reason, handover.late_entry_reason))),
                who=handover.took.printed_name,
            )


def _labels(container: Container) -> Iterator[Check]:
    for label in container.labels:
        yield Check(
            group="Label",
            subject=f"{container.code}: label, copy {label.copy}",
            passed=label.state != "printed" and label.copy == 1,
            found=f"{label.state.capitalize()}{'' if label.copy == 1 else ', printed again'}",
            reason=label.reprint_reason,
            who=label.printed_by.printed_name,
        )


def _results(dossier: Dossier) -> Iterator[Check]:
    for result in dossier.standing_results:
        yield Check(
            group="Result",
            subject=f"{result.name}, {STAGES[result.stage]}",
            passed=result.state == "final" and not _remarks(result),
            found=result.missing
            or value_in_words(result.value, result.unit, result.text, qualifier=result.qualifier),
            reason=" ".join(_remarks(result)),
            who=result.recorded_by.printed_name,
            at=result.performed_at,
        )


def _remarks(result: Result) -> list[str]:
    """What makes a result worth a look although it is final."""
    said = [result.notes] if result.notes else []
    if result.late_entry_reason:
        said.append(f"Recorded late: {result.late_entry_reason}")
    if result.supersedes:
        said.append(f"Replaces an earlier result: {result.reason}")
    return said


def _criteria(dossier: Dossier) -> Iterator[Check]:
    if dossier.specification is None or dossier.evaluation is None:
        return
    lines = zip(dossier.specification.criteria, dossier.evaluation.outcomes, strict=True)
    for criterion, outcome in lines:
        unit = criterion.unit if outcome.compared else ""
        yield Check(
            group="Specification",
            subject=criterion.label,
            passed=outcome.outcome is Outcome.PASS,
            found=f"{compared_in_words(outcome.compared, criterion)} {unit}".strip() or outcome.why,
            limit=limit_in_words(criterion),
        )


def _deviations(dossier: Dossier) -> Iterator[Check]:
    """A deviation always needs an eye, closed or not: no deviation at all is the one check that passes."""
    if not dossier.deviations:
        yield Check(group="Deviation", subject="No deviation was opened", passed=True)
    for deviation in dossier.deviations:
        classification = f"{deviation.classification.capitalize()}, " if deviation.classification else ""
        yield Check(
            group="Deviation",
            subject=deviation.title,
            passed=False,
            found=f"{classification}{deviation.state}",
            reason=deviation.impact,
            at=deviation.opened_at,
            deviation=deviation.number,
        )
