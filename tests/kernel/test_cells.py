from decimal import Decimal

import pytest

from assays.kernel.cells import per_million_viable_cells, total_viable_cells


def test_it_multiplies_exactly():
    assert total_viable_cells(viable_cells_per_ml=Decimal("56.3e6"), volume_ml=Decimal("440.1")) == Decimal(
        "24777630000"
    )


@pytest.mark.parametrize("changed", ["viable_cells_per_ml", "volume_ml"])
def test_it_refuses_a_negative_quantity_by_name(changed):
    given = {"viable_cells_per_ml": Decimal(1), "volume_ml": Decimal(1)} | {changed: Decimal(-1)}
    with pytest.raises(ValueError, match=changed):
        total_viable_cells(**given)


def test_it_counts_per_million_viable_cells():
    assert per_million_viable_cells(amount=Decimal("300"), viable_cells=Decimal("1.5e6")) == 200


@pytest.mark.parametrize(
    ("amount", "cells", "named"),
    [(Decimal(-1), Decimal(1), "amount"), (Decimal(1), Decimal(0), "viable_cells")],
)
def test_it_refuses_what_cannot_be_counted_per_cell(amount, cells, named):
    with pytest.raises(ValueError, match=named):
        per_million_viable_cells(amount=amount, viable_cells=cells)
