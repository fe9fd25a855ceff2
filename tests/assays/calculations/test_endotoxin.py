"""Endotoxin by USP <85>: a log-log line, a spike that is found again, a dilution that is still valid.

The onset times are made by hand from log₁₀ onset = 3 − 0.2·log₁₀ EU/mL, so that the answers are known.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue import ENDOTOXIN_KINETIC
from assays.rules.calculations import UnableToCompute, endotoxin
from assays.rules.calculations.endotoxin import refusal_of
from assays.rules.methods import UnableToReadMethod, read_method
from assays.rules.values import Named
from assays.services import import_run, store_file
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.calculations.sheets import computed, failed, of_table, table, value
from tests.cast import person

NAMES = {
    "T-1": Named(sample="S1", stage="pre_freeze"),
    "T-1 spiked": Named(sample="S1", stage="pre_freeze", condition="spiked"),
}
LEVELS = ("5", "0.5", "0.05", "0.005")
NO_ONSET = 4500  # the reader stopped


def onset(eu_per_ml) -> Decimal:
    return Decimal(round(10 ** (3 - 0.2 * _log(eu_per_ml)), 6)).quantize(Decimal("0.000001"))


def _log(number) -> float:
    return float(Decimal(str(number)).log10())


def plate(*samples, standards=None, blank=(NO_ONSET, NO_ONSET), **settings):
    """`samples`: dilution, onsets as it is, onsets with the spike of 0.5 EU/mL."""
    rows = []
    for i, level in enumerate(LEVELS, start=1):
        rows += rows_of(f"STD{i}", (standards or {}).get(level, [onset(level)] * 2))
    for dilution, plain, spiked in samples:
        rows += rows_of("T-1", plain, dilution) + rows_of("T-1 spiked", spiked, dilution)
    return of_table(ENDOTOXIN_KINETIC, *rows, *rows_of("LAL water", blank), names=NAMES, **settings)


def rows_of(name, onsets, dilution=1):
    return [(name, "Onset", seconds, "s", dilution) for seconds in onsets]


def twice(eu_per_ml):
    return [onset(eu_per_ml)] * 2


def result(made):
    outcome = computed(made, ENDOTOXIN_KINETIC)
    assert failed(outcome) == []
    return value(outcome, "endotoxin")


def test_it_reads_endotoxin_off_the_line_and_multiplies_the_dilution():
    found = result(plate((10, twice("0.02"), twice("0.52"))))
    assert float(found.raw) == pytest.approx(0.2, rel=1e-5)
    assert (found.qualifier, found.notes) == ("=", "dilution 1 : 10, spike recovery 100 %")


def test_a_sample_that_gives_no_onset_holds_less_than_the_lowest_standard():
    found = result(plate((10, [NO_ONSET] * 2, twice("0.5"))))
    assert (found.qualifier, found.raw) == ("<", Decimal("0.05"))  # 0.005 × 10


def test_a_sample_above_the_standards_is_more_than_the_highest():
    found = result(plate((10, twice("9"), twice("9.5"))))
    assert (found.qualifier, found.raw) == (">", Decimal("50.0"))


def test_a_higher_dilution_answers_where_a_lower_one_inhibits():
    """At 1 : 10 a tenth of the spike is found, at 1 : 100 all of it."""
    found = result(plate((10, [NO_ONSET] * 2, twice("0.05")), (100, [NO_ONSET] * 2, twice("0.5"))))
    assert (found.qualifier, found.raw) == ("<", Decimal("0.500"))


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ((10, [NO_ONSET] * 2, twice("0.2")), "spike recovery 40 %, allowed 50 to 200 %"),
        ((10, [NO_ONSET] * 2, twice("1.5")), "spike recovery 300 %, allowed 50 to 200 %"),
        ((10, [NO_ONSET] * 2, [NO_ONSET] * 2), "spike recovery 0 %"),
        ((200, [NO_ONSET] * 2, twice("0.5")), "beyond the maximum valid dilution of 1 : 140"),
        ((10, [2000, 2600], twice("0.5")), "as it is: replicate CV 18.4 %, above 10 %"),
        ((10, [2000], twice("0.5")), "as it is: a single value has no spread"),
        ((10, [NO_ONSET] * 2, []), "spiked: no value"),
    ],
)
def test_a_dilution_that_proves_nothing_gives_no_result_and_no_invalid_run(sample, words):
    assert words in result(plate(sample)).missing


@pytest.mark.parametrize(
    ("given_wells", "criterion"),
    [
        ({"standards": {"5": [2000, 2010], "0.5": [900, 905]}}, "Correlation |r| of log onset on log EU/mL"),
        (
            {"standards": {level: [1000, 1000] for level in LEVELS}},
            "Correlation |r| of log onset on log EU/mL",
        ),
        ({"standards": {"0.5": [1000, 1500]}}, "0.5 EU/mL, CV"),
        ({"blank": [1200, 1210]}, "Negative control, onset"),
        ({"blank": ["not read"]}, "Negative control, onset"),
    ],
)
def test_a_curve_or_a_negative_control_that_fails_makes_the_run_invalid(given_wells, criterion):
    outcome = computed(plate((10, twice("0.02"), twice("0.52")), **given_wells), ENDOTOXIN_KINETIC)
    assert criterion in failed(outcome)
    assert value(outcome, "endotoxin").missing.startswith("run invalid: ")


def test_a_curve_that_rises_is_no_curve():
    rising = {level: [2000 + 300 * _log(level)] * 2 for level in LEVELS}
    rising = {level: [round(x, 3) for x in onsets] for level, onsets in rising.items()}
    outcome = computed(plate((10, twice("0.02"), twice("0.5")), standards=rising), ENDOTOXIN_KINETIC)
    assert "does not come earlier" in outcome.criteria[0].value.reason
    assert outcome.second_solver is None


def test_an_onset_that_is_told_as_later_than_the_run_did_not_come():
    found = result(plate((10, [">4500", ">4500"], twice("0.5")), blank=[">4500", ">4500"]))
    assert (found.qualifier, found.raw) == ("<", Decimal("0.05"))


def test_a_table_without_a_standard_or_the_negative_control_is_not_imported():
    made = plate((10, twice("0.02"), twice("0.52")))
    assert refusal_of(made) == ""
    assert refusal_of(plate(blank=[])) == "The table has no rows of LAL water, which the method asks for."
    with pytest.raises(UnableToCompute, match="no rows of STD2"):
        computed(plate(standards={"0.5": []}), ENDOTOXIN_KINETIC)


def test_two_levels_of_standards_are_no_method():
    content = ENDOTOXIN_KINETIC["content"]
    few = content["settings"] | {"standards": content["settings"]["standards"][:2]}
    with pytest.raises(UnableToReadMethod, match="at least 3 levels of standards"):
        read_method("table", content | {"settings": few})


@given(concentration=st.decimals("0.006", "4.9", places=3))
def test_what_is_put_in_is_read_back(concentration):
    spiked = twice(concentration + Decimal("0.5"))
    found = computed(plate((1, twice(concentration), spiked)), ENDOTOXIN_KINETIC)
    assert float(value(found, "endotoxin").raw) == pytest.approx(float(concentration), rel=1e-4)


def test_a_second_solver_finds_the_same_line_and_the_same_concentrations():
    outcome = computed(plate((10, twice("0.02"), twice("0.52"))), ENDOTOXIN_KINETIC)
    opinion = outcome.second_solver
    assert [one["name"] for one in opinion["compared"]] == ["intercept", "slope", "S1 1 : 10"]
    assert all(one["difference"] < 1e-9 for one in opinion["compared"])
    assert outcome.criteria[-1].value == "agrees"


def test_a_second_solver_that_disagrees_makes_the_run_invalid(monkeypatch):
    right = endotoxin.line_again
    monkeypatch.setattr(endotoxin, "line_again", lambda x, y: (right(x, y)[0], 1.001 * right(x, y)[1]))
    outcome = computed(plate((10, twice("0.02"), twice("0.52"))), ENDOTOXIN_KINETIC)
    assert failed(outcome) == ["Second solver"]
    assert "run invalid: Second solver: differs in slope" in value(outcome, "endotoxin").missing


def imported(sample, content):
    method, reader = bench.method_of(ENDOTOXIN_KINETIC), bench.instrument("plate_reader").code
    file = store_file(filename="lal.csv", content=content, instrument_code=reader, by=person("ana"))
    return import_run(
        file=file,
        method=method,
        instrument_code=reader,
        choices={
            "5": bench.Choice(sample_name=str(sample), condition="as_is"),
            "6": bench.Choice(sample_name=str(sample), condition="spiked"),
        },
        lots=bench.lots_of(method),
        by=person("ana"),
    )


@pytest.mark.django_db
def test_a_table_of_onsets_becomes_the_result_of_its_sample():
    sample = bench.received_sample()
    rows = [row for i, level in enumerate(LEVELS, start=1) for row in rows_of(f"STD{i}", twice(level))]
    rows += rows_of(str(sample), [">4500", ">4500"], 10) + rows_of("spiked", twice("0.45"), 10)
    content = table(*rows, *rows_of("LAL water", [">4500", ">4500"]), read_at=bench.an_hour_ago())
    run = imported(sample, content)
    bench.compute(run)
    result = run.results.get()
    assert (run.state, result.in_words) == ("computed", "<0.050 EU/mL")
    assert result.notes == "dilution 1 : 10, spike recovery 90 %"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unit", "said"),
    [("min", "Onset is in “min”"), ("", "the column Unit is empty for Onset")],
)
def test_a_table_in_another_unit_or_none_is_refused_and_the_unit_is_named(unit, said):
    """A11-02: a spiked onset in minutes would be sixty times too much endotoxin or none."""
    sample = bench.received_sample()
    rows = [row for i, level in enumerate(LEVELS, start=1) for row in rows_of(f"STD{i}", twice(level))]
    rows += rows_of(str(sample), [">4500", ">4500"], 10) + [("spiked", "Onset", 17.5, unit, 10)] * 2
    content = table(*rows, *rows_of("LAL water", [">4500", ">4500"]), read_at=bench.an_hour_ago())
    with pytest.raises(UnableToImport, match=f"Line 12, spiked: {said}; the method computes with s"):
        imported(sample, content)
