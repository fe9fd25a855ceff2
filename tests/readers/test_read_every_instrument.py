"""Each instrument's file becomes records whose every number is the file's own. PD-1."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import CellCountFile, Format, PlateFile, ValueTable, read, recognise
from assays.readers.records import LayoutKind
from assays.readers.text import as_number
from tests.data.make_gen5_plate import TIMEZONE
from tests.data.make_instrument_files import FILES, PAGE, TEMPLATES
from tests.data.specimens.flowjo import EVENTS
from tests.data.specimens.pcr import REACTIONS
from tests.data.specimens.plate import SOURCE, signal
from tests.readers.shared import OWN, REAL, needs_real_files

MEASURED = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
PLATES = (
    Format.GEN5,
    Format.BMG_MARS,
    Format.SOFTMAX_PRO,
    Format.ENVISION,
    Format.KALEIDO,
    Format.MSD_WORKBENCH,
    Format.METHODICAL_MIND,
    Format.XPONENT,
    Format.INTELLIFLEX,
    Format.IMMUNOSPOT,
)
FORMATS = {
    "bmg_mars.csv": Format.BMG_MARS,
    "softmax_pro.txt": Format.SOFTMAX_PRO,
    "envision.csv": Format.ENVISION,
    "kaleido_2.csv": Format.KALEIDO,
    "kaleido_3.csv": Format.KALEIDO,
    "methodical_mind.txt": Format.METHODICAL_MIND,
    "msd_workbench.csv": Format.MSD_WORKBENCH,
    "xponent.csv": Format.XPONENT,
    "bioplex.xml": Format.BIOPLEX,
    "quantstudio.txt": Format.QUANTSTUDIO,
    "cfx_maestro.csv": Format.CFX_MAESTRO,
    "lightcycler.txt": Format.LIGHTCYCLER,
    "absolute_q.csv": Format.ABSOLUTE_Q,
    "absolute_q_summary.csv": Format.ABSOLUTE_Q,
    "qiacuity.csv": Format.QIACUITY,
    "nucleoview.csv": Format.NUCLEOVIEW,
    "nc_view.csv": Format.NC_VIEW,
    "vi_cell_xr.txt": Format.VI_CELL_XR,
    "vi_cell_xr.xlsx": Format.VI_CELL_XR,
    "cedex_hires.csv": Format.CEDEX_HIRES,
    "cedex_hires.xlsx": Format.CEDEX_HIRES,
    "cedex_bioht.txt": Format.CEDEX_BIOHT,
    "cedex_bioht_5.txt": Format.CEDEX_BIOHT,
    "matrix.csv": Format.MATRIX,
    "matrix_flat.csv": Format.MATRIX,
    "matrix.xlsx": Format.MATRIX,
    "flowjo.wsp": Format.FLOWJO,
    "facsdiva.xml": Format.FACSDIVA,
    "immunospot.txt": Format.IMMUNOSPOT,
    "bioprofile.csv": Format.BIOPROFILE_FLEX2,
    "gen5_luminescence.txt": Format.GEN5,
    "gen5_fluorescence.txt": Format.GEN5,
    "magellan.xlsx": Format.MAGELLAN,
    "skanit.xlsx": Format.SKANIT,
    "elispot.xlsx": Format.MABTECH_APEX,
    "fluorospot.xlsx": Format.MABTECH_APEX,
    "smart_control.xlsx": Format.SMART_CONTROL,
    "msd_workbench.xlsx": Format.MSD_WORKBENCH,
    "intelliflex.csv": Format.INTELLIFLEX,
    "intelliflex.xlsx": Format.INTELLIFLEX,
    "quantstudio.xlsx": Format.QUANTSTUDIO,
    "design_and_analysis.xlsx": Format.QUANTSTUDIO,
    "diomni.xlsx": Format.DIOMNI,
    "values.xlsx": Format.TABLE,
}


def of(name):
    return read("renamed.dat", (OWN / name).read_bytes(), timezone=TIMEZONE)


def real(name):
    return read("renamed.dat", (REAL / name).read_bytes(), timezone="UTC")


@pytest.mark.parametrize("name", FORMATS)
def test_the_committed_file_is_what_the_program_writes_and_is_told_by_its_content(name):
    written = FILES[name]
    content = (OWN / name).read_bytes()
    assert content == (written.encode() if isinstance(written, str) else written)
    assert recognise("renamed.dat", content) is FORMATS[name]


@pytest.mark.parametrize(
    "name",
    [
        "bmg_mars.csv",
        "magellan.xlsx",
        "skanit.xlsx",
        "softmax_pro.txt",
        "envision.csv",
        "kaleido_2.csv",
        "kaleido_3.csv",
    ],
)
def test_a_plate_has_the_same_readings_whichever_reader_wrote_it(name):
    plate = of(name)
    assert (plate.read_labels, plate.row_count, plate.column_count) == (("450", "620"), 8, 12)
    assert plate.problems == ()
    used = [well for well in SOURCE.wells if well.layout_name]
    assert len(used) == 36
    for well in used:
        assert plate.well(well.position).readings == well.readings
    other = {"softmax_pro.txt": {"minute": 6, "second": 0}, "kaleido_2.csv": {"microsecond": 123456}}
    assert plate.measured_at == MEASURED.replace(**other.get(name, {}))


@pytest.mark.parametrize(
    "name",
    [name for name in FORMATS if FORMATS[name] in PLATES and not name.endswith((".xlsx", ".xml"))],
)
def test_each_reading_of_a_plate_stands_on_the_line_that_its_well_names(name):
    """ALC-4"""
    lines = (OWN / name).read_text().split("\n")
    told = [
        (well.readings[label], lines[line - 1])
        for well in of(name).wells
        for label, line in well.lines.items()
    ]
    assert told
    for value, line in told:
        cells = [as_number(text) for text in re.split(r'[\s,;"()]+', line)]
        assert isinstance(value, Missing) or any(
            cell is not None and round(cell, 9) == value for cell in cells
        )


def test_the_groups_of_softmax_pro_are_the_layout_of_the_plate():
    plate = of("softmax_pro.txt")
    for well in SOURCE.wells:
        if well.kind not in (LayoutKind.EMPTY, LayoutKind.BLANK):
            read_well = plate.well(well.position)
            assert (read_well.group, read_well.kind) == (well.group, well.kind)
            assert read_well.nominal_concentration == well.nominal_concentration
            assert read_well.dilution_factor == well.dilution_factor
    assert plate.remarks == ("The file says when it was saved last, not when the plate was read.",)


@pytest.mark.parametrize(
    ("name", "analytes"),
    [
        ("msd_workbench.csv", ("IFN-γ", "IL-2")),
        ("msd_workbench.xlsx", ("IFN-γ", "IL-2")),
        ("xponent.csv", ("IFN-g", "IL-2")),
        ("intelliflex.csv", ("IFN-g", "IL-2")),
        ("intelliflex.xlsx", ("IFN-g", "IL-2")),
        ("bioplex.xml", ("IFN-g", "IL-2")),
    ],
)
def test_a_multiplex_plate_has_a_reading_for_each_analyte(name, analytes):
    plate = of(name)
    assert plate.analytes == plate.read_labels == analytes
    assert plate.problems == ()
    for well in SOURCE.wells:
        if well.layout_name:
            read_well = plate.well(well.position)
            assert read_well.readings[analytes[0]] == signal(well)
            assert read_well.kind in (well.kind, LayoutKind.OTHER)
            if read_well.bead_counts:
                assert set(read_well.bead_counts) == set(analytes)
            if well.kind is LayoutKind.SAMPLE:
                assert read_well.dilution_factor == well.dilution_factor
            if well.kind is LayoutKind.STANDARD and not name.startswith(("xponent", "intelliflex")):
                assert read_well.nominal_of(analytes[1]) == 2 * well.nominal_concentration
    assert plate.measured_at == (
        Missing("it holds no date and time") if name.startswith("msd_workbench") else MEASURED
    )


@pytest.mark.parametrize(
    "name",
    [
        "quantstudio.txt",
        "quantstudio.xlsx",
        "design_and_analysis.xlsx",
        "diomni.xlsx",
        "cfx_maestro.csv",
        "lightcycler.txt",
    ],
)
def test_a_reaction_that_did_not_amplify_has_no_number(name):
    table = of(name)
    for sample, own, internal in REACTIONS:
        found = {
            target: [row for row in table.rows if (row.sample_name, row.quantity) == (sample, target)]
            for target in ("Mycoplasma", "Internal control")
        }
        expected = {"Mycoplasma": own} | ({} if name == "lightcycler.txt" else {"Internal control": internal})
        for target, pair in expected.items():
            assert [row.value for row in found[target]] == [
                Decimal(cq) if cq else Missing("no amplification") for cq in pair
            ]
            assert [row.qualifier for row in found[target]] == ["=" if cq else ">" for cq in pair]
    assert table.problems == ()
    assert table.rows[0].well == "A1"
    is_dated = name.startswith(("quantstudio", "design", "diomni"))
    assert table.measured_at == (MEASURED if is_dated else Missing("it holds no date and time"))
    assert table.plate_code == ("PL-0042" if name.startswith(("design", "diomni")) else "")


def test_the_gates_of_flowjo_are_told_by_their_paths():
    table = of("flowjo.wsp")
    live = {row.sample_name: row.value for row in table.rows if row.quantity == "Singlets/Live"}
    assert live == {name: counts[2] for name, counts in EVENTS}
    assert {row.unit for row in table.rows} == {"events"}
    assert table.measured_at == datetime(2026, 11, 20, 15, 3, 39, tzinfo=UTC)


def test_the_counter_of_chemometec_tells_its_own_time_zone():
    [row] = of("nucleoview.csv").rows
    assert (row.sample_name, row.viable_cells_per_ml, row.viability_percent) == (
        "TIL-0001-D22",
        2350000,
        Decimal("91.4"),
    )
    assert row.counted_at == datetime(2026, 11, 20, 19, 30, 16, tzinfo=UTC)
    assert isinstance(row.cells_counted, Missing)
    assert row.problems == ()


def test_a_well_too_full_to_count_and_a_cell_of_the_wrong_form_are_named():
    [spots] = of("immunospot.txt").problems
    assert (spots.row, spots.column, spots.raw) == ("A12", "Spots", "TNTC")
    [density] = of("bioprofile.csv").problems
    assert str(density) == "Line 3, TIL-0002-D22, Viable Density: '10.00%' is not a number"


@pytest.mark.parametrize(
    ("name", "label"), [("gen5_luminescence.txt", "Lum"), ("gen5_fluorescence.txt", "485/20,528/20")]
)
def test_gen5_measures_more_than_absorbance(name, label):
    plate = of(name)
    assert (plate.read_labels, plate.problems) == ((label,), ())
    assert plate.well("H12").readings[label] == 21050 + 280 * 12 + 170 * 7


def test_our_table_is_read_from_a_workbook():
    events, cq = of("values.xlsx").rows
    assert (events.value, events.unit, events.dilution) == (91234, "events", 1)
    assert (cq.qualifier, cq.value) == (">", 40)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_of_the_import_page_is_our_table(name):
    template = (PAGE / name).read_bytes()
    assert template == TEMPLATES[name]
    assert recognise("renamed.dat", template) is Format.TABLE


REAL_FILES = {
    "bmg_mars_pherastar.csv": (PlateFile, 96),
    "flowjo_workspace.wsp": (ValueTable, 20),
    "gen5_luminescence.txt": (PlateFile, 96),
    "immunospot_elispot.txt": (PlateFile, 96),
    "magellan_elisa.xlsx": (PlateFile, 384),
    "msd_workbench.csv": (PlateFile, 96),
    "nova_flex2.csv": (ValueTable, 96),
    "nucleoview_nc200.csv": (CellCountFile, 1),
    "softmax_pro_groups.txt": (PlateFile, 96),
}


@needs_real_files
@pytest.mark.parametrize("name", REAL_FILES)
def test_a_real_file_is_read_to_its_last_number(name):
    records, count = REAL_FILES[name]
    found = real(name)
    assert isinstance(found, records)
    assert len(found.wells if isinstance(found, PlateFile) else found.rows) == count
    assert [problem.raw for problem in found.problems] == (["10.00%"] if name == "nova_flex2.csv" else [])
