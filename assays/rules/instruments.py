"""Which instrument writes each format: as people call it, and as the facility registers it."""

from dataclasses import dataclass

from assays.readers import Format


@dataclass(frozen=True, slots=True)
class Instrument:
    name: str
    kind: str  # of equipment


WRITERS = {
    Format.VI_CELL_BLU: Instrument("Beckman Coulter Vi-CELL BLU", "cell_counter"),
    Format.VI_CELL_XR: Instrument("Beckman Coulter Vi-CELL XR", "cell_counter"),
    Format.CEDEX_HIRES: Instrument("Roche Cedex HiRes", "cell_counter"),
    Format.NC_VIEW: Instrument("ChemoMetec NC-View", "cell_counter"),
    Format.NUCLEOVIEW: Instrument("ChemoMetec NucleoView NC-200", "cell_counter"),
    Format.MATRIX: Instrument("Revvity Cellaca MX", "cell_counter"),
    Format.BIOPROFILE_FLEX2: Instrument("Nova BioProfile FLEX2", "cell_counter"),
    Format.CEDEX_BIOHT: Instrument("Roche Cedex Bio HT", "cell_counter"),
    Format.GEN5: Instrument("Agilent Gen5", "plate_reader"),
    Format.SOFTMAX_PRO: Instrument("Molecular Devices SoftMax Pro", "plate_reader"),
    Format.MAGELLAN: Instrument("Tecan Magellan", "plate_reader"),
    Format.SKANIT: Instrument("Thermo SkanIt", "plate_reader"),
    Format.BMG_MARS: Instrument("BMG MARS", "plate_reader"),
    Format.SMART_CONTROL: Instrument("BMG LABTECH SMART Control", "plate_reader"),
    Format.ENVISION: Instrument("PerkinElmer EnVision", "plate_reader"),
    Format.KALEIDO: Instrument("Revvity Kaleido (EnSight)", "plate_reader"),
    Format.METHODICAL_MIND: Instrument("MSD Methodical Mind", "plate_reader"),
    Format.MSD_WORKBENCH: Instrument("MSD Discovery Workbench", "plate_reader"),
    Format.XPONENT: Instrument("Luminex xPONENT", "plate_reader"),
    Format.INTELLIFLEX: Instrument("Luminex INTELLIFLEX", "plate_reader"),
    Format.BIOPLEX: Instrument("Bio-Rad Bio-Plex Manager", "plate_reader"),
    Format.IMMUNOSPOT: Instrument("CTL ImmunoSpot", "plate_reader"),
    Format.MABTECH_APEX: Instrument("Mabtech Apex", "plate_reader"),
    Format.FLOWJO: Instrument("FlowJo", "flow_cytometer"),
    Format.FACSDIVA: Instrument("BD FACSDiva", "flow_cytometer"),
    Format.QUANTSTUDIO: Instrument("Applied Biosystems QuantStudio", "pcr_cycler"),
    Format.CFX_MAESTRO: Instrument("Bio-Rad CFX Maestro", "pcr_cycler"),
    Format.LIGHTCYCLER: Instrument("Roche LightCycler 480", "pcr_cycler"),
    Format.DIOMNI: Instrument("Thermo Fisher Diomni", "pcr_cycler"),
    Format.ABSOLUTE_Q: Instrument("Applied Biosystems QuantStudio Absolute Q", "pcr_cycler"),
    Format.QIACUITY: Instrument("QIAGEN QIAcuity", "pcr_cycler"),
    Format.TABLE: Instrument("Table of values", ""),
}
