"""Reads a lot's audit trail for its review: the order's whole chain, and unusual runs of its samples."""

from collections.abc import Sequence

from django.db.models import Q

from assays.models import Run
from assays.states import RunState
from tilmfg.records.models import AuditEvent
from tilmfg.records.trail.integrity import first_break
from tilmfg.records.trail.tables import columns_moved_by_verbs
from tilmfg.records.trail.words import tell

from ..models import Lot
from ..trail import Change, Group, LotTrail, Noticed, UnusualRun, group_of, reason_in


def trail_of(lot: Lot, *, up_to: int | None = None) -> LotTrail:
    """The trail as it stood when its last event was `up_to`, else as it stands."""
    chain = AuditEvent.objects.filter(chain=lot.chain).order_by("seq")
    events = list(chain if up_to is None else chain.filter(seq__lte=up_to))
    last = events[-1] if events else None
    return LotTrail(
        chain=lot.chain,
        last_sequence=last.seq if last else 0,
        last_hash=bytes(last.hash).hex() if last else "",
        events=len(events),
        records=len({(event.relation, event.key) for event in events}),
        noticed=_noticed(events),
        runs=_unusual_runs(lot),
        broken_at=first_break(events),
    )


def _noticed(events: Sequence[AuditEvent]) -> tuple[Noticed, ...]:
    """The gravest first, then as they happened."""
    groups = {event.seq: group for event in events if (group := _group(event))}
    told = tell(event for event in events if event.seq in groups)
    noticed = (
        Noticed(
            sequence=one.event.seq,
            group=groups[one.event.seq],
            what=one.what,
            record=one.record,
            who=one.who,
            at=one.event.at,
            reason=one.event.reason or reason_in(one.event.before_and_after[1] or {}),
            changes=tuple(
                Change(field=change.label, old=change.old, new=change.new) for change in one.changes
            ),
        )
        for one in told
    )
    gravity = list(Group)
    return tuple(sorted(noticed, key=lambda one: (gravity.index(one.group), one.sequence)))


def _group(event: AuditEvent) -> Group | None:
    old, new = event.before_and_after
    return group_of(
        relation=event.relation,
        operation=event.op,
        old=old,
        new=new,
        moved_by_verbs=columns_moved_by_verbs(event.relation),
    )


def _unusual_runs(lot: Lot) -> tuple[UnusualRun, ...]:
    unusual = Q(state=RunState.REJECTED) | ~Q(findings=[])
    runs = Run.objects.filter(unusual, mapped_samples__sample__order=lot.order_id).distinct().order_by("pk")
    return tuple(
        UnusualRun(run=run.pk, state=run.state, findings=tuple(run.findings), acceptance=run.acceptance)
        for run in runs
    )
