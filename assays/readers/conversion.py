"""The second reader. Every file is also converted by allotropy, and both must agree on every number.

Imported late: allotropy and pandas take seconds to load, and most requests never read a file.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from math import isclose
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from assays.readers.records import Format, UnableToRead

# The converter's module and class for each format, and a file name that it takes: some say a date or a device in it.
# Its own factory would load the modules of sixty other instruments first.
DESIGN_AND_ANALYSIS = "QuantStudio Design & Analysis"
VI_CELL_XR_TABLE = "Vi-CELL XR, a table of samples"
PARSERS: dict[str, tuple[str, str, str]] = {
    Format.VI_CELL_BLU: ("beckman_vi_cell_blu.vi_cell_blu_parser", "ViCellBluParser", "export.csv"),
    Format.VI_CELL_XR: ("beckman_vi_cell_xr.vi_cell_xr_parser", "ViCellXRParser", "export.txt"),
    VI_CELL_XR_TABLE: ("beckman_vi_cell_xr.vi_cell_xr_parser", "ViCellXRParser", "export.xlsx"),
    Format.CEDEX_HIRES: (
        "roche_cedex_hires.roche_cedex_hires_parser",
        "RocheCedexHiResParser",
        "export.csv",
    ),
    Format.NC_VIEW: ("chemometec_nc_view.chemometec_nc_view_parser", "ChemometecNcViewParser", "export.csv"),
    Format.NUCLEOVIEW: (
        "chemometec_nucleoview.nucleoview_parser",
        "ChemometecNucleoviewParser",
        "export.csv",
    ),
    Format.GEN5: ("agilent_gen5.agilent_gen5_parser", "AgilentGen5Parser", "export.txt"),
    Format.SOFTMAX_PRO: ("moldev_softmax_pro.softmax_pro_parser", "SoftmaxproParser", "export.txt"),
    Format.MAGELLAN: ("tecan_magellan.tecan_magellan_parser", "TecanMagellanParser", "export.xlsx"),
    Format.SKANIT: ("thermo_skanit.thermo_skanit_parser", "ThermoSkanItParser", "export.xlsx"),
    Format.BMG_MARS: ("bmg_mars.bmg_mars_parser", "BmgMarsParser", "export.csv"),
    Format.SMART_CONTROL: (
        "bmg_labtech_smart_control.bmg_labtech_smart_control_parser",
        "BmgLabtechSmartControlParser",
        "export.xlsx",
    ),
    Format.ENVISION: (
        "perkin_elmer_envision.perkin_elmer_envision_parser",
        "PerkinElmerEnvisionParser",
        "export.csv",
    ),
    Format.KALEIDO: ("revvity_kaleido.kaleido_parser", "KaleidoParser", "export.csv"),
    Format.METHODICAL_MIND: (
        "methodical_mind.methodical_mind_parser",
        "MethodicalMindParser",
        "export.txt",
    ),
    Format.MATRIX: ("revvity_matrix.revvity_matrix_parser", "RevvityMatrixParser", "export.csv"),
    Format.MSD_WORKBENCH: ("msd_workbench.msd_workbench_parser", "MSDWorkbenchParser", "export.csv"),
    Format.XPONENT: ("luminex_xponent.luminex_xponent_parser", "LuminexXponentParser", "export.csv"),
    Format.INTELLIFLEX: (
        "luminex_intelliflex.luminex_intelliflex_parser",
        "LuminexIntelliflexParser",
        "export.csv",
    ),
    Format.BIOPLEX: (
        "biorad_bioplex_manager.biorad_bioplex_manager_parser",
        "BioradBioplexParser",
        "export.xml",
    ),
    Format.IMMUNOSPOT: ("ctl_immunospot.ctl_immunospot_parser", "CtlImmunospotParser", "export.txt"),
    Format.CEDEX_BIOHT: (
        "roche_cedex_bioht.roche_cedex_bioht_parser",
        "RocheCedexBiohtParser",
        "export.txt",
    ),
    Format.FACSDIVA: (
        "bd_biosciences_facsdiva.bd_biosciences_facsdiva_parser",
        "BDFACSDivaParser",
        "export.xml",
    ),
    Format.MABTECH_APEX: ("mabtech_apex.mabtech_apex_parser", "MabtechApexParser", "export.xlsx"),
    Format.FLOWJO: ("flowjo.flowjo_parser", "FlowjoParser", "export.wsp"),
    Format.QUANTSTUDIO: (
        "appbio_quantstudio.appbio_quantstudio_parser",
        "AppBioQuantStudioParser",
        "export.txt",
    ),
    DESIGN_AND_ANALYSIS: (
        "appbio_quantstudio_designandanalysis.appbio_quantstudio_designandanalysis_parser",
        "AppBioQuantStudioDesignandanalysisParser",
        "export.xlsx",
    ),
    Format.DIOMNI: (
        "thermo_fisher_diomni.thermo_fisher_diomni_parser",
        "ThermoFisherDiomniParser",
        "export.xlsx",
    ),
    Format.ABSOLUTE_Q: (
        "appbio_absolute_q.appbio_absolute_q_parser",
        "AppbioAbsoluteQParser",
        "export.csv",
    ),
    Format.QIACUITY: ("qiacuity_dpcr.qiacuity_dpcr_parser", "QiacuitydPCRParser", "export.csv"),
    Format.CFX_MAESTRO: ("cfxmaestro.cfxmaestro_parser", "CfxmaestroParser", "export.csv"),
    Format.BIOPROFILE_FLEX2: (
        "novabio_flex2.novabio_flex2_parser",
        "NovaBioFlexParser",
        "SampleResultsFLEX22000-01-01_000000.csv",
    ),
}
ONE_AT_A_TIME = Lock()  # its check against the schema keeps its place in a stack that all threads share
SAME = 1e-12  # relative: a converter may read a decimal with its last bit off
PLACES = ("well location identifier", "location identifier", "sample identifier")


def convert(filename: str, content: str | bytes, file_format: str, *, timezone: str) -> dict[str, Any]:
    """The file as an Allotrope document. Raises UnableToRead with the converter's own words."""
    from allotropy.allotrope.allotrope import serialize_and_validate_allotrope
    from allotropy.named_file_contents import NamedFileContents
    from allotropy.parsers.utils.timestamp_parser import TimestampParser

    module, name, known_as = PARSERS[file_format]
    parser = getattr(import_module(f"allotropy.parsers.{module}"), name)
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    try:
        with ONE_AT_A_TIME:
            model = parser(TimestampParser(ZoneInfo(timezone))).to_allotrope(
                NamedFileContents(stream, known_as, "utf-8")
            )
            return serialize_and_validate_allotrope(model)
    except Exception as error:  # a converter of foreign text fails in any way there is
        raise UnableToRead(
            f"{filename} was recognised as {file_format} but cannot be converted: {error}"
        ) from error


class Converted:
    """Every number that the converter found, by the well or the sample that it belongs to.

    One number of its vouches for one of ours. What it adds of its own (−0.0 for what a file leaves out, units that
    are not the instrument's) vouches for nothing and is never taken.
    """

    def __init__(self, *documents: dict[str, Any], has_one_sample: bool = False) -> None:
        self._has_one_sample = has_one_sample  # whatever the converter calls it
        self._numbers: dict[str, list[float]] = defaultdict(list)
        self._moments: set[str] = set()
        for document in documents:
            self._gather(document, "")

    def vouches_for(self, number: Decimal, *, place: str = "", table: str = "") -> bool:
        """Whether the converter has this number at this place; each of its numbers counts once."""
        ours = float(number)
        numbers = self._numbers["" if self._has_one_sample else _plain(place)]
        for at, theirs in enumerate(numbers):
            if isclose(ours, theirs, rel_tol=SAME):
                del numbers[at]
                return True
        return False

    def vouches_for_moment(self, moment: datetime) -> bool:
        """Whether the converter read the same clock, if it read one at all."""
        found = {datetime.fromisoformat(text) for text in self._moments}
        return not found or moment in found

    def _gather(self, node: Any, place: str) -> None:
        if isinstance(node, dict):
            place = place if self._has_one_sample else _place_of(node) or place
            if isinstance(moment := node.get("measurement time"), str):
                self._moments.add(moment)
            for value in node.values():
                self._gather(value, place)
        elif isinstance(node, list):
            for value in node:
                self._gather(value, place)
        elif isinstance(node, int | float) and not isinstance(node, bool):
            self._numbers[place].append(float(node))


class ConvertedTables:
    """Tables of one file that the converter was given one by one, because it reads only one of each file."""

    def __init__(self, tables: dict[str, Converted]) -> None:
        self._tables = tables

    def vouches_for(self, number: Decimal, *, place: str = "", table: str = "") -> bool:
        return self._tables[table].vouches_for(number, place=place)

    def vouches_for_moment(self, moment: datetime) -> bool:
        return all(one.vouches_for_moment(moment) for one in self._tables.values())


def _place_of(node: dict[str, Any]) -> str:
    sample = node.get("sample document")
    return next(_names(sample), "") if isinstance(sample, dict) else ""


def _names(sample: dict[str, Any]) -> Iterator[str]:
    return (_plain(str(sample[key])) for key in PLACES if sample.get(key))


def _plain(place: str) -> str:
    """A01 is A1."""
    letters = place.rstrip("0123456789")
    digits = place[len(letters) :]
    return letters + digits.lstrip("0") if letters.isalpha() and letters.isupper() and digits else place
