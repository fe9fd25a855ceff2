"""A row that a person left out of a table: what is left must still prove what the method asks for."""

import pytest

from assays import catalogue
from tests.assays.calculations.sheets import computed, failed, masked, of_table, value
from tests.assays.calculations.test_endotoxin import plate
from tests.assays.calculations.test_endotoxin import twice as onsets
from tests.assays.calculations.test_flow import CONTROL, identity
from tests.assays.calculations.test_pcr import NAMES, copy_number, mycoplasma

COPIES, LAL, FLOW = catalogue.VECTOR_COPY_NUMBER, catalogue.ENDOTOXIN_KINETIC, catalogue.IDENTITY_FLOW


def test_a_reaction_that_is_masked_is_as_if_it_had_not_been_made():
    made = mycoplasma(own=("36.2", ">40", ">40"))
    assert value(computed(made, catalogue.MYCOPLASMA_PCR), "mycoplasma").text == "Detected"
    outcome = computed(masked(made, 1), catalogue.MYCOPLASMA_PCR)
    assert value(outcome, "mycoplasma").text == "Not detected"
    assert ("S1", "Cq mycoplasma", "amplified in 0 of 2, 1 masked", "") in [
        tuple(row) for row in outcome.kept["tables"][0]["rows"]
    ]


@pytest.mark.parametrize(
    ("entry", "made", "rows", "criterion"),
    [
        (catalogue.MYCOPLASMA_PCR, mycoplasma(), (5, 6), "Positive control, Cq mycoplasma"),
        (catalogue.MYCOPLASMA_PCR, mycoplasma(), (7, 8), "No template, Cq mycoplasma"),
        # Three of five levels of the target are gone; two prove no line.
        (COPIES, copy_number(), (9, 10, 13, 14, 17, 18), "Cq target, efficiency"),
        (LAL, plate((10, onsets("0.02"), onsets("0.52"))), (7, 8), "0.005 EU/mL, CV"),
        (FLOW, identity(), (4,), f"Control cells, {CONTROL[1][1]} of {CONTROL[0][1]}"),
    ],
)
def test_nobody_masks_a_run_into_validity(entry, made, rows, criterion):
    assert failed(computed(made, entry)) == []
    assert criterion in failed(computed(masked(made, *rows), entry))


def test_without_its_lowest_standard_a_curve_proves_less():
    made = copy_number(target=(">40",), reference=("100000",))
    outcome = computed(masked(made, 17, 18), COPIES)  # the hundred copies of the target
    found = value(outcome, "vector_copies")
    assert (failed(outcome), found.qualifier) == ([], "<")
    assert float(found.raw) == pytest.approx(0.02, rel=1e-5)


@pytest.mark.parametrize(
    ("entry", "made", "rows", "words"),
    [
        (FLOW, identity(), (2,), f"T-1, {CONTROL[1][1]} is masked: A bubble."),
        (
            LAL,
            plate((10, onsets("0.02"), onsets("0.52"))),
            (9,),
            "no dilution can be used (1 : 10: as it is: a single value has no spread)",
        ),
    ],
)
def test_a_sample_without_what_was_masked_says_so(entry, made, rows, words):
    outcome = computed(masked(made, *rows), entry)
    assert failed(outcome) == []
    assert next(iter(outcome.values["S1"])).missing == words


def test_of_genes_in_one_tube_the_same_reactions_are_masked():
    """Rows 1 to 4 are the target, 5 to 8 and 9 to 12 the reference genes."""
    genes = {"Cq IFNG": 26, "Cq B2M": 20, "Cq HPRT1": 24}
    rows = [("T-1", gene, cq, "cycles") for gene, cq in genes.items() for _ in range(4)]
    rows += [("Calibrator", gene, cq + 2, "cycles") for gene, cq in genes.items() for _ in range(4)]
    rows += [("No template", gene, ">40", "cycles") for gene in genes]
    made = of_table(catalogue.GENE_EXPRESSION, *rows, names=NAMES, same_tube=True)

    def without(*numbers):
        return value(computed(masked(made, *numbers), catalogue.GENE_EXPRESSION), "relative_expression")

    assert without(2, 6, 10).missing == ""
    assert "not masked in the same ones" in without(2, 7, 10).missing
