"""The certificate of analysis: what was signed, printed as it was signed."""

from collections.abc import Iterable
from datetime import date, datetime

from tilmfg.documents import contents

from .dossier import Dossier
from .rules import Criterion, CriterionOutcome
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
    order, specification = dossier.order, dossier.specification
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
        process=f"{dossier.batch.definition}, version {dossier.batch.definition_version}",
        specification=f"{specification.name}, version {specification.version} ({specification.code})",
        patient_pseudonym=order.patient,
        dates=_dates(dossier),
        containers=tuple(_bag(bag) for bag in dossier.bags),
        criteria=_criteria(dossier),
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


def _dates(dossier: Dossier) -> tuple[tuple[str, date | datetime | None], ...]:
    expiries = [bag.expiry_date for bag in dossier.bags if bag.expiry_date]
    return (
        ("Manufacture begun", dossier.batch.started_at),
        ("Harvested", dossier.batch.harvest_date),
        ("Expiry", min(expiries, default=None)),
    )


def _bag(bag) -> str:
    return f"{bag.code}, bag {bag.number} of {bag.group_size}"


def _criteria(dossier: Dossier) -> tuple[contents.CriterionLine, ...]:
    results = {result.id: result for result in dossier.results}
    lines = zip(dossier.specification.criteria, dossier.evaluation.outcomes, strict=True)
    return tuple(_criterion(criterion, outcome, results.get(outcome.result)) for criterion, outcome in lines)


def _criterion(criterion: Criterion, outcome: CriterionOutcome, result) -> contents.CriterionLine:
    method = f"{result.method_name}, version {result.method_version}" if result else criterion.method
    return contents.CriterionLine(
        attribute=criterion.label,
        method=method,
        stage=STAGES[criterion.stage],
        limit=limit_in_words(criterion),
        result=compared_in_words(outcome.compared, criterion) or None,
        unit=criterion.unit if outcome.compared else "",
        verdict=contents.Verdict(outcome.outcome.value),
        remark=outcome.why,
    )
