"""The standards and controls of a run: fitted, read back, and judged."""

from decimal import Decimal

from assays.kernel.fourpl import Curve, Refused, fit_curve
from assays.kernel.ifng.plate import Plate, grouped
from assays.kernel.ifng.values import AssayWell, ControlOutcome, Criterion, Method, Role, StandardLevel
from assays.kernel.missing import Missing
from assays.kernel.replicates import Replicates, summarise


def fit_standards(plate: Plate, method: Method) -> Curve | Refused:
    """The 4PL through every readable standard well (pg/mL, AU), anchors included, or why there is none.

    Raises nothing. Source: `fourpl.fit_curve`.
    """
    wells = plate.readable(plate.of(Role.STANDARD))
    doses = [float(well.nominal_pg_per_ml or 0) for well, _ in wells]
    return fit_curve(doses, [response for _, response in wells], weighting=method.weighting)


def judge_standards(
    plate: Plate, curve: Curve | Refused, method: Method, limits: tuple[Decimal, Decimal]
) -> tuple[StandardLevel, ...]:
    """Each level above zero, ascending: its wells read back from the curve, mean recovery and %CV.

    Recovery = 100·mean of the concentrations/nominal. Raises nothing; a level without a concentration fails. Source:
    ICH M10, acceptance of ligand-binding calibration curves.
    """
    wells = [well for well in plate.of(Role.STANDARD) if well.nominal_pg_per_ml]
    levels = grouped(wells, lambda well: well.nominal_pg_per_ml or Decimal(0))
    return tuple(
        _judge_level(plate, curve, method, limits, nominal, levels[nominal]) for nominal in sorted(levels)
    )


def _judge_level(
    plate: Plate,
    curve: Curve | Refused,
    method: Method,
    limits: tuple[Decimal, Decimal],
    nominal: Decimal,
    wells: list[AssayWell],
) -> StandardLevel:
    at_limit = nominal in limits
    tolerance = method.recovery_tolerance_at_limits_percent if at_limit else method.recovery_tolerance_percent
    cv_limit = method.cv_limit_at_limits_percent if at_limit else method.cv_limit_percent
    responses = summarise([response for _, response in plate.readable(wells)])
    concentration = _read_back(plate, curve, wells)
    recovery = _recovery(concentration, nominal)
    return StandardLevel(
        nominal_pg_per_ml=nominal,
        positions=tuple(well.position for well in wells),
        response=responses,
        concentration=concentration,
        recovery_percent=recovery,
        is_anchor=not limits[0] <= nominal <= limits[1],
        recovery_tolerance_percent=tolerance,
        cv_limit_percent=cv_limit,
        passed=concentration.n == responses.n
        and _within(recovery, tolerance)
        and _at_most(concentration.cv_percent, cv_limit),
    )


def judge_controls(plate: Plate, curve: Curve | Refused, method: Method) -> tuple[ControlOutcome, ...]:
    """Each control, by name: mean of its wells × dilution against its nominal value, in percent, and its %CV.

    Raises nothing; a control that cannot be read fails. Source: ICH M10, quality control samples.
    """
    controls = grouped(plate.of(Role.CONTROL), lambda well: well.name)
    return tuple(_judge_control(plate, curve, method, name, controls[name]) for name in sorted(controls))


def _judge_control(
    plate: Plate, curve: Curve | Refused, method: Method, name: str, wells: list[AssayWell]
) -> ControlOutcome:
    nominal = wells[0].nominal_pg_per_ml or Decimal(0)
    concentration = _read_back(plate, curve, wells)
    recovery = _recovery(concentration, nominal)
    return ControlOutcome(
        name=name,
        nominal_pg_per_ml=nominal,
        positions=tuple(well.position for well in wells),
        concentration=concentration,
        recovery_percent=recovery,
        passed=concentration.n == len(plate.readable(wells))
        and _within(recovery, method.control_tolerance_percent)
        and _at_most(concentration.cv_percent, method.cv_limit_percent),
    )


def criteria_of(
    plate: Plate,
    curve: Curve | Refused,
    method: Method,
    standards: tuple[StandardLevel, ...],
    controls: tuple[ControlOutcome, ...],
) -> tuple[Criterion, ...]:
    """Every validity criterion of the run, each with what was found and what is allowed. Raises nothing.

    Source: ICH M10, acceptance of a run, with the limits of the method.
    """
    judged = [level for level in standards if not level.is_anchor]
    return (
        _blank_criterion(plate, method),
        _curve_criterion(curve),
        _levels_criterion(judged, method),
        _passing_criterion(judged, method),
        _limit_criterion("Lowest standard (LLOQ)", judged[:1]),
        _limit_criterion("Highest standard (ULOQ)", judged[-1:]),
        *(_control_criterion(control, method) for control in controls),
    )


def _blank_criterion(plate: Plate, method: Method) -> Criterion:
    return Criterion(
        name="Blank",
        value=plate.blank.mean,
        unit="AU",
        limit=f"at most {method.blank_limit}",
        passed=_at_most(plate.blank.mean, method.blank_limit),
    )


def _curve_criterion(curve: Curve | Refused) -> Criterion:
    refused = isinstance(curve, Refused)
    return Criterion(
        name="Standard curve",
        value=Missing(curve.reason) if isinstance(curve, Refused) else "fitted",
        unit="",
        limit="four parameters, converged, both asymptotes estimable",
        passed=not refused,
    )


def _levels_criterion(judged: list[StandardLevel], method: Method) -> Criterion:
    readable = sum(level.response.n > 0 for level in judged)
    return Criterion(
        name="Standard levels",
        value=float(readable),
        unit="",
        limit=f"at least {method.minimum_levels} above zero",
        passed=readable >= method.minimum_levels,
    )


def _passing_criterion(judged: list[StandardLevel], method: Method) -> Criterion:
    share = 100 * sum(level.passed for level in judged) / len(judged) if judged else 0.0
    return Criterion(
        name="Standard levels within limits",
        value=share,
        unit="%",
        limit=f"at least {method.passing_levels_percent} (recovery ±{method.recovery_tolerance_percent} %, "
        f"±{method.recovery_tolerance_at_limits_percent} % at LLOQ and ULOQ; CV at most "
        f"{method.cv_limit_percent} %, {method.cv_limit_at_limits_percent} % at LLOQ and ULOQ)",
        passed=share >= method.passing_levels_percent,
    )


def _limit_criterion(name: str, levels: list[StandardLevel]) -> Criterion:
    if not levels:
        return Criterion(
            name=name, value=Missing("no such standard"), unit="%", limit="present", passed=False
        )
    level = levels[0]
    return Criterion(
        name=name,
        value=level.recovery_percent,
        unit="%",
        limit=f"recovery {_band(level.recovery_tolerance_percent)}, CV at most {level.cv_limit_percent} %",
        passed=level.passed,
    )


def _control_criterion(control: ControlOutcome, method: Method) -> Criterion:
    return Criterion(
        name=f"Control {control.name}",
        value=control.recovery_percent,
        unit="%",
        limit=f"recovery {_band(method.control_tolerance_percent)}, CV at most {method.cv_limit_percent} %",
        passed=control.passed,
    )


def _read_back(plate: Plate, curve: Curve | Refused, wells: list[AssayWell]) -> Replicates:
    """Concentrations of the wells that have a solution, × dilution, the range not asked for."""
    if isinstance(curve, Refused):
        return summarise([])
    doses = ((well, curve.dose_at(response)) for well, response in plate.readable(wells))
    return summarise(
        [dose * float(well.dilution_factor) for well, dose in doses if not isinstance(dose, Missing)]
    )


def _recovery(concentration: Replicates, nominal: Decimal) -> float | Missing:
    if isinstance(concentration.mean, Missing):
        return concentration.mean
    return 100 * concentration.mean / float(nominal) if nominal else Missing("the nominal value is zero")


def _within(recovery: float | Missing, tolerance: Decimal) -> bool:
    return not isinstance(recovery, Missing) and abs(recovery - 100) <= tolerance


def _at_most(value: float | Missing, limit: Decimal) -> bool:
    return not isinstance(value, Missing) and value <= limit


def _band(tolerance: Decimal) -> str:
    return f"{100 - tolerance}–{100 + tolerance} %"
