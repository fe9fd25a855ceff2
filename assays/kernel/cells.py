"""Cell arithmetic of the laboratory, exact, in Decimal."""

from decimal import Decimal


def total_viable_cells(*, viable_cells_per_ml: Decimal, volume_ml: Decimal) -> Decimal:
    """TVC = concentration (cells/mL) × volume (mL), in cells, of one product. Raises ValueError if either is negative.

    Source: ISO 20391-1 for the cell count as concentration × volume.
    """
    for name, quantity in (("viable_cells_per_ml", viable_cells_per_ml), ("volume_ml", volume_ml)):
        if quantity < 0:
            raise ValueError(f"{name} is {quantity}; it cannot be negative.")
    return viable_cells_per_ml * volume_ml


def per_million_viable_cells(*, amount: Decimal, viable_cells: Decimal) -> Decimal:
    """amount × 10⁶ / viable cells, in the unit of `amount` per 10⁶ viable cells, full precision.

    `viable_cells` are those that made the amount, in cells. Raises ValueError if the amount is negative or there are no
    viable cells. Source: arithmetic; the unit in which release limits on cytokine secretion are written.
    """
    if amount < 0:
        raise ValueError(f"amount is {amount}; it cannot be negative.")
    if viable_cells <= 0:
        raise ValueError(f"viable_cells is {viable_cells}; it must be above zero.")
    return amount * 1_000_000 / viable_cells
