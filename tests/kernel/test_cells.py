from decimal import Decimal

import pytest

from assays.kernel.cells import total_viable_cells


def test_it_multiplies_exactly():
    assert total_viable_cells(viable_cells_per_ml=Decimal("56.3e6"), volume_ml=Decimal("440.1")) == Decimal(
        "24777630000"
    )


@pytest.mark.parametrize("changed", ["viable_cells_per_ml", "volume_ml"])
def test_it_refuses_a_negative_quantity_by_name(changed):
    given = {"viable_cells_per_ml": Decimal(1), "volume_ml": Decimal(1)} | {changed: Decimal(-1)}
    with pytest.raises(ValueError, match=changed):
        total_viable_cells(**given)
