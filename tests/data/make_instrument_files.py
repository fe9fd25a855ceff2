"""Writes specimens in the formats of other instruments into this folder: `python -m tests.data.make_instrument_files`.

The plates hold what the Gen5 plate of this folder holds, so that the same assay can be computed from each of them.
"""

import io
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from assays.readers import PlateFile, Well, read
from assays.readers.table import HEAD_WITH_WELLS, WITH_WELLS
from tests.data.make_gen5_plate import PLATE, TIMEZONE

ROWS, COLUMNS = "ABCDEFGH", range(1, 13)
SOURCE = read("gen5.txt", PLATE.encode(), timezone=TIMEZONE)
assert isinstance(SOURCE, PlateFile)
WELLS: dict[str, Well] = {well.position: well for well in SOURCE.wells}


def reading(position: str, label: str) -> str:
    value = WELLS[position].readings[label]
    return f"{value:f}" if hasattr(value, "as_tuple") else ""


def grid(label: str) -> list[list[str]]:
    """Every well, those that hold nothing as the plastic alone."""
    return [[reading(f"{row}{column}", label) or "0.041" for column in COLUMNS] for row in ROWS]


def used() -> list[Well]:
    return [well for well in WELLS.values() if well.layout_name]


def signal(well: Well) -> int:
    """Counts of light in place of absorbance."""
    return round(float(well.difference("450", "620")) * 100_000)  # type: ignore[arg-type]


def bmg_mars() -> str:
    head = [
        "User: ANA,Path: C:\\Program Files (x86)\\BMG\\CLARIOstar\\User\\Data,Test run no.: 7",
        "Test name: IFN-gamma ELISA,Date: 11/20/2026,Time: 10:04:05 AM",
        "",
        "ID1: PL-0042,",
        "Absorbance",
        "",
    ]
    for label in ("450", "620"):
        head += [f"Raw Data  ({label})", "", f",{','.join(map(str, COLUMNS))},"]
        head += [f"{row},{','.join(cells)}" for row, cells in zip(ROWS, grid(label), strict=True)] + [""]
    return "\r\n".join([*head, ""])


def softmax_pro() -> str:
    columns = "\t".join(map(str, COLUMNS))
    lines = [
        "##BLOCKS= 4",
        "Plate:\tPL-0042\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t2\t450 620 \t"
        "1\t12\t96\t1\t8\t\t",
        f"\tTemperature(°C)\t{columns}\t\t{columns}\t\t",
    ]
    for at, (own, reference) in enumerate(zip(grid("450"), grid("620"), strict=True)):
        temperature = "22.5" if not at else ""
        lines.append(f"\t{temperature}\t" + "\t".join(own) + "\t\t" + "\t".join(reference) + "\t\t")
    lines += ["", "~End"]
    lines += softmax_group("Standards", "STD", "Sample\tWells\tConc\tValues", with_nominal=True)
    lines += softmax_group("Controls", "CTL", "Sample\tWells\tConc\tValues", with_nominal=True)
    lines += softmax_group("Unknowns", ("SPL", "UNS"), "Sample\tWells\tDilution\tValues", with_nominal=False)
    saved = "Original Filename: PL-0042; Date Last Saved: 11/20/2026 10:06:00 AM"
    return "\r\n".join([*lines, saved, ""])


def softmax_group(name: str, prefix: str | tuple[str, ...], head: str, *, with_nominal: bool) -> list[str]:
    lines, before = [f"Group: {name}", head], ""
    for well in sorted(used(), key=lambda well: (well.layout_name, well.position)):
        if well.layout_name.startswith(prefix):
            is_new, before = well.group != before, well.group
            number = well.nominal_concentration if with_nominal else well.dilution_factor
            shown = [well.group if is_new else " ", well.position, f"{number}", reading(well.position, "450")]
            lines.append("\t".join(shown))
    return [*lines, "", "Group Column\tFormula Name\tFormula\tPrecision\tNotation", "", "~End "]


def msd_workbench() -> str:
    head = "Sample,Assay,Well,Spot,Dilution,Concentration,Signal,Adjusted Signal,Calc. Concentration"
    lines = ["Plate_PL0042,,,,,,,,", head]
    for well in used():
        standard = well.group.startswith("STD")
        name = f"S{int(well.group[3:]):03d}" if standard else "B001" if well.group == "BLK" else well.group
        dilution = f"{well.dilution_factor}" if well.group.startswith(("SPL", "UNS")) else ""
        place = f"{well.row}{well.column:02d}"
        for spot, (assay, factor) in enumerate((("IFN-γ", 1), ("IL-2", 2)), start=1):
            known = isinstance(well.nominal_concentration, type(SOURCE.wells[0].readings["450"]))
            nominal = f"{well.nominal_concentration * factor:f}" if known else ""  # type: ignore[operator]
            counts = signal(well) // factor
            lines.append(f"{name},{assay},{place},{spot},{dilution},{nominal},{counts},{counts},NaN")
    return "\r\n".join([*lines, ""])


def xponent() -> str:
    lines = [
        "Program,xPONENT,,MAGPIX,,",
        "Build,4.3.229.0,,,,",
        "Date,11/20/2026,10:04 AM,,,",
        ",,,,,",
        "SN,MAGPX0001,,,,",
        "Batch,PL-0042,,,,",
        "Version,1,,,,",
        "Operator,ana,,,,",
        "ComputerName,LAB-7,,,,",
        "Country Code,7F,,,,",
        "ProtocolName,Cytokines,,,,",
        "ProtocolVersion,3,,,,",
        "ProtocolDescription,,,,,",
        "ProtocolDevelopingCompany,,,,,",
        "SampleVolume,50 uL,,,,",
        "DDGate,5000 to 25000,,,,",
        "SampleTimeout,0 sec,,,,",
        "BatchStartTime,11/20/2026 10:04:05 AM,,,,",
        "BatchStopTime,11/20/2026 10:30:00 AM,,,,",
        "BatchDescription,<None>,,,,",
        "ProtocolPlate,Name,96 wells,Type,96,Plates,1",
        "ProtocolMicrosphere,Map,MagPlex,Type,MagPlex,Count,2",
        "ProtocolReporterGain,Standard PMT,,,,",
        "ProtocolAnalysis,Off,,,,",
        "NormBead,None,,,,",
        "ProtocolHeater,Off,,,,",
        ",,,,,",
        "Most Recent Calibration and Verification Results:,,,,,",
        "Last CAL1 Calibration,Passed 11/20/2026 09:25:11,,,,",
        ",,,,,",
        "CALInfo:,,,,,",
        "Reporter Calibrator,,,,,",
        "Lot,ExpirationDate,CalibrationTime,Result,MachineSerialNo,",
        "B11121,02/08/2027,11/20/2026 9:25:41 AM,Pass,MAGPX0001,",
        ",,,,,",
        "Samples,96,Min Events,50,Per Bead,",
        ",,,,,",
        "Results,,,,,",
        ",,,,,",
    ]
    blocks = (
        ("Median", "IFN-g,IL-2,Total Events", lambda well: f"{signal(well)},{signal(well) / 2},210"),
        ("Count", "IFN-g,IL-2,Total Events", lambda well: f"{95 + well.column},{103 + well.column},210"),
        ("Units", None, None),
        ("Dilution Factor", "Dilution Factor", lambda well: dilution_of(well)),
    )
    for kind, head, cells in blocks:
        lines.append(f"DataType:,{kind},,,,")
        if cells is None:
            lines += ["Analyte:,IFN-g,IL-2,,,", "BeadID:,12,15,,,", "Units:,pg/mL,pg/mL,,,", ",,,,,"]
            continue
        lines.append(f"Location,Sample,{head},")
        lines += [
            f'"{at}(1,{well.position})",{well.group},{cells(well)},'
            for at, well in enumerate(used(), start=1)
        ]
        lines.append(",,,,,")
    lines += ["-- CRC --,,,,,", "CRC32: 00000000,,,,,"]
    return "\r\n".join([*lines, ""])


def dilution_of(well: Well) -> str:
    return f"{well.dilution_factor}" if well.group.startswith(("SPL", "UNS")) else "1"


def bioplex() -> str:
    kinds = {"Blank": "BLK", "Control": "CTL", "Standard": "STD", "Unknown": ("SPL", "UNS")}
    analytes = (("12", "IFN-g", 1), ("15", "IL-2", 2))
    samples, wells = [], []
    for kind, prefix in kinds.items():
        samples.append(f"<{kind}s>")
        for well in used():
            if not well.layout_name.startswith(prefix):
                continue
            readings = "".join(
                f'<MWAnalyte RegionNumber="{region}"><AnalyteName>{name}</AnalyteName>'
                f'<Reading Valid="true" Code="0" OutlierType="None">{signal(well) / factor:.17E}</Reading></MWAnalyte>'
                for region, name, factor in analytes
            )
            expected = "".join(
                f'<Analyte RegionNumber="{region}"><AnalyteName>{name}</AnalyteName>'
                f"<ExpectedConc>{float(well.nominal_concentration or 0) * factor:.17E}</ExpectedConc></Analyte>"  # type: ignore[arg-type]
                for region, name, factor in analytes
                if kind == "Standard"
            )
            dilution = f"<Dilution>{float(dilution_of(well)):.17E}</Dilution>" if kind == "Unknown" else ""
            samples.append(
                f"<{kind}><Description></Description><Label>{well.group}</Label>{dilution}<MemberWells>"
                f"<MemberWell {place_of(well)}><MWAnalytes>{readings}</MWAnalytes></MemberWell></MemberWells>"
                f"<Analytes>{expected}</Analytes></{kind}>"
            )
        samples.append(f"</{kind}s>")
    for well in used():
        regions = "".join(
            f'<BeadRegion RegionNumber="{region}"><RegionCount>{80 + well.column}</RegionCount>'
            f"<Median>{signal(well) / factor:.2f}</Median><Mean>{signal(well) / factor + 3:.17E}</Mean>"
            "<CV>2.0E-001</CV><StdDev>2.0E+002</StdDev><StdErr>3.2E+001</StdErr><TrimmedMean>9.7E+002</TrimmedMean>"
            "<TrimmedCV>1.8E-001</TrimmedCV><TrimmedStdDev>1.8E+002</TrimmedStdDev></BeadRegion>"
            for region, name, factor in analytes
        )
        wells.append(WELL_OF_BEADS.format(place=place_of(well), regions=regions))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<bpm:BioPlexManager xmlns:bpm="http://www.Bio-Rad.com/XMLschema/2010/Bio-Plex_5" '
        'BioPlexManagerVersion="6.2.0.175"><NativeDocumentLocation>C:\\PL-0042.rbx</NativeDocumentLocation>'
        "<NativeDocumentName>PL-0042</NativeDocumentName><Description></Description>"
        '<PlateDimensions Columns="12" Rows="8" TotalWells="96" />\n'
        f"<Samples>{chr(10).join(samples)}</Samples>\n<Wells>{chr(10).join(wells)}</Wells></bpm:BioPlexManager>\n"
    )


def place_of(well: Well) -> str:
    row = ROWS.index(well.row) + 1
    return f'RowNo="{row}" ColNo="{well.column}" WellNo="{(row - 1) * 12 + well.column}"'


WELL_OF_BEADS = (
    "<Well {place}><PlateID>PL-0042</PlateID><User>ana</User><AcquisitionTime>2026-11-20T15:04:05Z</AcquisitionTime>"
    "<RunProtocolDocumentName>Cytokines</RunProtocolDocumentName><RunProtocolDocumentLocation>C:\\Cytokines.spbx"
    '</RunProtocolDocumentLocation><RunConditions><PlatformTemp Unit="°C">23.56</PlatformTemp><RP1Gain>2198</RP1Gain>'
    '</RunConditions><RunSettings><SampleVolume Unit="µl">50</SampleVolume><StopReadingCriteria BeadCount="50" '
    'BeadCountIn="0">Each selected region</StopReadingCriteria><RegionsOfInterest><Region RegionNumber="12" />'
    '<Region RegionNumber="15" /></RegionsOfInterest></RunSettings><MachineInfo><MicroControllerVersion>2.6.1'
    "</MicroControllerVersion><SerialNumber>LX1</SerialNumber></MachineInfo><TotalEvents>717</TotalEvents>"
    "<TotalGatedEvents>637</TotalGatedEvents><TotalRegionEventCount>609</TotalRegionEventCount>"
    "<BeadRegions>{regions}</BeadRegions></Well>"
)

# Sample, then the Cq of mycoplasma and of the internal control in two reactions each; none did not amplify.
REACTIONS = (
    ("Positive control", ("31.204", "31.377"), ("28.115", "28.090")),
    ("No template", ("", ""), ("28.204", "28.310")),
    ("TIL-0001-D22", ("", ""), ("28.410", "28.530")),
    ("TIL-0002-D22", ("33.917", ""), ("28.655", "28.705")),
)


def reactions() -> list[tuple[str, str, str, str]]:
    """Well, sample, target, Cq."""
    return [
        (f"{ROWS[at]}{column + 1 + 2 * place}", sample, target, cq)
        for at, (sample, own, internal) in enumerate(REACTIONS)
        for place, (target, pair) in enumerate((("Mycoplasma", own), ("Internal control", internal)))
        for column, cq in enumerate(pair)
    ]


def quantstudio() -> str:
    facts = {
        "Block Type": "96-Well Block (0.2mL)",
        "Chemistry": "TAQMAN",
        "Date Created": "2026-11-20 09:22:11 AM EST",
        "Experiment Barcode": "",
        "Experiment Comment": "NA",
        "Experiment File Name": "C:\\PL-0042.eds",
        "Experiment Name": "Mycoplasma PL-0042",
        "Experiment Run End Time": "2026-11-20 10:04:05 AM EST",
        "Experiment Type": "Standard Curve",
        "Instrument Name": "278880034",
        "Instrument Serial Number": "278880034",
        "Instrument Type": "QuantStudio(TM) 7 Flex System",
        "Passive Reference": "ROX",
        "Quantification Cycle Method": "Ct",
        "Signal Smoothing On": "true",
        "Stage/ Cycle where Analysis is performed": "Stage 2, Step 2",
        "User Name": "ana",
    }
    lines = [f"* {name} = {value}" for name, value in facts.items()]
    setup = [
        "Well",
        "Well Position",
        "Sample Name",
        "Target Name",
        "Task",
        "Reporter",
        "Quencher",
        "Quantity",
        "Comments",
    ]
    results = [
        "Well",
        "Well Position",
        "Omit",
        "Sample Name",
        "Target Name",
        "Task",
        "Reporter",
        "Quencher",
        "CT",
    ]
    results += ["Ct Mean", "Ct SD", "Quantity", "Ct Threshold", "Baseline Start", "Baseline End", "Comments"]
    lines += ["", "[Sample Setup]", "\t".join(setup)]
    number = {well: str(ROWS.index(well[0]) * 12 + int(well[1:])) for well, _, _, _ in reactions()}
    lines += [
        "\t".join([number[well], well, sample, target, "UNKNOWN", "FAM", "NFQ-MGB", "", ""])
        for well, sample, target, _ in reactions()
    ]
    lines += ["", "", "[Amplification Data]", "Well\tCycle\tTarget Name\tRn\tDelta Rn"]
    lines += [f"{number[well]}\t1\t{target}\t0.627\t0.001" for well, _, target, _ in reactions()]
    lines += ["", "[Results]", "\t".join(results)]
    lines += [
        "\t".join(
            [
                *(number[well], well, "false", sample, target, "UNKNOWN", "FAM", "NFQ-MGB"),
                *(cq or "Undetermined", "", "", "", "0.133", "3", "25", ""),
            ]
        )
        for well, sample, target, cq in reactions()
    ]
    return "\n".join([*lines, "", "Analysis Type = Singleplex", ""])


def cfx_maestro() -> str:
    head = (
        ",Well,Fluor,Target,Content,Sample,Biological Set Name,Cq,Cq Mean,Cq Std. Dev,Starting Quantity (SQ)"
    )
    lines = [head + ",Log Starting Quantity,SQ Mean,SQ Std. Dev,Set Point,Well Note"]
    lines += [
        f",{well[0]}{int(well[1:]):02d},FAM,{target},Unkn,{sample},,{cq or 'NaN'},{cq or 'NaN'},0,NaN,NaN,NaN,0,60,"
        for well, sample, target, cq in reactions()
    ]
    return "\n".join([*lines, ""])


def lightcycler() -> str:
    lines = [
        "Experiment: Mycoplasma PL-0042  Selected Filter: Mycoplasma (465-510)",
        "Include\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus",
    ]
    lines += [
        f"True\t255\t{well}\t{sample}\t{cq}\t\t0\t"
        for well, sample, target, cq in reactions()
        if target == "Mycoplasma"
    ]
    return "\r\n".join([*lines, ""])


def nucleoview() -> str:
    return "\r\n".join(
        [
            "Viability and Cell Count Assay; ;",
            "Image;20261120-0012-c-TIL-0001-D22;",
            "Operator;ana;",
            "Viability (%);91.4;",
            "Live (cells/ml);2.35E6;",
            "Dead (cells/ml);2.21E5;",
            "Total (cells/ml);2.57E6;",
            " ; ;",
            "Estimated cell diameter (um);9.1;",
            "Cell diameter standard deviation (um);2.3;",
            "(%) of cells in aggregates with five or more cells;3;",
            "Sample Volume (ul);200.0;",
            "Dilution Volume (ul);0.000;",
            "Multiplication factor;1.000;",
            ";",
            "cm filename;20261120-0012-c-TIL-0001-D22.cm",
            "Protocol template title;Viability and Cell Count Assay",
            "Instrument type;NucleoView NC-200",
            "Instrument s/n;s/n 9000",
            "Date time;20261120 143016",
            "Time zone offset;-5",
            "Login ID;ana",
            "PC;LAB-7",
            "Application SW version;1.4.2.0",
            "21 CFR Part 11;disabled",
            "Event log format;Plain text",
            "csv file version;2",
            "",
            "//[ECEC5A41]",
        ]
    )


# Sample, then the events of each gate below the one before.
GATES = ("Singlets", "Live", "CD45+CD3+", "CD8+", "CD107a+")
EVENTS = (
    ("Control cells", (98_000, 91_500, 84_200, 58_400, 25_600, 900)),
    ("TIL-0001-D22 stimulated", (120_400, 112_300, 101_777, 96_540, 61_220, 20_112)),
    ("TIL-0001-D22 unstimulated", (118_900, 111_004, 100_250, 95_101, 60_080, 1_215)),
)


def flowjo() -> str:
    samples = []
    for at, (name, counts) in enumerate(EVENTS, start=1):
        inner = ""
        for gate, count in reversed(list(zip(GATES, counts[1:], strict=True))):
            below = f"<Subpopulations>{inner}</Subpopulations>" if inner else ""
            inner = (
                f'<Population name="{gate}" annotation="" owningGroup="All Samples" count="{count}">'
                f"{GATE.format(gate=gate, sample=at)}{below}</Population>"
            )
        keywords = {
            "$DATE": "20-NOV-2026",
            "$BTIM": f"10:0{at}:39",
            "$CYT": "FACSCelesta",
            "$TOT": str(counts[0]),
        }
        words = "".join(f'<Keyword name="{key}" value="{value}" />' for key, value in keywords.items())
        samples.append(
            f'<Sample><DataSet uri="file:/C:/{at}.fcs" sampleID="{at}" /><Keywords>{words}</Keywords>'
            f'<SampleNode name="{name}.fcs" annotation="" owningGroup="" sampleID="{at}" count="{counts[0]}">'
            f"<Subpopulations>{inner}</Subpopulations></SampleNode></Sample>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Workspace version="20.0" modDate="Fri Nov 20 15:24:55 EST 2026" '
        'clientTimestamp="1763965895686" flowJoVersion="10.10.0" '
        'xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
        'xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations" '
        'xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.isac-net.org/std/Gating-ML/v2.0/gating Gating-ML.v2.0.xsd '
        "http://www.isac-net.org/std/Gating-ML/v2.0/transformations Transformations.v2.0.xsd "
        'http://www.isac-net.org/std/Gating-ML/v2.0/datatypes DataTypes.v2.0.xsd" '
        'nonAutoSaveFileName="file:/C:/PL-0042.wsp">\n<Matrices />\n<Groups />\n<SampleList>'
        + "\n".join(samples)
        + "</SampleList></Workspace>\n"
    )


GATE = (
    '<Gate gating:id="{sample}{gate}"><gating:RectangleGate gating:id="{sample}{gate}">'
    '<gating:dimension gating:min="1" gating:max="2"><data-type:fcs-dimension data-type:name="FSC-A" />'
    "</gating:dimension></gating:RectangleGate></Gate>"
)


def immunospot() -> str:
    counts = [[f"{3 + 7 * row + 2 * column}" for column in COLUMNS] for row in range(8)]
    counts[0][11] = "TNTC"
    sizes = [[f"{0.0072 + row * 0.0004 + column * 0.0001:.4f}" for column in COLUMNS] for row in range(8)]
    lines = [
        "Software version: ImmunoSpot 7.0.30.5",
        "Counted: Fri Nov 20 10:04:05 2026; Authenticated user: 'LAB\\ana'",
        "Analyzer Serial number: S6UNIV-01-1234; Computer name: LAB-7",
        "C:\\Plates\\counted\\PL-0042.txt",
        "Counting window size: 1024x1024",
        "",
        "",
        "Assay:\t1",
        "Counting Mask Size(%): 100",
        "Sensitivity: 160",
        "",
        "-",
        "",
        "",
        "\t\t\tUnprocessed Data",
        "",
        "\tC.T.L.\t\t\tImmunoSpot  Plate Code = PL 0042",
    ]
    for title, table in (("", counts), ("\t\t\tMean spot sizes (Sq.mm)", sizes)):
        lines += [title] if title else []
        lines += ["      " + "     ".join(map(str, COLUMNS)), ""]
        lines += [f"{row}  {'  '.join(cells)}" for row, cells in zip(ROWS, table, strict=True)]
        lines += [] if title else ["TNTC: Too numerous to count"]
        lines.append("")
    return "\r\n".join([*lines, ""])


def bioprofile() -> str:
    head = (
        '"Date & Time","Sample ID","Sample Type","Gln","Glu","Gluc","Lac","NH4+","Na+","K+","Ca++","pH","PO2","PCO2",'
        '"Osm","Total Density","Viable Density","Viability","Cell Type","Operator",'
    )
    rows = [
        "11/20/2026  10:28:04 AM,TIL-0001-D22,Default,0.56,0.16,0.78,2.10,0.25,127.5,4.47,1.09,7.340,197.1,10.3,300,"
        "2.57,2.35,91.4,TIL,ana,",
        "11/20/2026  10:33:17 AM,TIL-0002-D22,Default,0.58,0.12,0.79,1.90,0.25,128.1,4.47,1.09,7.262,211.9,14.5,303,"
        "0.18,10.00%,88.0,TIL,ana,",
    ]
    return "\r\n".join([head, *rows, ""])


def gen5_other(kind: str) -> str:
    """A plate of luminescence or fluorescence without a layout, as Gen5 writes it."""
    label = {"Luminescence": "Lum", "Fluorescence": "485/20,528/20"}[kind]
    detail = {
        "Luminescence": "\t    Emission: Full light\n\t    Optics: Top,  Gain: 135\n",
        "Fluorescence": "\t    Excitation: 485/20,  Emission: 528/20\n\t    Mirror: Top 510 nm,  Gain: 35\n",
    }[kind]
    head = PLATE.partition("Read\tAbsorbance")[0]
    lines = ["Results", "\t" + "\t".join(map(str, COLUMNS))]
    lines += [
        "\t".join([row, *(f"{21050 + 280 * column + 170 * at}" for column in COLUMNS), label])
        for at, row in enumerate(ROWS)
    ]
    return (
        f"{head}Read\t{kind} Endpoint\n\tFull Plate\n\tFilter Set 1\n{detail}"
        "\tRead Speed: Normal,  Delay: 100 msec\n\tRead Height: 4.5 mm\n\n" + "\n".join([*lines, "", ""])
    )


def magellan() -> bytes:
    rows: list[list[object]] = [["Well positions", "Label1", "Label2"], [None, "0s", "0s"]]
    for row in ROWS:
        for column in COLUMNS:
            place = f"{row}{column}"
            rows.append([place, *(float(reading(place, label) or "0.041") for label in ("450", "620"))])
    notes = [
        "Date of measurement: 2026-11-20/Time of measurement: 10:04:05",
        "elisa.mth",
        "C:\\elisa.mth",
        "PL-0042.wsp",
        "C:\\PL-0042.wsp",
        "450nm",
        "620nm",
        "Unknown user",
        "SUNRISE",
        "Instrument serial number: 1290",
    ]
    for number, wavelength in enumerate(("450", "620"), start=1):
        notes += [
            f"Measurement {number}:",
            "Measurement mode: Absorbance",
            f"Measurement wavelength: {wavelength} nm",
        ]
        notes += ["Number of flashes: 1", "Plate definition file: COS96ft.pdf", "Unit: OD"]
    notes += ["Meas. temperature: Label1: 24.8 °C", "Meas. temperature: Label2: 25.1 °C"]
    return workbook(
        "Magellan Sheet 1", [*rows, *([note] for note in [*notes, "Date: 2026-11-20, Time: 10:04:05"])]
    )


def table_workbook() -> bytes:
    return workbook(
        "Values",
        [
            ["Sample", "Quantity", "Value", "Unit", "Dilution", "Measured at"],
            ["TIL-0001-D22", "Singlets/Live", 91234, "events", 1, datetime(2026, 11, 20, 10, 4, 5)],  # noqa: DTZ001
            ["TIL-0001-D22", "Cq mycoplasma", ">40", "cycles", None, "2026-11-20 10:04:05"],
        ],
    )


def workbook(sheet: str, rows: list[list[object]]) -> bytes:
    """The same bytes each time: the parts of a workbook carry the time at which they were packed."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 11, 20)  # noqa: DTZ001 — of the file
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    same = io.BytesIO()
    with ZipFile(packed) as own, ZipFile(same, "w", ZIP_DEFLATED) as fixed:
        for part in own.infolist():
            content = own.read(part)
            if part.filename == "docProps/core.xml":
                content = content.split(b"<dcterms:modified")[0] + b"</cp:coreProperties>"
            part.date_time = (2026, 11, 20, 0, 0, 0)
            fixed.writestr(part, content)
    return same.getvalue()


FILES: dict[str, str | bytes] = {
    "bmg_mars.csv": bmg_mars(),
    "softmax_pro.txt": softmax_pro(),
    "msd_workbench.csv": msd_workbench(),
    "xponent.csv": xponent(),
    "bioplex.xml": bioplex(),
    "quantstudio.txt": quantstudio(),
    "cfx_maestro.csv": cfx_maestro(),
    "lightcycler.txt": lightcycler(),
    "nucleoview.csv": nucleoview(),
    "flowjo.wsp": flowjo(),
    "immunospot.txt": immunospot(),
    "bioprofile.csv": bioprofile(),
    "gen5_luminescence.txt": gen5_other("Luminescence"),
    "gen5_fluorescence.txt": gen5_other("Fluorescence"),
    "magellan.xlsx": magellan(),
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
