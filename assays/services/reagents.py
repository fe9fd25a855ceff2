"""The lots of material that a run used: released, not expired, of the very material that the method names."""

from collections.abc import Mapping
from datetime import datetime

from assays.models import Run, RunReagent
from assays.selectors.reagents import lots_scanned
from tilmfg.facility.models import MaterialLot
from tilmfg.records.days import facility_day
from tilmfg.records.errors import UnableTo, require


class UnableToUseLot(UnableTo):
    """This lot is not used for this reagent."""


def usable_lots(
    reagents: tuple[str, ...], codes: Mapping[str, str], *, measured_at: datetime
) -> dict[str, MaterialLot]:
    """By reagent the lot that was scanned for it; `codes` by reagent. Raises UnableToUseLot naming its input."""
    known = lots_scanned(codes.values())
    return {
        reagent: _usable(reagent, codes.get(reagent, ""), known, measured_at, field=f"reagent_{number}")
        for number, reagent in enumerate(reagents)
    }


def why_not_usable(
    reagents: tuple[str, ...], codes: Mapping[str, str], *, measured_at: datetime
) -> dict[str, str]:
    """By input: what is wrong with what was scanned there."""
    known, found = lots_scanned(codes.values()), {}
    for number, reagent in enumerate(reagents):
        try:
            field = f"reagent_{number}"
            _usable(reagent, codes.get(reagent, ""), known, measured_at, field=field)
        except UnableToUseLot as refusal:
            found[field] = str(refusal)
    return found


def _usable(
    reagent: str, code: str, known: Mapping[str, MaterialLot], measured_at: datetime, *, field: str
) -> MaterialLot:
    code = code.strip()
    require(code, UnableToUseLot(f"{reagent}: scan the lot that was used.", field=field))
    lot = known.get(code.upper())
    if lot is None:
        raise UnableToUseLot(f"{reagent}: no material lot has the code “{code}”.", field=field)
    require(
        lot.material.lower() == reagent.lower(),
        UnableToUseLot(f"{reagent}: {code} is {lot}, another material ({lot.material}).", field=field),
    )
    require(
        lot.status == MaterialLot.Status.RELEASED,
        UnableToUseLot(
            f"{reagent}: {lot} is not released for use ({lot.get_status_display().lower()}).", field=field
        ),
    )
    require(
        lot.expiry_date >= facility_day(measured_at),
        UnableToUseLot(
            f"{reagent}: {lot} expired on {lot.expiry_date:%d %b %Y}, before the measurement.", field=field
        ),
    )
    return lot


def keep_lots(run: Run, lots: Mapping[str, MaterialLot]) -> None:
    for reagent, lot in lots.items():
        RunReagent.objects.create(run=run, reagent=reagent, lot=lot)
