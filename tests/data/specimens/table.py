"""Our own table of values."""

from datetime import datetime

from tests.data.specimens.workbook import workbook


def table_workbook() -> bytes:
    return workbook(
        "Values",
        [
            ["Sample", "Quantity", "Value", "Unit", "Dilution", "Measured at"],
            ["TIL-0001-D22", "Singlets/Live", 91234, "events", 1, datetime(2026, 11, 20, 10, 4, 5)],  # noqa: DTZ001
            ["TIL-0001-D22", "Cq mycoplasma", ">40", "cycles", None, "2026-11-20 10:04:05"],
        ],
    )
