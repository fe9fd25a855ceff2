"""The net cytokine of a run by the second solver: the same wells, weights and rules, another curve."""

from collections.abc import Iterator, Sequence
from math import fsum

from assays.kernel import ifng
from assays.kernel.fourpl import Curve
from assays.kernel.ifng.plate import Plate, arrange_plate
from assays.kernel.missing import Missing
from assays.kernel.replicates import average
from assays.kernel.second_solver import SecondCurve

from .second_opinion import Compared, SecondOpinion, compare, solve_again

PG = ifng.PG_PER_ML


def second_opinion(
    wells: Sequence[ifng.AssayWell], method: ifng.Method, outcome: ifng.RunOutcome
) -> SecondOpinion | None:
    """None where the first solver refused a curve: there is no number to compare."""
    if not isinstance(outcome.curve, Curve):
        return None
    plate = arrange_plate(wells)
    standards = plate.readable(plate.of(ifng.Role.STANDARD))
    doses = [float(well.nominal_pg_per_ml or 0) for well, _ in standards]
    second, parameters = solve_again(outcome.curve, doses, [response for _, response in standards])
    if isinstance(second, Missing):
        return SecondOpinion(problem=second.reason)
    concentrations = [*_read_back(plate, second, outcome), *_measured(second, method, outcome)]
    return SecondOpinion(compared=(*parameters, *concentrations))


def _read_back(plate: Plate, second: SecondCurve, outcome: ifng.RunOutcome) -> Iterator[Compared]:
    """The mean of every standard level and of every control."""
    wells = {well.position: well for well in plate.wells}
    named: list[tuple[str, ifng.StandardLevel | ifng.ControlOutcome]] = [
        *((f"standard {level.nominal_pg_per_ml.normalize():f}", level) for level in outcome.standards),
        *((control.name, control) for control in outcome.controls),
    ]
    for name, found in named:
        if isinstance(found.concentration.mean, Missing):
            continue
        doses = [
            dose * float(well.dilution_factor)
            for well, response in plate.readable([wells[position] for position in found.positions])
            if not isinstance(dose := second.dose_at(response), Missing)
        ]
        again = fsum(doses) / len(doses) if doses else Missing("no well has a solution")
        yield compare(name, found.concentration.mean, again, unit=PG)


def _measured(second: SecondCurve, method: ifng.Method, outcome: ifng.RunOutcome) -> Iterator[Compared]:
    """Every dilution that counts, then the net of every sample."""
    for sample in outcome.samples:
        again = {}
        for part in (sample.stimulated, sample.unstimulated):
            corrected = []
            for dilution in part.dilutions:
                if not isinstance(dilution.corrected_pg_per_ml, Missing):
                    corrected.append(_dilution(second, dilution))
                    name = f"{sample.name} {part.condition} 1 : {dilution.dilution_factor.normalize():f}"
                    yield compare(name, dilution.corrected_pg_per_ml, corrected[-1], unit=PG)
            again[part.condition] = _combined(part, corrected, method)
        if isinstance(sample.net, ifng.Reportable):
            yield compare(
                f"{sample.name} net",
                sample.net.raw,
                _net(again[ifng.Condition.STIMULATED], again[ifng.Condition.UNSTIMULATED], method),
                unit=method.unit,
                of=max(abs(sample.net.raw), _size(sample.stimulated)),
            )


def _dilution(second: SecondCurve, dilution: ifng.DilutionOutcome) -> float | Missing:
    doses = [
        second.dose_at(well.response) for well in dilution.wells if not isinstance(well.response, Missing)
    ]
    solved = [dose for dose in doses if not isinstance(dose, Missing)]
    if len(solved) < len(doses):
        return Missing("a well has no solution")
    return fsum(solved) / len(solved) * float(dilution.dilution_factor)


def _combined(
    part: ifng.ConditionOutcome, corrected: list[float | Missing], method: ifng.Method
) -> float | Missing:
    """Of the dilutions in range; where all share a bound, the bound, which comes from no curve."""
    if isinstance(part.measured, Missing):
        return part.measured
    if not corrected:
        return part.measured.pg_per_ml
    solved = [value for value in corrected if not isinstance(value, Missing)]
    return (
        average(solved, kind=method.combination) if len(solved) == len(corrected) else Missing("no solution")
    )


def _net(stimulated: float | Missing, unstimulated: float | Missing, method: ifng.Method) -> float | Missing:
    if isinstance(stimulated, Missing) or isinstance(unstimulated, Missing):
        return Missing("a part of it has no solution")
    net = stimulated - unstimulated
    if method.normalisation is None:
        return net
    volume, cells = method.normalisation.culture_volume_ml, method.normalisation.viable_cells_per_well
    return net * float(volume) / float(cells) * 1e6


def _size(part: ifng.ConditionOutcome) -> float:
    """A net close to zero is as uncertain as what it is the difference of."""
    return 0.0 if isinstance(part.measured, Missing) else part.measured.pg_per_ml
