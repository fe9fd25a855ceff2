from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.cells import (
    SeedingDecision,
    day_11_seeding,
    flask_count,
    fold_expansion,
    total_viable_cells,
    viability_percent,
)
from assays.kernel.missing import Missing

cells = st.decimals(0, 10**12, places=0)


def test_total_viable_cells_is_concentration_times_volume_exactly():
    assert total_viable_cells(viable_cells_per_ml=Decimal("2.63e6"), volume_ml=Decimal("487.5")) == Decimal(
        "1282125000"
    )


def test_a_negative_quantity_is_named():
    with pytest.raises(ValueError, match=r"volume_ml is -1; it must be a finite number of at least zero"):
        total_viable_cells(viable_cells_per_ml=Decimal(1), volume_ml=Decimal(-1))


def test_fold_expansion_is_the_ratio():
    assert fold_expansion(final_cells=Decimal("2.8e10"), initial_cells=Decimal("2e8")) == 140


def test_nothing_seeded_has_no_fold_expansion():
    assert fold_expansion(final_cells=Decimal(1), initial_cells=Decimal(0)) == Missing(
        "no viable cells at the start"
    )


def test_viability_is_the_share_of_viable_cells():
    assert viability_percent(viable_cells=Decimal(2123), total_cells=Decimal(2191)).quantize(
        Decimal("0.1")
    ) == Decimal("96.9")
    assert viability_percent(viable_cells=Decimal(0), total_cells=Decimal(0)) == Missing(
        "no cells were counted"
    )


def test_more_viable_cells_than_cells_is_an_error():
    with pytest.raises(ValueError, match="3 viable cells were given out of only 2"):
        viability_percent(viable_cells=Decimal(3), total_cells=Decimal(2))


@pytest.mark.parametrize(
    ("viable", "flasks"),
    [("0", 1), ("9.99e8", 1), ("1.99e9", 1), ("2e9", 2), ("4.99e9", 4), ("5e9", 5), ("2e10", 5)],
)
def test_every_flask_gets_its_billion_between_one_flask_and_five(viable, flasks):
    assert flask_count(viable_cells=Decimal(viable)) == flasks


@pytest.mark.parametrize(
    ("viable", "decision", "seeded", "excess"),
    [
        ("4999999", SeedingDecision.STOP, "0", "4999999"),
        ("5e6", SeedingDecision.SEED_ALL, "5e6", "0"),
        ("200e6", SeedingDecision.SEED_ALL, "200e6", "0"),
        ("200000001", SeedingDecision.SEED_CAP, "200e6", "1"),
    ],
)
def test_day_11_stops_seeds_all_or_seeds_the_cap(viable, decision, seeded, excess):
    seeding = day_11_seeding(viable_cells=Decimal(viable))

    assert seeding.decision is decision
    assert (seeding.seeded_cells, seeding.excess_cells) == (Decimal(seeded), Decimal(excess))


@given(cells)
def test_day_11_loses_no_cell(viable):
    seeding = day_11_seeding(viable_cells=viable)

    assert seeding.seeded_cells + seeding.excess_cells == viable
