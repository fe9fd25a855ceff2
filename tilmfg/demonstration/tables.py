"""Tables of values with made-up contents, as the methods of the catalogue read them."""

from collections.abc import Iterable
from datetime import datetime
from math import log10
from zoneinfo import ZoneInfo

from assays.catalogue import ENDOTOXIN_KINETIC, MYCOPLASMA_PCR, STAINED, STAINED_CONTROL, T_CELLS
from assays.readers.table import HEAD

Line = tuple[str, str, str, str, int]  # sample, quantity, value, unit, dilution

SPIKED = " spiked"  # stands behind a sample's name
LAL, PCR = ENDOTOXIN_KINETIC["content"]["settings"], MYCOPLASMA_PCR["content"]["settings"]  # type: ignore[index]


def stained_cells(sample: str, *, t_cells_percent: float) -> list[Line]:
    """Counted events of the T-cell gate and its parent, with the control cells beside them."""
    live = 48_210
    counts = ((sample, live, round(live * t_cells_percent / 100)), (STAINED_CONTROL["name"], 20_000, 14_120))
    return [
        (name, gate, str(events), "events", 1)
        for name, of, events in counts
        for gate, events in ((STAINED, of), (T_CELLS, events))
    ]


def mycoplasma_free(sample: str) -> list[Line]:
    """Nothing amplifies but the positive control and the internal ones."""
    cq = {
        sample: (">40", "28.3"),
        PCR["negative"]: (">40", "28.1"),
        PCR["positive"]: ("31.2", "28.4"),
    }
    return [
        (name, quantity, value, "cycles", 1)
        for name, pair in cq.items()
        for quantity, value in zip((PCR["target"], PCR["internal"]), pair, strict=True)
        for _ in range(PCR["reactions"])
    ]


def kinetic_lal(sample: str, *, eu_per_ml: float, dilution: int = 10) -> list[Line]:
    """Onset times of standards, water and one sample, as it is and spiked, in duplicate."""
    spike = float(LAL["spike_eu_per_ml"])
    amounts = [(one["name"], float(one["eu_per_ml"]), 1) for one in LAL["standards"]]
    amounts += [(sample, eu_per_ml / dilution, dilution)]
    amounts += [(sample + SPIKED, eu_per_ml / dilution + spike, dilution)]
    read = [(name, _onset(amount), factor) for name, amount, factor in amounts]
    water = (LAL["negative"], float(LAL["run_seconds"]), 1)
    return [
        (name, LAL["quantity"], f"{seconds * share:.1f}", "s", factor)
        for name, seconds, factor in [*read, water]
        for share in ((0.99, 1.01) if seconds < water[1] else (1, 1))
    ]


def _onset(eu_per_ml: float) -> float:
    return 10 ** (3 - 0.2 * log10(eu_per_ml))


def csv_of(lines: Iterable[Line], *, measured_at: datetime, timezone: str) -> str:
    moment = f"{measured_at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S}"
    return "\n".join([HEAD, *(",".join([*map(str, line), moment]) for line in lines), ""])
