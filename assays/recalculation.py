"""A stored computation done again with today's kernel from what is stored. Nothing here writes."""

from dataclasses import dataclass
from typing import Any

from .kernel import VERSION
from .models import Computation, Method, Run
from .readers import UnableToRead
from .reading import read_stored
from .rules.calculations import Outcome
from .rules.exactness import Difference, differences
from .rules.mapping import Choice
from .rules.plates import Reads
from .rules.rows import rows_of
from .selectors import inputs_digest, plan_import
from .services.computing import outcome_of

PLACE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """`inputs_agree` is None where no digest was kept at the time."""

    run: int
    computation: int
    kernel_then: str
    kernel_now: str
    inputs_agree: bool | None
    differences: tuple[Difference, ...]

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
        }


def recalculate(computation: Computation) -> Recalculation:
    """The outcome to the last bit, or every place where it differs."""
    run, number = computation.run, computation.number
    try:
        apart = differences(computation.outcome, outcome_again(run, number=number).kept)
    except UnableToRead as refusal:
        apart = [Difference(PLACE, "read", f"not read: {refusal}")]
    kept = computation.inputs_digest
    return Recalculation(
        run=run.pk,
        computation=number,
        kernel_then=computation.kernel_version,
        kernel_now=VERSION,
        inputs_agree=kept == inputs_digest(run, number=number) if kept else None,
        differences=tuple(apart),
    )


def outcome_again(run: Run, *, number: int) -> Outcome:
    """A plate from its stored wells; anything else from the stored file, with the mapping of that time."""
    if run.method.kind in (Method.Kind.PLATE, Method.Kind.MULTIPLEX):
        return outcome_of(run, number=number)
    file = run.method.rules.laid_out(read_stored(run.file, time_zone=run.instrument.time_zone))
    said = {(name.row, name.instrument_name): name for name in run.mapped_samples.select_related("sample")}
    choices = {
        row.key: Choice(
            sample_name=name.sample.name if name.sample else "",
            condition=name.condition,
            left_out=name.left_out,
        )
        for row in rows_of(file)
        if (name := said.get((row.number, row.name)))
    }
    reads = Reads(signal=run.signal_read, reference=run.reference_read)
    plan = plan_import(file, method=run.method, choices=choices, reads=reads)
    return plan.calculation.compute(plan.material)
