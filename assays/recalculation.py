"""A stored computation done again with today's kernel from what is stored. Nothing here writes."""

from dataclasses import dataclass
from typing import Any

from .kernel import VERSION
from .models import Computation
from .readers import UnableToRead
from .rules.exactness import Difference, differences
from .selectors import inputs_digest
from .selectors.bag_volumes import volumes_changed_since, volumes_then
from .services.computing import outcome_of

PLACE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """`inputs_agree` is None where no digest was kept at the time. `changed_since` says what the record says otherwise
    today; the computation is done again with what it was made from."""

    run: int
    computation: int
    kernel_then: str
    kernel_now: str
    inputs_agree: bool | None
    differences: tuple[Difference, ...]
    changed_since: tuple[str, ...] = ()

    @property
    def is_identical(self) -> bool:
        return not self.differences and self.inputs_agree is not False

    @property
    def plain(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "computation": self.computation,
            "kernel_then": self.kernel_then,
            "kernel_now": self.kernel_now,
            "inputs_agree": self.inputs_agree,
            "identical": self.is_identical,
            "differences": [
                {"path": one.path, "stored": one.stored, "found": one.found} for one in self.differences
            ],
            "changed_since": list(self.changed_since),
        }


def recalculate(computation: Computation) -> Recalculation:
    """The outcome to the last bit, or every place where it differs."""
    run, number = computation.run, computation.number
    try:
        apart = differences(
            computation.outcome, outcome_of(run, number=number, bag_volumes=volumes_then(computation)).kept
        )
    except UnableToRead as refusal:
        apart = [Difference(PLACE, "read", f"not read: {refusal}")]
    kept = computation.inputs_digest
    again = inputs_digest(run, number=number, bag_volumes=computation.bag_volumes)
    return Recalculation(
        run=run.pk,
        computation=number,
        kernel_then=computation.kernel_version,
        kernel_now=VERSION,
        inputs_agree=kept == again if kept else None,
        differences=tuple(apart),
        changed_since=tuple(volumes_changed_since(computation)),
    )
