"""What the report of a run says of each place of its file: the wells, counts or rows as they were read, and by whom one
was masked."""

from collections.abc import Iterable

from tilmfg.documents.contents import Picture, Section
from tilmfg.shell.numbers import readable

from .drawn import plate_svg
from .models import Run, Well
from .outlier_hints import Hint, outlier_hints
from .pictures import OutcomeShown, plates_of_run, response_of
from .report_tables import in_words, table
from .selectors import masked_in, next_number
from .shown_rows import rows_of_run


def wells_as_read(run: Run) -> Section | None:
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
                in_words(well.signal),
                _beside(well),
                in_words(response_of(well)),
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
        tables=(table(head, rows, widths=widths),),
    )


def _hinted(hints: Iterable[Hint]) -> str:
    told = "; ".join(f"{hint.place} {hint.in_words}" for hint in hints)
    return f"Perhaps outliers, a hint only, nothing was left out for it: {told}." if told else ""


def _beside(well: Well) -> str:
    """What stands beside a signal: the reading that is taken off it, or the beads it was read from."""
    if well.bead_count is not None:
        return f"{well.bead_count} beads"
    return "" if well.reference is None else readable(well.reference)


def counts_as_read(outcome: OutcomeShown) -> Section | None:
    if not outcome.counts:
        return None
    parts = ("viable_cells_per_ml", "total_cells_per_ml", "viability_percent", "cells_counted", "dilution")
    rows = [
        (
            str(count["row_number"]),
            count["sample"],
            *(in_words(count[part]) for part in parts),
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
    return Section(title="Counts as read", tables=(table(head, rows),))


def rows_as_read(run: Run, outcome: OutcomeShown) -> Section | None:
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
        tables=(table(head, rows, widths=(2, 6, 7, 7, 5, 2, 3, 7)),),
    )
