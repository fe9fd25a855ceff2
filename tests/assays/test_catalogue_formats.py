"""What a file holds decides which methods of the catalogue read it, not who made the instrument."""

import pytest

from assays import catalogue
from assays.readers import CellCountFile, Format, PlateFile, ValueTable, read, recognise
from tests.data.make_gen5_plate import TIMEZONE
from tests.data.make_instrument_files import FILES
from tests.readers.shared import OWN

COUNTS_SPOTS = {Format.IMMUNOSPOT, Format.MABTECH_APEX}
NAMES_SPOTS = {Format.METHODICAL_MIND}  # by their number on the well's bottom, not by analyte
OF_PLATES = (catalogue.IFNG_ELISA, catalogue.CYTOTOXICITY, catalogue.RELATIVE_POTENCY)
OF_CYCLES = (catalogue.MYCOPLASMA_PCR, catalogue.VECTOR_COPY_NUMBER, catalogue.GENE_EXPRESSION)
OF_EVENTS = (catalogue.IDENTITY_FLOW, catalogue.CD107A)


def methods_that_take(found: Format, records: CellCountFile | PlateFile | ValueTable) -> tuple[dict, ...]:
    if isinstance(records, CellCountFile):
        return (catalogue.CELL_COUNT,)
    if isinstance(records, PlateFile):
        if found in COUNTS_SPOTS | NAMES_SPOTS:
            return ()
        return (catalogue.CYTOKINE_PANEL,) if records.analytes else OF_PLATES
    units = {row.unit for row in records.rows}
    return OF_CYCLES if "cycles" in units else OF_EVENTS if "events" in units else ()


@pytest.mark.parametrize("name", FILES)
def test_every_method_reads_each_export_that_it_can_compute(name):
    content = (OWN / name).read_bytes()
    found = recognise(name, content)
    for method in methods_that_take(found, read(name, content, timezone=TIMEZONE)):
        assert found in method["content"]["formats"], method["code"]
