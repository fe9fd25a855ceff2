"""One run of the release assay, from wells to reportable values."""

from collections.abc import Sequence

from assays.kernel import VERSION
from assays.kernel.ifng.plate import UnableToCompute, arrange_plate, limits_of
from assays.kernel.ifng.samples import Assay, measure_samples
from assays.kernel.ifng.standards import criteria_of, fit_standards, judge_controls, judge_standards
from assays.kernel.ifng.values import AssayWell, Method, RunOutcome, first_failure

__all__ = ["UnableToCompute", "compute_run"]


def compute_run(*, wells: Sequence[AssayWell], method: Method) -> RunOutcome:
    """Blank → curve → back-fit → validity → samples.

    The mean blank is taken off every response; the 4PL curve is fitted to the standard wells with the
    method's weighting; standards and controls are read back and judged; samples are measured well by
    well, replicate by replicate, dilution by dilution (pg/mL). Net = stimulated − unstimulated, per 10⁶
    viable cells if the method says so, full precision to the end, rounded once half up.

    Validity comes before conformity: an invalid run gives no result, every sample is Missing with the
    first criterion that failed. Raises UnableToCompute when the wells are no run of this assay (a well
    twice, a standard without concentration, a sample without name or condition). Source: domain practice
    after ICH M10 for the standard curve; USP General Notices 7.20 for rounding.
    """
    plate = arrange_plate(wells)
    limits = limits_of(plate, method)
    curve = fit_standards(plate, method)
    standards = judge_standards(plate, curve, method, limits)
    controls = judge_controls(plate, curve, method)
    criteria = criteria_of(plate, curve, method, standards, controls)
    assay = Assay(plate, curve, method, float(limits[0]), float(limits[1]))
    return RunOutcome(
        kernel_version=VERSION,
        curve=curve,
        lloq_pg_per_ml=limits[0],
        uloq_pg_per_ml=limits[1],
        blank=plate.blank,
        standards=standards,
        controls=controls,
        criteria=criteria,
        samples=measure_samples(assay, invalid_because=first_failure(criteria)),
    )
