"""A lot from the order to the infusion, as far as no signature is needed."""

from dataclasses import asdict

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish
from tilmfg.records.states import advance

from .. import rules
from ..dossier import Dossier, Specification
from ..models import Evaluation, Lot
from ..selectors.dossier import dossier_of
from ..states import LOT, DispositionState, LotState
from ..voiding import covers, void
from .locking import lock


class UnableToEvaluate(UnableTo):
    """There is nothing to hold the lot against."""


@verb("release.lot.evaluate", service=True)
def evaluate_lot(*, lot: Lot, by: User) -> Evaluation | None:
    """Hold the results against the specification: with all of them a lot waits for QA, else it does not."""
    lot = lock(lot)
    if lot.state not in (LotState.IN_TESTING, LotState.QA_REVIEW):
        return None
    dossier = dossier_of(lot)
    specification, found = dossier.specification, dossier.evaluation
    if specification is None or found is None:
        raise UnableToEvaluate(f"No approved specification for {lot.order.indication} is effective.")
    evaluation = _record(lot, specification, found, by=by)
    if found.is_complete and lot.state == LotState.IN_TESTING:
        advance(lot, machine=LOT, event="release.lot.tested", by=by)
    elif not found.is_complete and lot.state == LotState.QA_REVIEW:
        advance(lot, machine=LOT, event="release.lot.reopened", by=by)
    _void_what_was_overtaken(lot, dossier, by=by)
    return evaluation


def _record(lot: Lot, specification: Specification, found: rules.Evaluation, *, by: User) -> Evaluation:
    """A row for each evaluation that differs from the one before."""
    digest = found.digest_against(specification.digest)
    latest = lot.evaluations.order_by("-pk").first()
    if latest and latest.digest == digest:
        return latest
    evaluation = Evaluation.objects.create(
        order=lot.order,
        lot=lot,
        specification_id=specification.id,
        verdict=found.verdict,
        outcomes=[asdict(outcome) for outcome in found.outcomes],
        digest=digest,
    )
    details = {"verdict": evaluation.get_verdict_display()}
    publish("release.lot.evaluated", subject=lot, kind=LOT.kind, by=by, details=details)
    return evaluation


def _void_what_was_overtaken(lot: Lot, dossier: Dossier, *, by: User) -> None:
    """A review of a record that has changed counts no more; a signed decision is checked at its execution."""
    for disposition in lot.dispositions.filter(state=DispositionState.REVIEWED):
        if not covers(disposition, dossier):
            void(disposition, because="The record changed after the review.", by=by)


@verb("release.lot.infuse", roles=(Role.SITE,))
def record_infused(*, lot: Lot, by: User) -> Lot:
    """Called when the last bag has been given; the database asks for the infusion itself."""
    advance(lot, machine=LOT, event="release.lot.infused", by=by)
    return lot
