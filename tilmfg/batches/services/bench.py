"""Before a step is recorded: label what it fills, scan what it opens and fills."""

from collections.abc import Mapping
from datetime import timedelta

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.identity import services as identity
from tilmfg.identity.isbt128 import UnableToReadIdentifier
from tilmfg.identity.models import Container, Label, Scan
from tilmfg.identity.rules import read_identifier
from tilmfg.identity.states import CONTAINER, LabelState
from tilmfg.records.days import facility_today
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.states import advance

from ..containers import KINDS, bench_of, by_number, scan_purpose
from ..models import Batch
from ..rules import Produced
from .due import locked, require_due


class UnableToLabel(UnableTo):
    """No label is made."""


class UnableToScan(UnableTo):
    """What was read cannot be compared with anything."""


@verb("batches.step.label", roles=(Role.TECHNICIAN,))
def label_containers(*, batch: Batch, step: str, counts: Mapping[str, int], by: User) -> list[Container]:
    """Labels for what the step fills (`counts`: prefix → how many) and for the vials of its samples."""
    batch = locked(batch)
    require_qualified(by, batch.definition.qualification)
    _, due = require_due(batch, step)
    bench = bench_of(batch, due)
    produced = {item.prefix: item for item in due.produces}
    made = []
    for prefix, count in counts.items():
        require(prefix in produced, UnableToLabel(f"No {prefix} is filled in this step.", field=prefix))
        if count:
            require_labels(produced[prefix], count, there=bench.labelled[prefix])
            made += identity.label_containers(
                order=batch.order,
                kind=KINDS[prefix],
                count=count,
                expiry_date=expiry_date(produced[prefix]),
                by=by,
            )
    if bench.vials_unlabelled:
        made += identity.label_containers(
            order=batch.order, kind=KINDS["QC"], count=bench.vials_unlabelled, expiry_date=None, by=by
        )
    require(made, UnableToLabel("Nothing is left to be labelled for this step."))
    return made


def require_labels(produced: Produced, count: int, *, there: list[Container]) -> None:
    """All at once, because each label says how many there are."""
    require(
        not there,
        UnableToLabel(
            f"{produced.label}: {', '.join(item.code for item in there)} is labelled already and still empty.",
            field=produced.prefix,
        ),
    )
    require(
        produced.least <= count <= produced.most,
        UnableToLabel(
            f"{produced.label}: {count} is not within {produced.least} to {produced.most}.",
            field=produced.prefix,
        ),
    )


def expiry_date(produced: Produced):
    if produced.expires_after_days is None:
        return None
    return facility_today() + timedelta(days=produced.expires_after_days)


@verb("batches.step.discard", roles=(Role.TECHNICIAN,))
def discard_containers(*, batch: Batch, step: str, prefix: str, reason: str, by: User) -> list[Container]:
    """Give up the empty containers labelled for this step, papers and all, so that another number can be labelled."""
    batch = locked(batch)
    require_qualified(by, batch.definition.qualification)
    _, due = require_due(batch, step)
    require(reason.strip(), UnableToLabel("State why the labels are destroyed.", field="reason"))
    there = bench_of(batch, due).labelled.get(prefix, [])
    require(there, UnableToLabel("Nothing of this kind is labelled and empty.", field="prefix"))
    for label in Label.objects.filter(container__in=there, state=LabelState.PRINTED):
        identity.destroy_label(label=label, by=by)
    for container in there:
        advance(
            container,
            machine=CONTAINER,
            event="identity.container.destroyed",
            by=by,
            details={"code": container.code, "reason": reason.strip()},
        )
    return there


@verb("batches.step.scan", roles=(Role.TECHNICIAN,))
def scan_container(*, batch: Batch, step: str, read: str, by: User) -> Scan:
    """Compare a label with those that belong on the bench now. A wrong one stops the order: look at `matches`."""
    batch = locked(batch)
    require_qualified(by, batch.definition.qualification)
    _, due = require_due(batch, step)
    bench = bench_of(batch, due)
    expected = by_number([*bench.handled, *bench.to_fill])
    require(expected, UnableToScan("Label the containers of this step first.", field="read"))
    try:
        scanned = read_identifier(read)
    except UnableToReadIdentifier as unreadable:
        raise UnableToScan(str(unreadable), field="read") from None
    is_ours = str(scanned.coi_id) == batch.order.coi_id
    require(
        scanned.container_code or not is_ours,
        UnableToScan("This names the order only; scan the label of the container itself.", field="read"),
    )
    here = next((item for item in expected if is_ours and item.code == scanned.container_code), None)
    require(
        here is None or not bench.is_scanned(here),
        UnableToScan(f"{scanned.container_code} is scanned already.", field="read"),
    )
    against = here or next(iter(bench.pending), expected[0])
    return identity.record_scan(
        order=batch.order, purpose=scan_purpose(due), expected=against.payload, read=read, by=by
    )
