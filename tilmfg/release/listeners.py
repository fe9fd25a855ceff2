"""What the rooms below do that concerns a lot; heard inside their transaction."""

from assays.models import Result
from tilmfg.records.events import listen, publish
from tilmfg.records.outbox import promise
from tilmfg.records.states import advance

from .failures import open_investigation_of_failure, report_withdrawn_failure
from .models import Lot
from .states import LOT, LotState

ORDER_CHAIN = "order:"


@listen("identity.order.placed")
def open_lot(event) -> None:
    lot = Lot.objects.create(order_id=event.subject_id)
    publish("release.lot.opened", subject=lot, kind=LOT.kind, by=event.actor, to_state=lot.state)


@listen("batches.batch.harvested")
def begin_testing(event) -> None:
    lot = lot_of(event)
    if lot is not None and lot.state == LotState.EXPANDING:
        advance(lot, machine=LOT, event="release.lot.harvested", by=event.actor)


@listen("assays.result.finalised")
def investigate_failure(event) -> None:
    lot, result = lot_of(event), result_of(event)
    if lot and result:
        open_investigation_of_failure(lot=lot, result=result)


@listen("assays.result.superseded")
def notice_withdrawn_failure(event) -> None:
    lot, result = lot_of(event), result_of(event)
    if lot and result:
        report_withdrawn_failure(lot=lot, result=result, because=event.details["because"])


@listen(
    "batches.batch.harvested",
    "assays.result.finalised",
    "assays.result.superseded",
    "quality.deviation.opened",
    "quality.deviation.closed",
    "identity.order.stopped",
    "identity.order.resumed",
)
def promise_evaluation(event) -> None:
    lot = lot_of(event)
    if lot is not None:
        promise("release.evaluate", key=f"{lot.pk}:{event.pk}", lot_id=lot.pk)


def lot_of(event) -> Lot | None:
    """The lot of the order in whose chain the event is; None for what belongs to the facility."""
    if not event.chain.startswith(ORDER_CHAIN):
        return None
    return Lot.objects.filter(order_id=event.chain.removeprefix(ORDER_CHAIN)).first()


def result_of(event) -> Result | None:
    results = Result.objects.select_related("sample", "method", "recorded_by", "reviewed_by")
    return results.filter(pk=event.subject_id).first()
