"""The report of a run: what its page shows, as one record for paper."""

from datetime import datetime

from tilmfg.documents.contents import HouseHeading, Record, Section, Table
from tilmfg.documents.text import instant
from tilmfg.identity.report_content import signature_line
from tilmfg.records.signature_status import status
from tilmfg.shell.numbers import readable

from .answers import answers_side_by_side, computations_shown
from .kernel.missing import Missing
from .models import Run
from .pictures import OutcomeShown, outcome_of
from .report_calculation import section_of_second_solver, sections_of_calculation
from .report_tables import table
from .report_values import counts_as_read, rows_as_read, wells_as_read
from .rules.controls import Standing
from .selectors import last_recalculation, results_of_run
from .selectors.judged_controls import controls_of_run
from .selectors.reagents import reagents_of


def report_content(run: Run, *, generated_at: datetime) -> Record:
    """The same run at the same time gives the same report to the last byte."""
    outcome = outcome_of(run)
    sections = [
        _facts(run),
        _results(run),
        _criteria(outcome),
        _controls(run),
        _computations(run),
        *sections_of_calculation(outcome),
        section_of_second_solver(run),
        wells_as_read(run),
        counts_as_read(outcome),
        rows_as_read(run, outcome),
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
            table(
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
    return (table(("Reagent", "Material", "Lot", "Code", "Expires"), rows),) if rows else ()


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
        tables=(table(("Attribute", "Sample", "Result", "State", "Remark"), rows),) if rows else (),
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
        tables=(table(("Criterion", "Found", "Allowed", "Verdict"), rows, widths=(4, 5, 8, 2)),),
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
        tables=(table(head, rows, widths=(5, 4, 5, 3, 7)),),
    )


def _in_force(one: Standing) -> str:
    if one.target is None:
        return "none"
    return f"{readable(one.target.mean, one.decimals)} ± {readable(one.target.sd, one.decimals)}"


def _computations(run: Run) -> Section:
    shown = computations_shown(run)
    tables = [
        table(
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
            table(
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
    return Section(title="What the instrument called them", tables=(table(head, rows),))


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
