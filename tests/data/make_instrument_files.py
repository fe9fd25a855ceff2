"""Writes specimens of other instruments into this folder: `python -m tests.data.make_instrument_files`."""

from pathlib import Path

from assays.readers.table import HEAD_WITH_WELLS, WITH_WELLS
from tests.data.specimens.bioplex import bioplex
from tests.data.specimens.bioprofile import bioprofile
from tests.data.specimens.bmg_mars import bmg_mars
from tests.data.specimens.cedex_bioht import cedex_bioht, cedex_bioht_of_software_5
from tests.data.specimens.cedex_hires import cedex_hires, cedex_hires_workbook
from tests.data.specimens.digital_pcr import absolute_q, absolute_q_summary, qiacuity
from tests.data.specimens.envision import envision
from tests.data.specimens.facsdiva import facsdiva
from tests.data.specimens.flowjo import flowjo
from tests.data.specimens.gen5 import gen5_other
from tests.data.specimens.immunospot import immunospot
from tests.data.specimens.intelliflex import intelliflex, intelliflex_workbook
from tests.data.specimens.kaleido import kaleido_2, kaleido_3
from tests.data.specimens.mabtech_apex import elispot, fluorospot
from tests.data.specimens.magellan import magellan
from tests.data.specimens.matrix import matrix, matrix_flat, matrix_workbook
from tests.data.specimens.methodical_mind import methodical_mind
from tests.data.specimens.msd_workbench import msd_workbench, msd_workbook
from tests.data.specimens.nc_view import nc_view
from tests.data.specimens.nucleoview import nucleoview
from tests.data.specimens.pcr import (
    cfx_maestro,
    design_and_analysis,
    diomni,
    lightcycler,
    quantstudio,
    quantstudio_workbook,
)
from tests.data.specimens.skanit import skanit
from tests.data.specimens.smart_control import smart_control
from tests.data.specimens.softmax_pro import softmax_pro
from tests.data.specimens.table import table_workbook
from tests.data.specimens.vi_cell_xr import vi_cell_xr, vi_cell_xr_workbook
from tests.data.specimens.workbook import workbook
from tests.data.specimens.xponent import xponent

FILES: dict[str, str | bytes] = {
    "bmg_mars.csv": bmg_mars(),
    "softmax_pro.txt": softmax_pro(),
    "envision.csv": envision(),
    "kaleido_2.csv": kaleido_2(),
    "kaleido_3.csv": kaleido_3(),
    "msd_workbench.csv": msd_workbench(),
    "methodical_mind.txt": methodical_mind(),
    "xponent.csv": xponent(),
    "bioplex.xml": bioplex(),
    "quantstudio.txt": quantstudio(),
    "cfx_maestro.csv": cfx_maestro(),
    "lightcycler.txt": lightcycler(),
    "absolute_q.csv": absolute_q(),
    "absolute_q_summary.csv": absolute_q_summary(),
    "qiacuity.csv": qiacuity(),
    "nucleoview.csv": nucleoview(),
    "nc_view.csv": nc_view(),
    "vi_cell_xr.txt": vi_cell_xr(),
    "vi_cell_xr.xlsx": vi_cell_xr_workbook(),
    "cedex_hires.csv": cedex_hires(),
    "cedex_hires.xlsx": cedex_hires_workbook(),
    "cedex_bioht.txt": cedex_bioht(),
    "cedex_bioht_5.txt": cedex_bioht_of_software_5(),
    "matrix.csv": matrix(),
    "matrix_flat.csv": matrix_flat(),
    "flowjo.wsp": flowjo(),
    "facsdiva.xml": facsdiva(),
    "immunospot.txt": immunospot(),
    "bioprofile.csv": bioprofile(),
    "gen5_luminescence.txt": gen5_other("Luminescence"),
    "gen5_fluorescence.txt": gen5_other("Fluorescence"),
    "magellan.xlsx": magellan(),
    "skanit.xlsx": skanit(),
    "elispot.xlsx": elispot(),
    "fluorospot.xlsx": fluorospot(),
    "smart_control.xlsx": smart_control(),
    "matrix.xlsx": matrix_workbook(),
    "msd_workbench.xlsx": msd_workbook(),
    "intelliflex.csv": intelliflex(),
    "intelliflex.xlsx": intelliflex_workbook(),
    "quantstudio.xlsx": quantstudio_workbook(),
    "design_and_analysis.xlsx": design_and_analysis(),
    "diomni.xlsx": diomni(),
    "values.xlsx": table_workbook(),
}


# What the import page offers: the head of our own table, and nothing below it.
PAGE = Path(__file__).parents[2] / "assays/static/assays"
TEMPLATES: dict[str, bytes] = {
    "table-of-values.csv": f"{HEAD_WITH_WELLS}\r\n".encode(),
    "table-of-values.xlsx": workbook("Values", [list(WITH_WELLS)]),
}


def main() -> None:
    for name, template in TEMPLATES.items():
        (PAGE / name).write_bytes(template)
    for name, content in FILES.items():
        packed = content.encode() if isinstance(content, str) else content
        (Path(__file__).parent / name).write_bytes(packed)


if __name__ == "__main__":
    main()
