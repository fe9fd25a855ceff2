"""Which containers a step of a batch takes in hand: those it opens or stores and those it fills."""

from collections.abc import Iterable
from dataclasses import dataclass

from tilmfg.identity.models import Container, Scan
from tilmfg.identity.rules import CODE_PREFIXES
from tilmfg.identity.states import ContainerState

from .models import Batch
from .rules import Produced, SampleDrawn, Step

KINDS = {prefix: kind for kind, prefix in CODE_PREFIXES.items()}


def scan_purpose(step: Step) -> str:
    """What a scan made for this step says it was made for."""
    return f"batches.step.{step.code}"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What stands on the bench for one step that is not recorded yet."""

    step: Step
    handled: list[Container]
    labelled: dict[str, list[Container]]  # prefix → labelled and still empty
    scanned: frozenset[str]  # payloads

    def is_scanned(self, container: Container) -> bool:
        return container.payload in self.scanned

    @property
    def to_fill(self) -> list[Container]:
        return [container for produced in self.step.produces for container in self.labelled[produced.prefix]]

    @property
    def vials(self) -> list[Container]:
        return self.labelled["QC"][: len(self.step.samples)]

    @property
    def rows(self) -> list[tuple[Container, str, bool]]:
        """Each container, what becomes of it in this step, and whether it has been scanned."""
        stored = {handled.prefix for handled in self.step.handles if handled.place}
        words = [
            (item, "is put into storage" if CODE_PREFIXES[item.kind] in stored else "is opened and used up")
            for item in self.handled
        ]
        words += [(item, "is filled") for item in self.to_fill]
        return [(item, role, self.is_scanned(item)) for item, role in words]

    @property
    def drawn(self) -> list[tuple[SampleDrawn, Container]]:
        return list(zip(self.step.samples, self.vials, strict=False))

    @property
    def discardable(self) -> list[Produced]:
        return [item for item in self.step.produces if self.labelled[item.prefix]]

    @property
    def unlabelled(self) -> list[Produced]:
        """What must be labelled before the step can go on."""
        return [item for item in self.step.produces if not item.only_if and not self.labelled[item.prefix]]

    @property
    def vials_unlabelled(self) -> int:
        return len(self.step.samples) - len(self.vials)

    @property
    def pending(self) -> list[Container]:
        """What must be scanned before the step can be recorded."""
        optional = {produced.prefix for produced in self.step.produces if produced.only_if}
        wanted = [item for item in self.to_fill if CODE_PREFIXES[item.kind] not in optional]
        return [item for item in (*self.handled, *wanted) if not self.is_scanned(item)]

    @property
    def is_complete(self) -> bool:
        return not (self.unlabelled or self.vials_unlabelled or self.pending)

    def codes(self) -> dict[str, list[str]]:
        """The scanned containers by prefix, as rules.evaluate wants them: what is filled, else what is handled."""
        codes: dict[str, list[str]] = {prefix: [] for prefix in self.step.container_prefixes()}
        filled = {item.prefix for item in self.step.produces}
        for container in self.to_fill:
            if self.is_scanned(container):
                codes[CODE_PREFIXES[container.kind]].append(container.code)
        for container in self.handled:
            if CODE_PREFIXES[container.kind] not in filled:
                codes[CODE_PREFIXES[container.kind]].append(container.code)
        return codes


def bench_of(batch: Batch, step: Step) -> Bench:
    """Two queries, however many containers there are."""
    containers = by_number(batch.order.containers.all())
    handled_kinds = {KINDS[handled.prefix] for handled in step.handles}
    return Bench(
        step=step,
        handled=[
            item for item in containers if item.state == ContainerState.IN_USE and item.kind in handled_kinds
        ],
        labelled={
            prefix: [
                item for item in containers if item.state == ContainerState.LABELLED and item.kind == kind
            ]
            for prefix, kind in KINDS.items()
        },
        scanned=frozenset(
            Scan.objects.filter(
                order_id=batch.order_id, purpose=scan_purpose(step), matches=True
            ).values_list("expected", flat=True)
        ),
    )


def by_number(containers: Iterable[Container]) -> list[Container]:
    """FL2 before FL10."""
    return sorted(containers, key=lambda container: (container.code[:2], int(container.code[2:])))
