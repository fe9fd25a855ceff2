"""Instrument files in, frozen records out. Nothing here knows a sample, a patient or a database."""

from collections.abc import Callable, Collection
from dataclasses import replace
from zoneinfo import ZoneInfo

from assays.readers.absolute_q import read_absolute_q
from assays.readers.bioplex import read_bioplex
from assays.readers.bioprofile import read_bioprofile
from assays.readers.bmg_mars import read_bmg_mars
from assays.readers.cedex_bioht import read_cedex_bioht
from assays.readers.cedex_hires import read_cedex_hires
from assays.readers.diomni import read_diomni
from assays.readers.envision import read_envision
from assays.readers.facsdiva import read_facsdiva
from assays.readers.flowjo import read_flowjo
from assays.readers.formats import WORKBOOK, recognise
from assays.readers.gen5 import read_gen5
from assays.readers.immunospot import read_immunospot
from assays.readers.intelliflex import read_intelliflex
from assays.readers.kaleido import read_kaleido
from assays.readers.mabtech_apex import read_mabtech_apex
from assays.readers.magellan import read_magellan
from assays.readers.matrix import read_matrix
from assays.readers.methodical_mind import read_methodical_mind
from assays.readers.msd_workbench import read_msd_workbench
from assays.readers.nc_view import read_nc_view
from assays.readers.nucleoview import read_nucleoview
from assays.readers.qiacuity import read_qiacuity
from assays.readers.qpcr import read_cfx_maestro, read_lightcycler, read_quantstudio
from assays.readers.records import (
    READABLE,
    CellCountFile,
    CellCountRow,
    Format,
    LayoutKind,
    PlateFile,
    Problem,
    UnableToRead,
    ValueRow,
    ValueTable,
    Well,
    code_of,
)
from assays.readers.several import PARTED_WORKBOOKS, plates_of, plates_of_workbook
from assays.readers.sheets import text_export
from assays.readers.skanit import read_skanit
from assays.readers.smart_control import read_smart_control
from assays.readers.softmax_pro import read_softmax_pro
from assays.readers.table import read_table, read_table_workbook
from assays.readers.text import decode
from assays.readers.vi_cell_blu import read_vi_cell_blu
from assays.readers.vi_cell_xr import read_vi_cell_xr, read_vi_cell_xr_workbook
from assays.readers.workbook import read_workbook
from assays.readers.xponent import read_xponent

__all__ = [
    "READABLE",
    "CellCountFile",
    "CellCountRow",
    "Format",
    "LayoutKind",
    "PlateFile",
    "Problem",
    "UnableToRead",
    "ValueRow",
    "ValueTable",
    "Well",
    "plates_in",
    "read",
    "recognise",
]


# What a reader runs into in a file that is cut off in a place that it does not name.
BROKEN = (IndexError, ValueError, OverflowError, ArithmeticError)
InstrumentRecords = CellCountFile | PlateFile | ValueTable

READERS: dict[Format, Callable[..., InstrumentRecords]] = {
    Format.VI_CELL_BLU: read_vi_cell_blu,
    Format.VI_CELL_XR: read_vi_cell_xr,
    Format.NUCLEOVIEW: read_nucleoview,
    Format.NC_VIEW: read_nc_view,
    Format.CEDEX_HIRES: read_cedex_hires,
    Format.MATRIX: read_matrix,
    Format.GEN5: read_gen5,
    Format.SOFTMAX_PRO: read_softmax_pro,
    Format.BMG_MARS: read_bmg_mars,
    Format.ENVISION: read_envision,
    Format.KALEIDO: read_kaleido,
    Format.MSD_WORKBENCH: read_msd_workbench,
    Format.METHODICAL_MIND: read_methodical_mind,
    Format.XPONENT: read_xponent,
    Format.INTELLIFLEX: read_intelliflex,
    Format.BIOPLEX: read_bioplex,
    Format.FLOWJO: read_flowjo,
    Format.FACSDIVA: read_facsdiva,
    Format.QUANTSTUDIO: read_quantstudio,
    Format.CFX_MAESTRO: read_cfx_maestro,
    Format.LIGHTCYCLER: read_lightcycler,
    Format.ABSOLUTE_Q: read_absolute_q,
    Format.QIACUITY: read_qiacuity,
    Format.IMMUNOSPOT: read_immunospot,
    Format.BIOPROFILE_FLEX2: read_bioprofile,
    Format.CEDEX_BIOHT: read_cedex_bioht,
    Format.TABLE: read_table,
}
OF_WORKBOOKS: dict[Format, Callable[..., InstrumentRecords]] = {
    Format.MAGELLAN: read_magellan,
    Format.VI_CELL_XR: read_vi_cell_xr_workbook,
    Format.SKANIT: read_skanit,
    Format.MABTECH_APEX: read_mabtech_apex,
    Format.DIOMNI: read_diomni,
    Format.SMART_CONTROL: read_smart_control,
    Format.TABLE: read_table_workbook,
}


def plates_in(filename: str, content: bytes) -> tuple[str, ...]:
    """The names of the plates of a file that holds several; of any other file none."""
    found = recognise(filename, content)
    try:
        if content.startswith(WORKBOOK) and found in PARTED_WORKBOOKS:
            return tuple(plates_of_workbook(filename, read_workbook(filename, content), found))
        return tuple(plates_of(filename, _text_of(filename, content), found))
    except BROKEN as error:
        raise _not_whole(filename, found) from error


def _not_whole(filename: str, found: Format) -> UnableToRead:
    return UnableToRead(f"{filename} was recognised as {found} but is not whole.")


def _require_plate(filename: str, plate: str, plates: Collection[str]) -> None:
    if plate not in (plates or ("",)):
        holds = f"{len(plates)} plates: {', '.join(plates)}" if plates else "one plate"
        raise UnableToRead(f"{filename} holds {holds}; none of them is called “{plate}”.")


def _text_of(filename: str, content: bytes) -> str:
    """Of a workbook what it holds of a text export, if it does."""
    if not content.startswith(WORKBOOK):
        return decode(filename, content)
    exported = text_export(read_workbook(filename, content))
    return exported[1] if exported else ""


def read(filename: str, content: bytes, *, timezone: str, plate: str = "") -> InstrumentRecords:
    """The file as records, its wall-clock times in UTC. `timezone` is the instrument's ("Europe/Zurich").

    Of a file that holds several plates one is read, by its name.

    Raises UnableToRead for a file that is not recognised or not whole. A single cell
    that is not understood is a Problem of the returned file, and its value is Missing.
    """
    ZoneInfo(timezone)  # an unknown zone is the caller's mistake, not the file's
    found = recognise(filename, content)
    try:
        if content.startswith(WORKBOOK) and found in OF_WORKBOOKS:
            parted = plates_in(filename, content) if found in PARTED_WORKBOOKS else ()
            _require_plate(filename, plate, parted)
            named = {"plate": plate} if parted else {}
            return OF_WORKBOOKS[found](filename, content, timezone=timezone, **named)
        text = _text_of(filename, content)
        plates = plates_of(filename, text, found)
        _require_plate(filename, plate, plates)
        records = READERS[found](filename, plates.get(plate, text), timezone=timezone)
    except BROKEN as error:
        raise _not_whole(filename, found) from error
    if plates and isinstance(records, PlateFile):
        return replace(records, plate_name=plate, plate_code=code_of(plate))
    if plates and isinstance(records, ValueTable):
        return replace(records, plate_code=code_of(plate))
    return records
