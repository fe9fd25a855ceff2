"""The certificate of analysis: what was signed, printed as it was signed."""

from collections.abc import Iterable
from datetime import date, datetime

from tilmfg.documents import contents
from tilmfg.documents.text import instant

from .dossier import Batch, Container, Dossier, Result, Specification
from .rules import Criterion, CriterionOutcome, Evaluation
from .words import STAGES, compared_in_words, limit_in_words

DISPOSITIONS = {
    "release": ("RELEASED", contents.Tone.GOOD),
    "reject": ("REJECTED", contents.Tone.BAD),
}
STATEMENTS = {
    "release": "This lot fulfils its specification and is released for the patient of this chain of identity.",
    "reject": "This lot is rejected. It must not be given to a patient.",
}


def certificate_of(
    dossier: Dossier,
    *,
    decision: str,
    signatures: Iterable[contents.SignatureLine],
    number: str,
    executed_at: datetime,
    manufacturer: str,
) -> contents.CertificateOfAnalysis:
    order, batch = dossier.order, dossier.batch
    specification, evaluation = dossier.specification, dossier.evaluation
    if batch is None or specification is None or evaluation is None:
        raise ValueError(f"{order.lot_number} was decided on without a batch or a specification.")
    disposition, tone = DISPOSITIONS[decision]
    return contents.CertificateOfAnalysis(
        heading=contents.Heading(
            document_id=number,
            lot_number=order.lot_number,
            coi_id=order.coi_id,
            check_character=order.check_character,
            generated_at=executed_at,
        ),
        manufacturer=manufacturer,
        product=specification.product,
        indication=order.indication.replace("nsclc", "non-small cell lung cancer").capitalize(),
        process=f"{batch.definition}, version {batch.definition_version}",
        specification=f"{specification.name}, version {specification.version} ({specification.code})",
        patient_pseudonym=order.patient,
        dates=_dates(batch, dossier.bags),
        containers=tuple(_bag(bag) for bag in dossier.bags),
        criteria=_criteria(specification, evaluation, dossier.results),
        pending_tests=(),
        deviations=tuple(
            contents.DeviationLine(
                number=deviation.number,
                title=deviation.title,
                classification=deviation.classification,
                status=deviation.state,
            )
            for deviation in dossier.deviations
        ),
        disposition=disposition,
        disposition_tone=tone,
        disposition_statement=STATEMENTS[decision],
        covers=f"Lot {order.lot_number}, every bag named above",
        signatures=tuple(signatures),
    )


def _dates(batch: Batch, bags: Iterable[Container]) -> tuple[tuple[str, date | datetime | None], ...]:
    expiries = [bag.expiry_date for bag in bags if bag.expiry_date]
    return (
        ("Manufacture begun", batch.started_at),
        ("Harvested", batch.harvest_date),
        ("Expiry", min(expiries, default=None)),
    )


def _bag(bag: Container) -> str:
    return f"{bag.code}, bag {bag.number} of {bag.group_size}"


def _criteria(
    specification: Specification, evaluation: Evaluation, results: Iterable[Result]
) -> tuple[contents.CriterionLine, ...]:
    by_id = {result.id: result for result in results}
    lines = zip(specification.criteria, evaluation.outcomes, strict=True)
    return tuple(
        _criterion(criterion, outcome, None if outcome.result is None else by_id[outcome.result])
        for criterion, outcome in lines
    )


def _criterion(
    criterion: Criterion, outcome: CriterionOutcome, result: Result | None
) -> contents.CriterionLine:
    method = (
        f"{result.method_name}, version {result.method_version}" if result else criterion.methods_in_words
    )
    return contents.CriterionLine(
        attribute=criterion.label,
        method=method,
        stage=STAGES[criterion.stage],
        limit=limit_in_words(criterion),
        result=compared_in_words(outcome.compared, criterion) or None,
        unit=criterion.unit if outcome.compared else "",
        verdict=contents.Verdict(outcome.outcome.value),
        remark=" ".join(filter(None, (outcome.why, _readers(result)))),
    )


def _readers(result: Result | None) -> str:
    """Who read a slide that the method has read twice, and when."""
    if result is None or result.second_reading is None:
        return ""
    again = result.second_reading
    return (
        f"Read by {result.recorded_by.printed_name}, {instant(result.performed_at)}; again by "
        f"{again.read_by.printed_name}, {instant(again.recorded_at)}."
    )
