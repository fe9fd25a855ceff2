"""PCR: calls with controls against inhibition, and copies per cell off two standard curves.

The Cq are made by hand from Cq = 38 − log₁₀ copies/log₁₀ 2, a doubling in each cycle, so that the copies are known.
"""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays import catalogue
from assays.rules.calculations import UnableToCompute
from assays.rules.calculations.mycoplasma import refusal_of
from assays.rules.methods import UnableToReadMethod, read_method
from assays.rules.values import Named
from assays.services import import_run, store_file
from tests.assays import bench
from tests.assays.calculations.sheets import computed, failed, of_table, table, value
from tests.cast import person

NAMES = {"T-1": Named(sample="S1", stage="pre_freeze")}
TARGET, INTERNAL = "Cq mycoplasma", "Cq internal control"


def twice(name, quantity, *cq):
    return [(name, quantity, value, "cycles") for value in (cq if len(cq) > 1 else cq * 2)]


def mycoplasma(*, own=(">40",), internal=("28.3",), positive=("31",), blank=(">40",), blank_ic=("28",)):
    return of_table(
        catalogue.MYCOPLASMA_PCR,
        *twice("T-1", TARGET, *own),
        *twice("T-1", INTERNAL, *internal),
        *twice("Positive control", TARGET, *positive),
        *twice("No template", TARGET, *blank),
        *twice("No template", INTERNAL, *blank_ic),
        names=NAMES,
    )


def call(**given_cq):
    outcome = computed(mycoplasma(**given_cq), catalogue.MYCOPLASMA_PCR)
    assert failed(outcome) == []
    return value(outcome, "mycoplasma")


def test_nothing_amplified_and_an_internal_control_in_time_is_not_detected():
    found = call()
    assert (found.text, found.notes) == (
        "Not detected",
        "internal control amplified in 2 of 2, mean Cq 28.30",
    )


def test_one_reaction_that_amplifies_is_detection():
    assert call(own=("36.2", ">40")).text == "Detected"


def test_what_amplifies_is_detected_even_where_the_internal_control_fails():
    assert call(own=("20", "20.1"), internal=(">40",)).text == "Detected"


@pytest.mark.parametrize(
    ("given_cq", "words"),
    [
        ({"internal": (">40",)}, "inhibited: the internal control amplified in 0 of 2"),
        ({"internal": ("28", ">40")}, "inhibited: the internal control amplified in 1 of 2"),
        ({"internal": ("31.5",)}, "inhibited: the internal control comes 3.50 cycles later"),
        ({"own": (">40", "n/a")}, "is no number"),
    ],
)
def test_not_amplified_for_another_reason_is_missing_and_never_negative(given_cq, words):
    found = call(**given_cq)
    assert (found.text, words in found.missing) == ("", True)


def test_too_few_reactions_are_no_answer():
    made = of_table(
        catalogue.MYCOPLASMA_PCR,
        ("T-1", TARGET, ">40", "cycles"),
        *twice("Positive control", TARGET, "31"),
        *twice("No template", TARGET, ">40"),
        *twice("No template", INTERNAL, "28"),
        names=NAMES,
    )
    found = value(computed(made, catalogue.MYCOPLASMA_PCR), "mycoplasma")
    assert found.missing == "1 reactions, at least 2 are needed"


@pytest.mark.parametrize(
    ("given_cq", "criterion"),
    [
        ({"positive": (">40",)}, "Positive control, Cq mycoplasma"),
        ({"positive": ("31", ">40")}, "Positive control, Cq mycoplasma"),
        ({"positive": ("35.1",)}, "Positive control, Cq mycoplasma"),
        ({"blank": ("38", ">40")}, "No template, Cq mycoplasma"),
        ({"blank": ("n/a",)}, "No template, Cq mycoplasma"),
        ({"blank_ic": (">40",)}, "No template, Cq internal control"),
    ],
)
def test_a_control_that_fails_makes_the_run_invalid(given_cq, criterion):
    outcome = computed(mycoplasma(**given_cq), catalogue.MYCOPLASMA_PCR)
    assert failed(outcome) == [criterion]
    found = value(outcome, "mycoplasma")
    assert found.text == ""
    assert found.missing.startswith("run invalid: ")


def test_a_table_without_the_negative_control_is_no_run():
    made = of_table(catalogue.MYCOPLASMA_PCR, *twice("T-1", TARGET, "30"), names=NAMES)
    assert refusal_of(made) == "The table has no rows of No template, which the method asks for."
    with pytest.raises(UnableToCompute):
        computed(made, catalogue.MYCOPLASMA_PCR)


def cq(copies) -> str:
    return f"{38 - log2(copies):.6f}"


def copy_number(*, target=("400",), reference=("1000",), blank=">40", slope=1.0, more=(), **settings):
    """Reactions with these copies; a `slope` other than 1 is another efficiency of the standards."""
    rows = []
    for number, copies in enumerate((1e6, 1e5, 1e4, 1e3, 1e2), start=1):
        for quantity in ("Cq target", "Cq albumin"):
            rows += twice(f"STD{number}", quantity, f"{38 - slope * log2(copies):.6f}")
    for quantity, copies in (("Cq target", target), ("Cq albumin", reference)):
        rows += twice("T-1", quantity, *(one if one.startswith(">") else cq(float(one)) for one in copies))
        rows += twice("No template", quantity, blank)
    return of_table(catalogue.VECTOR_COPY_NUMBER, *rows, *more, names=NAMES, **settings)


def copies(**given_copies):
    outcome = computed(copy_number(**given_copies), catalogue.VECTOR_COPY_NUMBER)
    assert failed(outcome) == []
    return value(outcome, "vector_copies")


def test_copies_per_cell_are_twice_the_ratio_to_albumin():
    """2 × 400/1 000 = 0.8 copies in a diploid cell."""
    found = copies()
    assert float(found.raw) == pytest.approx(0.8, rel=1e-5)
    assert found.notes == "400 copies of Cq target, 1000 of Cq albumin"


def test_fewer_copies_than_the_standards_are_fewer_than_the_lowest():
    for fewer in ((">40",), ("20",)):
        found = copies(target=fewer, reference=("100000",))
        assert (found.qualifier, float(found.raw)) == ("<", pytest.approx(0.002, rel=1e-5))


def test_more_copies_than_the_standards_are_more_than_the_highest():
    found = copies(target=("5000000",), reference=("100000",))
    assert (found.qualifier, float(found.raw)) == (">", pytest.approx(20, rel=1e-5))


@pytest.mark.parametrize(
    ("given_copies", "words"),
    [
        ({"reference": (">40",)}, "Cq albumin: amplified in 0 of 2"),
        ({"reference": ("20",)}, "Cq albumin: 20 copies, outside the standards"),
        ({"target": ("400", "1000")}, "Cq target: SD of Cq 0.93, above 0.5"),
        ({"target": ("400", ">40")}, "Cq target: amplified in 1 of 2"),
    ],
)
def test_reactions_that_do_not_agree_are_no_answer(given_copies, words):
    assert words in copies(**given_copies).missing


@pytest.mark.parametrize(
    ("given_run", "criterion"),
    [
        ({"slope": 1.3}, "Cq target, efficiency"),
        ({"slope": 0.8}, "Cq target, efficiency"),
        ({"slope": 0.0}, "Cq target, efficiency"),
        ({"blank": "37"}, "No template, Cq target"),
    ],
)
def test_a_curve_or_a_control_that_fails_makes_the_copies_invalid(given_run, criterion):
    outcome = computed(copy_number(**given_run), catalogue.VECTOR_COPY_NUMBER)
    assert criterion in failed(outcome)
    assert value(outcome, "vector_copies").missing.startswith("run invalid: ")


def test_two_levels_of_standards_are_no_method():
    content = catalogue.VECTOR_COPY_NUMBER["content"]
    few = content["settings"] | {"standards": content["settings"]["standards"][:2]}
    with pytest.raises(UnableToReadMethod, match="at least 3 levels of standards"):
        read_method("table", content | {"settings": few})


@given(number=st.integers(101, 999999), cells=st.integers(101, 999999))
def test_what_is_put_in_comes_out(number, cells):
    found = copies(target=(str(number),), reference=(str(cells),))
    assert float(found.raw) == pytest.approx(2 * number / cells, rel=1e-4)


def test_known_cells_and_the_efficiencies_are_readings_of_controls():
    known = [*twice("Jurkat 2.0", "Cq target", cq(2000)), *twice("Jurkat 2.0", "Cq albumin", cq(2000))]
    asked = {"control": "Jurkat 2.0", "control_minimum": "1.8", "control_maximum": "2.2"}
    outcome = computed(copy_number(more=known, **asked), catalogue.VECTOR_COPY_NUMBER)
    readings = {one.name: (round(float(one.value), 3), one.unit) for one in outcome.controls}
    assert readings == {
        "Efficiency of Cq target": (100, "%"),
        "Efficiency of Cq albumin": (100, "%"),
        "Jurkat 2.0": (2, "copies/cell"),
    }
    assert failed(outcome) == []
    beyond = computed(
        copy_number(more=known, **asked | {"control_minimum": "2.1"}), catalogue.VECTOR_COPY_NUMBER
    )
    assert failed(beyond) == ["Jurkat 2.0"]


def test_both_lines_are_solved_again():
    second = computed(copy_number(), catalogue.VECTOR_COPY_NUMBER).second_solver
    assert second["agrees"]
    assert [one["name"] for one in second["compared"]][:2] == ["Cq target, intercept", "Cq target, slope"]


def expression(
    *, target=(26, 26.1, 25.9), b2m=(20, 20.1, 19.9), blank=">40", calibrator=(28, 28, 28), **settings
):
    """Reference genes alike in sample and calibrator, so that ΔΔCt is that of the target."""
    of_gene = {"Cq IFNG": target, "Cq B2M": b2m, "Cq HPRT1": (24, 24, 24)}
    rows = [("T-1", gene, value, "cycles") for gene, values in of_gene.items() for value in values]
    of_gene = {"Cq IFNG": calibrator, "Cq B2M": (20, 20, 20), "Cq HPRT1": (24, 24, 24)}
    rows += [("Calibrator", gene, value, "cycles") for gene, values in of_gene.items() for value in values]
    rows += [("No template", gene, blank, "cycles") for gene in of_gene]
    outcome = computed(
        of_table(catalogue.GENE_EXPRESSION, *rows, names=NAMES, **settings), catalogue.GENE_EXPRESSION
    )
    return outcome, value(outcome, "relative_expression")


def test_two_cycles_earlier_is_four_fold_with_the_spread_of_both_genes():
    """ΔΔCt −2; SD √(0.1² + 0.1²/2²) cycles of target and the mean of two reference genes."""
    outcome, found = expression()
    assert failed(outcome) == []
    assert float(found.raw) == pytest.approx(4)
    sd = (0.1**2 + 0.1**2 / 4) ** 0.5
    assert found.notes == f"ΔΔCt -2.000 ± {sd:.3f} cycles (SD), {4 * 2**-sd:.3g} to {4 * 2**sd:.3g} fold"
    assert [(one.name, float(one.value)) for one in outcome.controls] == [("Calibrator, ΔCt", 6)]
    _, together = expression(same_tube=True)
    assert "± 0.050 cycles" in together.notes
    assert float(expression(efficiency="1.9")[1].raw) == pytest.approx(1.9**2)


@pytest.mark.parametrize(
    ("given_run", "words"),
    [
        ({"target": (26, 26, ">40")}, "Cq IFNG: undetermined in 1 of 3 reactions"),
        ({"target": (">40",) * 3}, "Cq IFNG: undetermined in 3 of 3 reactions"),
        ({"b2m": (20, 20)}, "Cq B2M: 2 reactions, at least 3 are needed"),
        ({"target": (26, 27, 25)}, "Cq IFNG: SD of Cq 1.00, above 0.3"),
        ({"blank": 35}, "run invalid: No template, Cq IFNG"),
        (
            {"calibrator": (28, 28, ">40")},
            "run invalid: Calibrator, Cq IFNG, SD of Cq: Cq IFNG: undetermined in 1",
        ),
    ],
)
def test_what_did_not_amplify_is_missing_with_its_reason(given_run, words):
    _, found = expression(**given_run)
    assert found.raw is None
    assert found.missing.startswith(words)


@pytest.mark.django_db
def test_a_table_of_cq_becomes_a_text_result():
    sample = bench.received_sample()
    method = bench.method_of(catalogue.MYCOPLASMA_PCR)
    cycler = bench.instrument("pcr_cycler").code
    content = table(
        *twice(str(sample), TARGET, ">40"),
        *twice(str(sample), INTERNAL, "28.4"),
        *twice("Positive control", TARGET, "31"),
        *twice("No template", TARGET, ">40"),
        *twice("No template", INTERNAL, "28"),
        read_at=bench.an_hour_ago(),
    )
    file = store_file(filename="mycoplasma.csv", content=content, instrument_code=cycler, by=person("ana"))
    run = import_run(
        file=file,
        method=method,
        instrument_code=cycler,
        choices={"1": bench.Choice(sample_name=str(sample))},
        lots=bench.lots_of(method),
        by=person("ana"),
    )
    bench.compute(run)
    assert run.state == "computed", run.outcome
    assert run.results.get().in_words == "Not detected"
