"""Real-time PCR: QuantStudio, CFX Maestro, LightCycler."""

from tests.data.specimens.plate import ROWS
from tests.data.specimens.workbook import workbook, workbook_of

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


def quantstudio_workbook() -> bytes:
    """A sheet for each section, all with the same head."""
    head, *sections = quantstudio().split("\n[")
    facts: list[list[object]] = [list(line[2:].split(" = ")) for line in head.split("\n") if line]
    sheets = {}
    for section in sections:
        title, *lines = section.split("\n")
        sheets[title.rstrip("]")] = [*facts, [], *(list(line.split("\t")) for line in lines)]
    return workbook_of(sheets)


def design_and_analysis() -> bytes:
    """The workbook of QuantStudio Design & Analysis, which calls things otherwise."""
    facts = {
        "File Name": "C:\\PL-0042.eds",
        "Operator": "ana",
        "Barcode": "PL-0042",
        "Instrument Type": "QuantStudio™ 7 Pro System",
        "Block Type": "96-Well 0.2-mL Block",
        "Instrument Name": "QS7PRO-1",
        "Instrument Serial Number": "278880034",
        "Run Start Date/Time": "2026-11-20 09:22:11 AM EST",
        "Run End Data/Time": "2026-11-20 10:04:05 AM EST",
        "Software Name and Version": "Design & Analysis Software v2.6.0",
        "Plugin Name and Version": "Standard Curve v1.5.1",
        "Quantification Cycle Method": "CT",
        "PCR Stage/Step Number": "Stage 2 Step 2",
    }
    head = [
        "Well",
        "Well Position",
        "Omit",
        "Sample",
        "Target",
        "Task",
        "Reporter",
        "Amp Score",
        "Cq",
        "Threshold",
    ]
    rows: list[list[object]] = [
        [
            ROWS.index(well[0]) * 12 + int(well[1:]),
            *(well, False, sample, target, "UNKNOWN", "FAM", 1.4 if cq else 0),
            *(float(cq) if cq else "UNDETERMINED", 0.133),
        ]
        for well, sample, target, cq in reactions()
    ]
    return workbook("Results", [*(list(fact) for fact in facts.items()), [], list(head), *rows])


def diomni() -> bytes:
    facts = {
        "File Name": "C:\\Runs\\PL-0042.eds",
        "Operator": "ana",
        "Barcode": "PL-0042",
        "Instrument Type": "QuantStudio™ 7 Pro System",
        "Block Type": "96-Well 0.2-mL Block",
        "Instrument Name": "QS7PRO-1",
        "Instrument Serial Number": "278880034",
        "Run Start Date/Time": "2026-11-20 09:22:11 AM EST",
        "Run End Date/Time": "2026-11-20 10:04:05 AM EST",
        "Software name": "Diomni",
        "Software version": "4.3.0",
        "Quantification Cycle Method": "CT",
    }
    head = [
        "Well",
        "Omit",
        "Sample",
        "Sample type",
        "Target",
        "Reporter",
        "Call",
        "Cq",
        "Amp score",
        "Manual call",
    ]
    rows: list[list[object]] = [
        [
            *(well, "No", sample, "NTC" if sample == "No template" else "Unknown", target, "FAM"),
            *("POSITIVE" if cq else "NEGATIVE", float(cq) if cq else "Undetermined", 1.4 if cq else 0, "No"),
        ]
        for well, sample, target, cq in reactions()
    ]
    return workbook("Target Call", [*(list(fact) for fact in facts.items()), [], list(head), *rows])


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
