"""One well of a run as its page tells it: what it held, what was read, what came out, who masked it and why."""

from dataclasses import dataclass
from decimal import Decimal

from .kernel.missing import Missing
from .models import Masking, Run, Well
from .pictures import response_of, revived
from .selectors import masked_in, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class WellShown:
    position: str
    analyte: str  # of a multiplex plate, which has a row for each
    beads: int | None
    role: str
    label: str
    sample: str
    condition: str
    nominal: Decimal | None
    dilution: Decimal | None
    signal: Decimal | None
    reference: Decimal | None
    value: Decimal | Missing
    concentration: float | Missing | None  # None where the calculation reads none back
    left_out: str
    place: str  # where in the file
    masking: Masking | None  # that keeps it out at present
    history: list[Masking]

    @property
    def initial(self) -> dict[str, str]:
        """Of the form that masks it."""
        return {"positions": self.position, "analyte": self.analyte}


def well_of_run(run: Run, position: str, analyte: str = "") -> WellShown | None:
    """None if the run has no such well."""
    wells = [well for well in run.wells.all() if well.position == position.upper()]
    well = next((well for well in wells if analyte in ("", well.analyte)), None)
    if well is None:
        return None
    name = next((name for name in run.mapped_samples.all() if name.pk == well.mapped_sample_id), None)
    return WellShown(
        position=well.position,
        analyte=well.analyte,
        beads=well.bead_count,
        role=well.role,
        label=well.instrument_name,
        sample=name.sample.name if name and name.sample else "",
        condition=name.get_condition_display() if name else "",
        nominal=well.nominal,
        dilution=well.dilution,
        signal=well.signal,
        reference=well.reference,
        value=response_of(well),
        concentration=concentration_in(run, well),
        left_out=name.left_out if name else "",
        place=well.place,
        masking=masked_in(run, number=next_number(run)).get(well.pk),
        history=[masking for masking in run.maskings.all() if masking.well_id == well.pk],
    )


def concentration_in(run: Run, well: Well) -> float | Missing | None:
    """What the last computation read back of this very well, before its dilution."""
    for sample in (run.outcome or {}).get("samples", ()):
        for part in (sample["stimulated"], sample["unstimulated"]):
            for dilution in part["dilutions"]:
                for found in dilution["wells"]:
                    if found["position"] == well.position:
                        back = revived(found["back_calculation"])
                        return back if isinstance(back, Missing) else back["concentration"]
    return None
