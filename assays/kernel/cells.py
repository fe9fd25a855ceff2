"""Cell arithmetic of the laboratory, exact, in Decimal."""

from decimal import Decimal


def total_viable_cells(*, viable_cells_per_ml: Decimal, volume_ml: Decimal) -> Decimal:
    """TVC = concentration × volume, in cells. Raises ValueError if either is negative."""
    for name, quantity in (("viable_cells_per_ml", viable_cells_per_ml), ("volume_ml", volume_ml)):
        if quantity < 0:
            raise ValueError(f"{name} is {quantity}; it cannot be negative.")
    return viable_cells_per_ml * volume_ml
