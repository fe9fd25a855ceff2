"""Plates read back from their standards."""

from decimal import Decimal
from typing import Any

from assays.kernel.forms import Form, Model, write
from assays.kernel.logit_plate import Arithmetic, Averaging, LimitFormat, LogitWell, read_logit_plate
from assays.kernel.missing import Missing
from assays.kernel.plates import PlateReading, PlateRole, PlateWell, read_plate
from assays.kernel.reference.names import name_of
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import bad, either, fields, number, one_of, text, whole
from assays.kernel.reference.tables import Role, Row, Table, decimal_of, number_of
from assays.kernel.reference.tasks.curves import fit_to, form, model, weights
from assays.kernel.rounding import Ties
from assays.kernel.status import Status, Unanswered

Answers = dict[str, Any]
_SINGLE = Unanswered("A single value has no spread.", Status.TOO_FEW_VALUES)

ties = one_of("half_up", "half_even")


@task(
    "backcalculate_plate",
    roles={
        "well": Role(),
        "role": Role(),
        "concentration": Role(),
        "signal": Role(),
        "background": Role(required=False),
        "sample": Role(required=False),
        "dilution": Role(required=False),
        "masked": Role(required=False),
    },
    settings={
        "model": model,
        "form": form,
        "weights": weights,
        "fit_to": fit_to,
        "range_rule": one_of("response_vs_standard_means"),
    },
    optional={"units": text},
)
def backcalculate_plate(table: Table, settings: Settings) -> Answers:
    """Every used well read back from the curve of the standards: `plates.read_plate`."""
    used = [row for row in table.rows if _is_used(row)]
    reading = read_plate(
        [_well(row) for row in used],
        model=Model(settings["model"]),
        form=Form(settings["form"]),
        weights=settings["weights"],
        level_means=settings["fit_to"] == "level_means",
    )
    written = write(reading.fit, Form(settings["form"]))
    answers: Answers = {f"fit.{key}": value for key, value in written.as_dict().items()}
    answers |= {
        "fit.rss": reading.fit.rss,
        "standards.min_mean_response": reading.lowest_mean,
        "standards.max_mean_response": reading.highest_mean,
    }
    return answers | _well_answers(reading) | _sample_answers(reading)


def _well_answers(reading: PlateReading) -> Answers:
    answers: Answers = {}
    for position, concentration in reading.concentrations.items():
        solved = not isinstance(concentration, Unanswered)
        answers |= {
            f"wells.{position}.status": "ok" if solved else Status.NO_SOLUTION.value,
            f"wells.{position}.concentration": concentration,
            f"wells.{position}.range_flag": reading.flags[position],
        }
    for level, recovery in reading.recovery.items():
        answers[f"levels.{level}.recovery_percent"] = recovery
    return answers


def _sample_answers(reading: PlateReading) -> Answers:
    answers: Answers = {}
    for sample, found in reading.samples.items():
        summary, path = found.concentration, f"samples.{sample}"
        nothing = Unanswered("No well of the sample has a solution.", Status.NO_SOLUTION)
        answers[f"{path}.mean"] = nothing if isinstance(summary.mean, Missing) else summary.mean
        for key, value in (("sd", summary.sd), ("cv_percent", summary.cv_percent)):
            none = nothing if summary.n == 0 else _SINGLE
            answers[f"{path}.{key}"] = none if isinstance(value, Missing) else value
        answers[f"{path}.adjusted"] = found.adjusted
    return answers


def _is_used(row: Row) -> bool:
    masked = row.get("masked", "")
    if masked not in ("", "0", "1"):
        raise bad(f"masked of well {row['well']}", masked, "0 or 1")
    return masked != "1" and row["role"] in {role.value for role in PlateRole}


def _well(row: Row) -> PlateWell:
    position = str(row["well"])

    def cell(role: str) -> float | None:
        given = str(row.get(role, ""))
        return number_of(given, f"The {role} of well {position}") if given else None

    signal = number_of(str(row["signal"]), f"The signal of well {position}")
    return PlateWell(
        position=position,
        role=PlateRole(str(row["role"])),
        response=signal - (cell("background") or 0.0),
        nominal=cell("concentration") if row["role"] == PlateRole.STANDARD else None,
        sample=name_of(str(row.get("sample", ""))),
        dilution=cell("dilution"),
    )


@task(
    "backcalculate_plate_logit",
    roles={"well": Role(), "signal": Role(), "concentration": Role(), "sample": Role(), "dilution": Role()},
    settings={
        "blank": either(lambda v: isinstance(v, str), one_of("mean_of_zero_standards"), number()),
        "bmax": number(),
        "range_check": fields(
            {"on": one_of("concentration_before_dilution")}, {"round_significant": whole(least=1)}
        ),
        "limit_format": fields({"significant": whole(least=1), "ties": ties}),
        "average": fields(
            {
                "of": one_of("results_rounded", "results"),
                "significant": whole(least=1),
                "ties": ties,
                "arithmetic": one_of("decimal", "binary32"),
                "order": one_of("table", "by_dilution"),
            }
        ),
    },
    optional={"units": text},
)
def backcalculate_plate_logit(table: Table, settings: Settings) -> Answers:
    """The same by the logit-log line, printed as a workbook prints: `logit_plate.read_logit_plate`."""
    limits, average = settings["limit_format"], settings["average"]
    reading = read_logit_plate(
        [_logit_well(row) for row in table.rows],
        blank=None if isinstance(settings["blank"], str) else settings["blank"],
        bmax=settings["bmax"],
        limits=LimitFormat(limits["significant"], Ties(limits["ties"])),
        averaging=Averaging(
            rounded=average["of"] == "results_rounded",
            significant=average["significant"],
            ties=Ties(average["ties"]),
            arithmetic=Arithmetic(average["arithmetic"]),
            by_dilution=average["order"] == "by_dilution",
        ),
        round_significant=settings["range_check"]["round_significant"],
    )
    answers: Answers = {
        "fit.blank": reading.blank,
        "fit.bmax": settings["bmax"],
        "fit.slope": reading.line.slope,
        "fit.intercept": reading.line.intercept,
        "fit.correlation": reading.correlation,
        "fit.conc_at_half_bmax": reading.half_of_maximum,
    }
    answers |= {f"wells.{position}.result": result for position, result in reading.results.items()}
    return answers | {f"samples.{sample}.average": value for sample, value in reading.averages.items()}


def _logit_well(row: Row) -> LogitWell:
    position = str(row["well"])

    def cell(role: str) -> Decimal | None:
        given = str(row[role])
        return decimal_of(given, f"The {role} of well {position}") if given else None

    return LogitWell(
        position=position,
        signal=number_of(str(row["signal"]), f"The signal of well {position}"),
        concentration=cell("concentration"),
        sample=name_of(str(row["sample"])),
        dilution=cell("dilution"),
    )


TASKS = (backcalculate_plate, backcalculate_plate_logit)
