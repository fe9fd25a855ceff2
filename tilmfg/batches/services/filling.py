"""What a step does to containers: samples are drawn when it is recorded; once it is verified, what it produces is
filled and what it opened is used up."""

from collections.abc import Mapping
from decimal import Decimal

from tilmfg.accounts.models import User
from tilmfg.identity import services as identity
from tilmfg.identity.models import Container
from tilmfg.identity.rules import CODE_PREFIXES
from tilmfg.records.errors import require
from tilmfg.records.events import publish

from ..containers import Bench
from ..models import Reading, Sample, StepExecution
from ..rules import Produced, Step, Value
from ..states import SAMPLE
from .due import UnableToRecord

Found = Mapping[str, Value | Reading]  # by parameter


def draw_samples(execution: StepExecution, bench: Bench, *, by: User) -> None:
    """One labelled vial for each purpose, in the order of the definition and of the vials' numbers."""
    for drawn, vial in zip(bench.step.samples, bench.vials, strict=True):
        identity.fill(container=vial, parents=parents(bench), volume_ml=None, viable_cells=None, by=by)
        sample = Sample.objects.create(
            name=f"{execution.batch.order.lot_number}-{vial.code}",
            order_id=execution.order_id,
            batch=execution.batch,
            execution=execution,
            container=vial,
            purpose=drawn.purpose,
            stage=drawn.stage,
            drawn_by=by,
            drawn_at=execution.performed_at,
        )
        publish(
            "batches.sample.drawn",
            subject=sample,
            kind=SAMPLE.kind,
            by=by,
            to_state=sample.state,
            details={
                "name": sample.name,
                "purpose": drawn.purpose,
                "stage": drawn.stage,
                "performed_at": sample.drawn_at.isoformat(),
            },
        )


def require_matching_excess(step: Step, codes: Mapping[str, list[str]], found: Found) -> None:
    """A container that is only filled if something is left over is there if, and only if, something is."""
    for produced in step.produces:
        if produced.only_if:
            amount, there = found[produced.only_if].value, codes[produced.prefix]
            require(
                there or not amount,
                UnableToRecord(f"Cells are left over: label and scan a {produced.label.lower()} first."),
            )
            require(
                amount or not there,
                UnableToRecord(f"No cells are left over, but {', '.join(there)} was scanned to be filled."),
            )


def move_containers(bench: Bench, found: Found, *, by: User) -> None:
    for produced in bench.step.produces:
        for container in bench.labelled[produced.prefix]:
            if bench.is_scanned(container):
                fill(container, produced, bench, found, by=by)
    places = {handled.prefix: handled.place for handled in bench.step.handles}
    for container in bench.handled:
        if place := places[CODE_PREFIXES[container.kind]]:
            identity.store(container=container, place=found[f"{place}[{container.code}]"].text, by=by)
        else:
            identity.consume(container=container, by=by)


def fill(container: Container, produced: Produced, bench: Bench, found: Found, *, by: User) -> None:
    identity.fill(
        container=container,
        parents=parents(bench),
        volume_ml=amount(produced.volume, container, found),
        viable_cells=amount(produced.cells, container, found),
        by=by,
    )
    if produced.place:
        place = found[f"{produced.place}[{container.code}]"].text
        identity.store(container=container, place=place, by=by)


def parents(bench: Bench) -> list[tuple[Container, Decimal | None, Decimal | None]]:
    """How much each one gave is not measured: they are pooled."""
    return [(container, None, None) for container in bench.handled]


def amount(code: str, container: Container, found: Found) -> Decimal | None:
    """The value of this container or, where it is the same for all, of the step."""
    if not code:
        return None
    return (found.get(f"{code}[{container.code}]") or found[code]).value
