"""Which instrument wrote a file, told by its content and never by its name."""

from collections.abc import Callable, Sequence

from assays.readers.absolute_q import is_absolute_q
from assays.readers.diomni import is_diomni
from assays.readers.mabtech_apex import is_mabtech_apex
from assays.readers.matrix import is_head as is_head_of_matrix
from assays.readers.records import Format, UnableToRead
from assays.readers.sheets import is_flat, text_export
from assays.readers.skanit import is_skanit
from assays.readers.smart_control import is_smart_control
from assays.readers.table import HEAD as HEAD_OF_TABLE
from assays.readers.table import HEAD_WITH_WELLS, is_head
from assays.readers.text import decode, refuse_paper, require_content
from assays.readers.workbook import Grid, read_workbook, refuse_old_office

HEAD_ROWS = 40  # of a sheet
HEAD = 4000  # characters of a text file that are looked at
WORKBOOK = b"PK\x03\x04"

MARKS: tuple[tuple[Format, Callable[[str], bool]], ...] = (
    (Format.VI_CELL_BLU, lambda head: "Viable (x10^6) cells/mL" in head.partition("\n")[0]),
    (Format.VI_CELL_XR, lambda head: head.startswith("Vi-CELL XR")),
    (
        Format.CEDEX_HIRES,
        lambda head: all(name in head.partition("\n")[0] for name in ("Cedex ID", "Viable Cell Conc.")),
    ),
    (
        Format.NC_VIEW,
        lambda head: all(name in head.partition("\n")[0] for name in ("SAMPLE ID", "LIVE (cells/ml)")),
    ),
    (Format.CEDEX_BIOHT, lambda head: "\t#ARC-FILE#\t" in head.partition("\n")[0]),
    (Format.GEN5, lambda head: "\nSoftware Version\t" in f"\n{head}" and "\nProcedure Details" in head),
    (Format.SOFTMAX_PRO, lambda head: head.startswith("##BLOCKS=")),
    (Format.BMG_MARS, lambda head: head.startswith("User:") and "\\BMG\\" in head),
    (
        Format.ENVISION,
        lambda head: head.startswith("Plate information") and "\nPlate,Repeat,Barcode," in head,
    ),
    (
        Format.KALEIDO,
        lambda head: (
            head.startswith("EnSight Results from")
            or (head.startswith("Results for ") and "\nBarcode:" in head and "PlateRepeat:" in head)
        ),
    ),
    (Format.METHODICAL_MIND, lambda head: "\nBarcode1 :" in head and "==Data==" in head),
    (
        Format.MATRIX,
        lambda head: (
            is_head_of_matrix(head.partition("\n")[0].strip().split(","))
            or (head.startswith("Plate Name,") and ",Well Name,Live Count," in head)
        ),
    ),
    (Format.MSD_WORKBENCH, lambda head: "\nSample,Assay,Well,Spot," in head),
    (Format.NUCLEOVIEW, lambda head: "\nInstrument type;NucleoView" in head),
    (Format.XPONENT, lambda head: head.startswith(("Program,xPONENT", '"Program","xPONENT"'))),
    (Format.INTELLIFLEX, is_flat),
    (Format.BIOPLEX, lambda head: "<bpm:BioPlexManager" in head or "<BioPlexManager" in head),
    (Format.QUANTSTUDIO, lambda head: head.startswith("* ") and "\n* Instrument Type =" in head),
    (
        Format.CFX_MAESTRO,
        lambda head: head.startswith((",Well,Fluor,Target,Content", "Well,Fluor,Target,Content")),
    ),
    (Format.LIGHTCYCLER, lambda head: head.startswith("Experiment:") and "Selected Filter:" in head),
    (Format.QIACUITY, lambda head: head.startswith("sep=") and "Sample/NTC/Control" in head),
    (Format.ABSOLUTE_Q, is_absolute_q),
    (Format.FLOWJO, lambda head: "<Workspace" in head and "flowJoVersion" in head),
    (Format.FACSDIVA, lambda head: "<bdfacs " in head),
    (Format.IMMUNOSPOT, lambda head: head.startswith("Software version: ImmunoSpot")),
    (Format.TABLE, lambda head: head.partition("\n")[0].strip() in (HEAD_OF_TABLE, HEAD_WITH_WELLS)),
    (Format.BIOPROFILE_FLEX2, lambda head: head.startswith('"Date & Time","Sample ID"')),
)


OF_WORKBOOKS = (  # as they are told to somebody who has another
    "Magellan",
    "SMART Control",
    "SkanIt",
    "Mabtech Apex",
    "the table of MSD Discovery Workbench",
    "Luminex xPONENT and INTELLIFLEX",
    "Vi-CELL XR",
    "Cedex HiRes",
    "Cellaca MX",
    "QuantStudio with its sheet “Results”",
    "Diomni",
    "our table of values",
)
MARKS_OF_WORKBOOKS: tuple[tuple[Format, Callable[[Grid], bool]], ...] = (
    (Format.MAGELLAN, lambda sheets: any(name.startswith("Magellan") for name in sheets)),
    (Format.VI_CELL_XR, lambda sheets: _first_cell(sheets).startswith("Vi-CELL XR")),
    (Format.SMART_CONTROL, is_smart_control),
    (Format.DIOMNI, is_diomni),
    (Format.SKANIT, is_skanit),
    (Format.MABTECH_APEX, is_mabtech_apex),
    (Format.TABLE, lambda sheets: any(rows and is_head(rows[0]) for rows in sheets.values())),
)


def recognise(filename: str, content: bytes) -> Format:
    """The format of an export. Raises UnableToRead when it is none of them, empty or too large."""
    require_content(filename, content)
    refuse_old_office(filename, content)
    refuse_paper(filename, content)
    if content.startswith(WORKBOOK):
        return _recognise_workbook(filename, content)
    head = decode(filename, content)[:HEAD].lstrip()
    for known, matches in MARKS:
        if matches(head):
            return known
    first_line = head.partition("\n")[0].strip()[:80]
    raise UnableToRead(
        f"{filename} is no export of an instrument known here ({', '.join(Format)}). "
        f"Its first line is “{first_line}”."
    )


def is_methodical_mind(first_cells: Sequence[str]) -> bool:
    return any(text.startswith("Barcode1") for text in first_cells) and any(
        text.startswith("Stack ID") for text in first_cells
    )


def _recognise_workbook(filename: str, content: bytes) -> Format:
    sheets = read_workbook(filename, content)
    for known, matches in MARKS_OF_WORKBOOKS:
        if matches(sheets):
            return known
    if found := text_export(sheets):
        return found[0]
    if any(is_methodical_mind([row[0].text for row in rows[:HEAD_ROWS] if row]) for rows in sheets.values()):
        raise UnableToRead(
            f"{filename} is a workbook made of an export of Methodical Mind; import the text file (TXT) that the "
            "program itself has written."
        )
    told = ", ".join(f"“{name[:40]}”" for name in list(sheets)[:5])
    raise UnableToRead(
        f"{filename} is a workbook of none of the kinds that are read ({', '.join(OF_WORKBOOKS)}); its sheets are "
        f"{told}. Export it as text (CSV or TXT) from the instrument's program, or fill in the template on this page."
    )


def _first_cell(sheets: Grid) -> str:
    rows = next(iter(sheets.values()), [])
    return rows[0][0].text if rows and rows[0] else ""
