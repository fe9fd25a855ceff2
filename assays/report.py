"""The report of a run: what its page shows, as one record for paper."""

from collections.abc import Iterable
from datetime import datetime

from tilmfg.documents.contents import HouseHeading, Picture, Record, Section, Table
from tilmfg.documents.text import instant
from tilmfg.identity.report_content import signature_line
from tilmfg.records.signature_status import status
from tilmfg.shell.numbers import readable, why_missing

from .answers import answers_side_by_side, computations_shown
from .any_calculation import charts_shown, tables_shown
from .drawn import curve_svg, plate_svg
from .kernel.missing import Missing
from .models import Run, Well
from .outlier_hints import Hint, outlier_hints
from .pictures import OutcomeShown, outcome_of, plates_of_run, response_of, revived
from .rules.controls import Standing
from .selectors import last_recalculation, masked_in, next_number, results_of_run
from .selectors.judged_controls import controls_of_run
from .selectors.reagents import reagents_of
from .shown_rows import rows_of_run

Rows = Iterable[tuple[str, ...]]


def report_content(run: Run, *, generated_at: datetime) -> Record:
    """The same run at the same time gives the same report to the last byte."""
    outcome = outcome_of(run)
    sections = [
        _facts(run),
        _results(run),
        _criteria(outcome),
        _controls(run),
        _computations(run),
        *_calculated(run, outcome),
        _second_solver(run),
        _plate(run),
        _counts(outcome),
        _rows(run, outcome),
        _names(run),
        _recalculation(run),
    ]
    return Record(
        heading=HouseHeading(document_id=f"RUN-{run.pk}", generated_at=generated_at),
        title=f"Report of run {run.pk}",
        subtitle=f"{run.method.name}, version {run.method.version}: {run.get_state_display().lower()}",
        sections=tuple(section for section in sections if section is not None),
        signatures=(signature_line(run.review, status(run.review, of=run)),) if run.review else (),
    )


def _facts(run: Run) -> Section:
    reads = f"{run.signal_read} − {run.reference_read}" if run.reference_read else run.signal_read
    current = run.current
    return Section(
        title="The run",
        facts=(
            ("State", run.get_state_display()),
            ("Method", str(run.method)),
            ("Instrument", str(run.instrument)),
            ("Analyst", run.analyst.printed_name),
            ("Measured (UTC)", instant(run.measured_at)),
            ("Imported (UTC)", instant(run.recorded_at)),
            ("File", run.file.filename),
            ("Format", run.file.format),
            *_plate_said(run),
            ("Readings", reads or "none"),
            ("Computation", f"{current.number} of {run.computations.count()}" if current else "not yet"),
            ("Kernel", run.kernel_version or "not kept then"),
            ("Imported although", "; ".join(run.findings) or "nothing was unusual"),
            ("because", run.acceptance or "nothing was unusual"),
        ),
        tables=(
            *_reagents(run),
            _table(
                ("Digest (SHA-256) of", "Value"),
                [
                    ("the file", run.file.sha256),
                    ("the method", run.method.digest),
                    ("the inputs", (current and current.inputs_digest) or "not kept then"),
                ],
                widths=(1, 4),
            ),
        ),
    )


def _plate_said(run: Run) -> list[tuple[str, str]]:
    said = [("Plate", f"{run.plate_scanned}, {run.plate_said}")] if run.plate_scanned else []
    return said + ([("Of several in the file", run.plate_in_file)] if run.plate_in_file else [])


def _reagents(run: Run) -> tuple[Table, ...]:
    rows = [
        (used.reagent, used.lot.name, used.lot.lot_number, used.lot.code, f"{used.lot.expiry_date:%Y-%m-%d}")
        for used in reagents_of(run)
    ]
    return (_table(("Reagent", "Material", "Lot", "Code", "Expires"), rows),) if rows else ()


def _results(run: Run) -> Section:
    rows = [
        (
            f"{result.attribute_name}, {result.get_stage_display().lower()}",
            result.sample.name,
            f"{result.in_words} {result.notes}".strip(),
            result.get_state_display(),
            result.reason
            and f"{'computed' if result.is_computed_again else 'measured'} again: {result.reason}",
        )
        for result in results_of_run(run)
    ]
    return Section(
        title="Results",
        text="" if rows else "This run gives no result.",
        tables=(_table(("Attribute", "Sample", "Result", "State", "Remark"), rows),) if rows else (),
    )


def _criteria(outcome: OutcomeShown) -> Section | None:
    rows = [
        (
            criterion["name"],
            criterion["in_words"],
            criterion["limit"],
            "Pass" if criterion["passed"] else "FAIL",
        )
        for criterion in outcome.criteria
    ]
    if not rows:
        return None
    failed = ", ".join(criterion["name"] for criterion in outcome.failed)
    words = f"INVALID: {failed}. An invalid run gives no result." if failed else "Every criterion passed."
    return Section(
        title="Validity of the run",
        text=words,
        tables=(_table(("Criterion", "Found", "Allowed", "Verdict"), rows, widths=(4, 5, 8, 2)),),
    )


def _controls(run: Run) -> Section | None:
    rows = [
        (
            f"{one.name}, lot {one.lot_number}" if one.lot_id else f"{one.name}, no lot registered",
            f"{readable(one.value, one.decimals)} {one.unit}"
            if one.value is not None
            else f"missing: {one.missing}",
            _in_force(one),
            one.z_in_words,
            (one.judged.in_words or "within") if one.judged else "",
        )
        for one in controls_of_run(run)
    ]
    if not rows:
        return None
    words = (
        "As the reviewer saw and signed it." if run.controls is not None else "As it stood for this report."
    )
    head = ("Control", "Found", "Mean ± SD in force", "SD from the mean", "Westgard")
    return Section(
        title="Controls beside earlier runs",
        text=words,
        tables=(_table(head, rows, widths=(5, 4, 5, 3, 7)),),
    )


def _in_force(one: Standing) -> str:
    if one.target is None:
        return "none"
    return f"{readable(one.target.mean, one.decimals)} ± {readable(one.target.sd, one.decimals)}"


def _computations(run: Run) -> Section:
    shown = computations_shown(run)
    tables = [
        _table(
            ("Computation", "At (UTC)", "Kernel", "Without", "Because", "Inputs SHA-256"),
            [
                (
                    f"{one.computation.number}, {'stands' if one.stands else 'stays on record'}",
                    instant(one.computation.computed_at),
                    one.computation.kernel_version or "not kept",
                    "; ".join(f"{m.place} (masked by {m.by.printed_name}: {m.reason})" for m in one.masked)
                    or "everything counts",
                    one.because or "the import",
                    one.computation.inputs_digest or "not kept then",
                )
                for one in shown
            ],
            widths=(8, 9, 4, 14, 10, 14),
        )
    ]
    if answers := answers_side_by_side(run):
        numbers = tuple(f"Computation {one.computation.number}" for one in shown)
        tables.append(
            _table(
                ("Attribute", "Sample", *numbers),
                [
                    (row.attribute, row.sample, *(_answer(answer) for answer in row.answers))
                    for row in answers
                ],
            )
        )
    return Section(title="Every answer of this run", tables=tuple(tables))


def _answer(answer) -> str:
    if answer.difference_percent is None:
        return answer.in_words
    if isinstance(answer.difference_percent, Missing):
        return f"{answer.in_words} (no difference in per cent: {answer.difference_percent.reason})"
    return f"{answer.in_words} ({answer.difference_percent:+.2f} % of computation 1)"


def _calculated(run: Run, outcome: OutcomeShown) -> list[Section | None]:
    """What the calculation drew, then its tables."""
    return [_curve(outcome), _levels(outcome), _dilutions(outcome), *_of_any_calculation(outcome)]


def _curve(outcome: OutcomeShown) -> Section | None:
    if not outcome.points:
        return None
    drawing = curve_svg(outcome.fit, outcome.points, unit_x="pg/mL", unit_y="AU after blank")
    words = "Standard curve with residuals; its points stand in the table of the wells."
    text = f"No curve: {outcome.refusal['reason']}. {outcome.refusal['detail']}" if outcome.refusal else ""
    fit = outcome.fit
    return Section(
        title="Standard curve with residuals",
        text=" ".join([text, *outcome.warnings]).strip(),
        pictures=(Picture(svg=drawing, words=words),) if drawing else (),
        facts=(
            ("Curve", "y = d + (a − d) / (1 + (x/c)^b)"),
            ("a", repr(fit.a)),
            ("b", repr(fit.b)),
            ("c, pg/mL", repr(fit.c)),
            ("d", repr(fit.d)),
        )
        if fit
        else (),
    )


def _levels(outcome: OutcomeShown) -> Section | None:
    found = [(", ".join(level["positions"]), level) for level in outcome.levels]
    found += [(f"{one['name']} ({', '.join(one['positions'])})", one) for one in outcome.controls]
    if not found:
        return None
    rows = [
        (
            name,
            readable(one["nominal_pg_per_ml"]),
            _in_words(one["concentration"]["mean"]),
            _in_words(one["concentration"]["cv_percent"], "%"),
            _in_words(one["recovery_percent"], "%"),
            "Pass" if one["passed"] else "exempt (anchor)" if one.get("is_anchor") else "FAIL",
        )
        for name, one in found
    ]
    head = ("Wells", "Nominal, pg/mL", "Read back, pg/mL", "CV", "Recovery", "Verdict")
    return Section(title="Standards and controls read back", tables=(_table(head, rows),))


def _dilutions(outcome: OutcomeShown) -> Section | None:
    if not outcome.samples or outcome.refusal:
        return None
    wells, dilutions = [], []
    for sample in outcome.samples:
        for part in sample["conditions"]:
            for dilution in part["dilutions"]:
                name = f"{sample['name']} {part['condition']} 1 : {readable(dilution['dilution_factor'])}"
                dilutions.append(
                    (
                        name,
                        _in_words(dilution["concentration"]["mean"]),
                        _in_words(dilution["concentration"]["cv_percent"], "%"),
                        _in_words(dilution["corrected_pg_per_ml"]),
                        "yes" if dilution["used"] else f"no: {dilution['reason']}",
                    )
                )
                wells += [
                    (name, well["position"], *_interval(well["back_calculation"]))
                    for well in dilution["wells"]
                ]
    return Section(
        title="Samples, dilution by dilution",
        text="Intervals are those of one reading at 95 %, by inversion of the curve.",
        tables=(
            _table(
                ("Dilution", "Read, pg/mL", "CV", "× dilution, pg/mL", "Used"),
                dilutions,
                widths=(9, 4, 3, 5, 5),
            ),
            _table(("Dilution", "Well", "Concentration, pg/mL", "from", "to"), wells, widths=(9, 2, 5, 5, 5)),
        ),
    )


def _interval(back: dict | Missing) -> tuple[str, str, str]:
    if isinstance(back, Missing):
        return _in_words(back), "", ""
    return _in_words(back["concentration"]), _in_words(back["lower"]), _in_words(back["upper"])


def _of_any_calculation(outcome: OutcomeShown) -> Iterable[Section]:
    for chart in charts_shown(outcome):
        picture = Picture(svg=str(chart.svg), words=chart.words)
        yield Section(title=chart.title, text=chart.formula, pictures=(picture,))
    for table in tables_shown(outcome):
        widths = (3, *(2,) * (len(table.columns) - 1))
        drawn = (_table(table.columns, table.rows, widths=widths),) if table.rows else ()
        yield Section(title=table.title, tables=drawn)


def _second_solver(run: Run) -> Section:
    second = revived(run.current.second_solver) if run.current else None
    if not second:
        return Section(
            title="By a second solver", text="No curve was fitted, so there was nothing to compare."
        )
    rows = [
        (
            f"{one['name']}, {one['unit']}" if one["unit"] else one["name"],
            _in_words(one["first"]),
            _in_words(one["second"]),
            _in_words(one["difference"]),
            "Pass" if one["agrees"] else "FAIL",
        )
        for one in second["compared"]
    ]
    verdict = "Agrees" if second["agrees"] else "DISAGREES"
    by = f"{second['solver']}, {second['version']}"
    text = f"{verdict} with the first: {by}; tolerance {readable(second['tolerance'])} of each number."
    head = ("Number", "First solver", "Second solver", "Apart, relative", "Verdict")
    return Section(
        title="By a second solver",
        text=f"{text} {second['problem']}".strip(),
        tables=(_table(head, rows),) if rows else (),
    )


def _plate(run: Run) -> Section | None:
    wells = [well for well in run.wells.all() if well.role != "empty"]
    if not wells:
        return None
    masked = masked_in(run, number=next_number(run))
    names = {name.pk: name for name in run.mapped_samples.all()}
    rows = []
    for well in wells:
        name = names.get(well.mapped_sample_id or 0)
        remark = f"left out: {name.left_out}" if name and name.left_out else ""
        if well.pk in masked:
            remark = f"MASKED by {masked[well.pk].by.printed_name}: {masked[well.pk].reason}"
        rows.append(
            (
                str(well),
                f"{well.role} {well.instrument_name} {well.place}".strip(),
                f"{name.sample.name} {name.get_condition_display().lower()}" if name and name.sample else "",
                "" if well.nominal is None else readable(well.nominal),
                "" if well.dilution is None else f"1 : {readable(well.dilution)}",
                _in_words(well.signal),
                _beside(well),
                _in_words(response_of(well)),
                remark,
            )
        )
    head = ("Well", "Role", "Sample", "Nominal", "Dilution", "Signal", "Reference", "Difference", "Remark")
    drawings = tuple(
        Picture(svg=plate_svg(drawn), words=f"The plate as a heat map {analyte}; every value stands below.")
        for analyte, drawn in plates_of_run(run)
    )
    widths = (3, 7, 10, 5, 5, 5, 5, 6, 12)
    return Section(
        title="Layout and raw values",
        text=_hinted(outlier_hints(run)),
        pictures=drawings,
        tables=(_table(head, rows, widths=widths),),
    )


def _hinted(hints: Iterable[Hint]) -> str:
    told = "; ".join(f"{hint.place} {hint.in_words}" for hint in hints)
    return f"Perhaps outliers, a hint only, nothing was left out for it: {told}." if told else ""


def _beside(well: Well) -> str:
    """What stands beside a signal: the reading that is taken off it, or the beads it was read from."""
    if well.bead_count is not None:
        return f"{well.bead_count} beads"
    return "" if well.reference is None else readable(well.reference)


def _counts(outcome: OutcomeShown) -> Section | None:
    if not outcome.counts:
        return None
    parts = ("viable_cells_per_ml", "total_cells_per_ml", "viability_percent", "cells_counted", "dilution")
    rows = [
        (
            str(count["row_number"]),
            count["sample"],
            *(_in_words(count[part]) for part in parts),
            f"MASKED: {count['masked']}" if "masked" in count else "",
        )
        for count in outcome.counts
    ]
    head = (
        "Row",
        "Sample",
        "Viable cells/mL",
        "Total cells/mL",
        "Viability, %",
        "Counted",
        "Dilution",
        "Remark",
    )
    return Section(title="Counts as read", tables=(_table(head, rows),))


def _rows(run: Run, outcome: OutcomeShown) -> Section | None:
    shown = rows_of_run(run)
    rows = [
        (
            str(row.number),
            f"{row.read.label} {row.read.place}".strip(),
            f"{row.sample} {row.condition.lower()}" if row.sample else "",
            row.read.quantity,
            row.read.value,
            row.read.well,
            "" if row.read.dilution == 1 else f"1 : {readable(row.read.dilution)}",
            f"MASKED by {row.masking.by.printed_name}: {row.masking.reason}" if row.masking else "",
        )
        for row in shown
    ]
    if not rows or outcome.counts:
        return None
    head = ("Row", "In the file", "Sample", "Quantity", "Value", "Well", "Dilution", "Remark")
    return Section(
        title="Values as read",
        text=_hinted(outlier_hints(run, shown)),
        tables=(_table(head, rows, widths=(2, 6, 7, 7, 5, 2, 3, 7)),),
    )


def _names(run: Run) -> Section:
    rows = [
        (
            f"Row {name.row}, {name.instrument_name}" if name.row else name.instrument_name,
            name.sample.name if name.sample else "left out",
            name.get_condition_display() if name.sample else "",
            name.left_out or (name.again and f"measured again: {name.again}"),
        )
        for name in run.mapped_samples.all()
    ]
    head = ("In the file", "Sample", "Condition", "Remark")
    return Section(title="What the instrument called them", tables=(_table(head, rows),))


def _recalculation(run: Run) -> Section | None:
    event = last_recalculation(run)
    if event is None:
        return None
    found = event.details
    words = "identical" if found["identical"] else "not the same"
    lines = [
        line for one in found["computations"] for line in (*one["differences"], *one.get("changed_since", ()))
    ]
    when = f"Recomputed {instant(event.recorded_at)} with kernel {found['kernel']}: {words}."
    return Section(title="Recalculation", text=" ".join([when, *lines]))


def _table(head: tuple[str, ...], rows: Rows, *, widths: tuple[int, ...] = ()) -> Table:
    return Table(columns=head, rows=tuple(rows), widths=widths)


def _in_words(value: object, unit: str = "") -> str:
    """Per cent with one decimal, as on the page."""
    decimals = 1 if unit == "%" else None
    return why_missing(value) or f"{readable(value, decimals)} {unit}".strip()
