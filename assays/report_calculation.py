"""What the report of a run says of its calculation: curve, levels, dilutions, and the numbers of the second solver."""

from collections.abc import Iterable

from tilmfg.documents.contents import Picture, Section
from tilmfg.shell.numbers import readable

from .any_calculation import charts_shown, tables_shown
from .drawn import curve_svg
from .kernel.missing import Missing
from .models import Run
from .pictures import OutcomeShown, revived
from .report_tables import in_words, table


def sections_of_calculation(outcome: OutcomeShown) -> list[Section | None]:
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
            in_words(one["concentration"]["mean"]),
            in_words(one["concentration"]["cv_percent"], "%"),
            in_words(one["recovery_percent"], "%"),
            "Pass" if one["passed"] else "exempt (anchor)" if one.get("is_anchor") else "FAIL",
        )
        for name, one in found
    ]
    head = ("Wells", "Nominal, pg/mL", "Read back, pg/mL", "CV", "Recovery", "Verdict")
    return Section(title="Standards and controls read back", tables=(table(head, rows),))


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
                        in_words(dilution["concentration"]["mean"]),
                        in_words(dilution["concentration"]["cv_percent"], "%"),
                        in_words(dilution["corrected_pg_per_ml"]),
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
            table(
                ("Dilution", "Read, pg/mL", "CV", "× dilution, pg/mL", "Used"),
                dilutions,
                widths=(9, 4, 3, 5, 5),
            ),
            table(("Dilution", "Well", "Concentration, pg/mL", "from", "to"), wells, widths=(9, 2, 5, 5, 5)),
        ),
    )


def _interval(back: dict | Missing) -> tuple[str, str, str]:
    if isinstance(back, Missing):
        return in_words(back), "", ""
    return in_words(back["concentration"]), in_words(back["lower"]), in_words(back["upper"])


def _of_any_calculation(outcome: OutcomeShown) -> Iterable[Section]:
    for chart in charts_shown(outcome):
        picture = Picture(svg=str(chart.svg), words=chart.words)
        yield Section(title=chart.title, text=chart.formula, pictures=(picture,))
    for shown in tables_shown(outcome):
        widths = (3, *(2,) * (len(shown.columns) - 1))
        drawn = (table(shown.columns, shown.rows, widths=widths),) if shown.rows else ()
        yield Section(title=shown.title, tables=drawn)


def section_of_second_solver(run: Run) -> Section:
    second = revived(run.current.second_solver) if run.current else None
    if not second:
        return Section(
            title="By a second solver", text="No curve was fitted, so there was nothing to compare."
        )
    rows = [
        (
            f"{one['name']}, {one['unit']}" if one["unit"] else one["name"],
            in_words(one["first"]),
            in_words(one["second"]),
            in_words(one["difference"]),
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
        tables=(table(head, rows),) if rows else (),
    )
