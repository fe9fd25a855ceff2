"""Which wells or rows a computation leaves out, why it was made, and of what."""

from typing import Any

from assays.models import Masking, Run
from tilmfg.records.canonical import digest

from .assays import earlier_assays


def next_number(run: Run) -> int:
    """Of the computation that is still to come."""
    return run.computations.count() + 1


def masked_in(run: Run, *, number: int) -> dict[int, Masking]:
    """By the key of a well, or by the number of a row of a run without wells: the masking that keeps it out of
    computation `number`."""
    last = {
        key: masking
        for masking in run.maskings.all()
        if masking.computation <= number and (key := masking.well_id or masking.row)
    }
    return {place: masking for place, masking in last.items() if masking.masked}


def why_computed(run: Run, *, number: int) -> str:
    """The reason of the person who asked for this computation; the first one needs none."""
    asked = next((masking for masking in run.maskings.all() if masking.computation == number), None)
    return asked.reason if asked else ""


def inputs_digest(run: Run, *, number: int, bag_volumes: dict[str, Any] | None = None) -> str:
    """SHA-256 over everything that computation `number` is made from, spelled canonically; `bag_volumes` as it keeps
    them."""
    masked = masked_in(run, number=number)
    rows = sorted([masking.row, masking.reason] for masking in masked.values() if masking.row)
    earlier = {
        sample: [[one.run, repr(one.log_ratio), repr(one.variance), one.df] for one in assays]
        for sample, assays in earlier_assays(run).items()
    }
    return digest(
        {
            "file": run.file.sha256,
            "method": run.method.digest,
            "reads": [run.signal_read, run.reference_read],
            "names": [
                [name.row, name.instrument_name, name.sample.name if name.sample else None, name.condition]
                for name in run.mapped_samples.select_related("sample").order_by("pk")
            ],
            "wells": [
                [
                    well.position,
                    well.role,
                    well.instrument_name,
                    well.nominal,
                    well.dilution,
                    well.signal,
                    well.reference,
                    well.missing,
                    masked[well.pk].reason if well.pk in masked else "",
                    *([well.analyte, well.bead_count] if well.analyte else []),
                ]
                for well in run.wells.order_by("pk")
            ],
        }
        | ({"earlier": earlier} if earlier else {})
        | ({"masked_rows": rows} if rows else {})
        | ({"bag_volumes": bag_volumes} if bag_volumes is not None else {})
    )
