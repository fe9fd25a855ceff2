"""Digital PCR: QuantStudio Absolute Q and QIAcuity."""

from math import log

from tests.data.specimens.plate import ROWS

TARGETS = (("WPRE", "FAM"), ("RPP30", "VIC"))
# Sample, then the positive partitions of either target in two wells each.
COUNTED = (
    ("Positive control", (1806, 1822), (3611, 3640)),
    ("No template", (0, 0), (1, 0)),
    ("TIL-0001-D22", (2410, 2387), (2655, 2630)),
    ("TIL-0002-D22", (412, 430), (2712, 2698)),
)
ARRAY, NANOPLATE = (20441, 0.000432), (25420, 0.000838)  # partitions of a well, and the microlitres of one


def wells(array: tuple[int, float]) -> list[tuple[str, str, dict[str, tuple[int, int, float]]]]:
    """Well and sample, and of each target its positive and valid partitions and the copies per microlitre."""
    partitions, volume = array
    found = []
    for at, (sample, *targets) in enumerate(COUNTED):
        for column in range(2):
            valid = partitions - 17 * at + column
            told = {}
            for (target, _), counts in zip(TARGETS, targets, strict=True):
                positive = counts[column]
                told[target] = (positive, valid, -log(1 - positive / valid) / volume)
            found.append((f"{ROWS[at]}{column + 1}", sample, told))
    return found


def absolute_q() -> str:
    head = "Run,Date,Instrument,Plate,Group,Name,Well,Total,Dye,Target,Conc. cp/uL,SD,CV%,95%CI,Positives"
    run = "Copies,2026-11-20 15:04:05.250000+00:00,Absolute Q 0140,M01KM000042"
    lines = [head]
    for number, (target, dye) in enumerate(TARGETS, start=1):
        group = f"Group {number}"
        lines.append(f"{run},{group} (8),,Average,20415.50,{dye},{target},150.25,101.50,67.55,4.1,1158")
        lines += [
            f"{run},{group},{sample},{well},{told[target][1]},{dye},{target},{told[target][2]:.2f},,,1.9,"
            f"{told[target][0]}"
            for well, sample, told in wells(ARRAY)
        ]
    return "\n".join([*lines, ""])


def absolute_q_summary() -> str:
    common, end = "Run name,Group,Sample,Well,DF,QC,Total", "MeanQC,CV_QC,QC Message"
    own = "Target,Conc.,SD,CV%,95%DeltaLCI,95%DeltaUCI,Precision %,Positives,Threshold"
    width = own.count(",") + 1
    dyes = "".join(dye + "," * width for _, dye in TARGETS)
    lines = ["," * 7 + dyes + ",,", ",".join([common, *(own for _ in TARGETS), end])]
    average = ",".join(f"{target},150.25,101.50,67.551,4.100,4.200,,1158," for target, _ in TARGETS)
    lines.append(f",Group 1,,Average,,,20415.50,{average},,,")
    for well, sample, told in wells(ARRAY):
        dyed = ",".join(
            f"{target},{copies:.2f},,,1.900,1.950,3.500,{positive},1372"
            for target, (positive, _, copies) in told.items()
        )
        valid = told["WPRE"][1]
        lines.append(
            f"Copies-M01KM000042,Group 1,{sample},{well},1/1.00000,PASS,{valid},{dyed},10688.1,0.021,"
            "PASS: No QC issues found"
        )
    return "\n".join([*lines, ""])


def qiacuity() -> str:
    head = (
        "Plate name,Plate ID,Plate type,Well,Sample/NTC/Control,Type,Reaction Mix,Target (Name),Target (IC),"
    )
    head += "Target (Control),Conc. [cp/µL] (dPCR reaction),Conc. [cp/mL] (dPCR reaction),"
    head += "CI (95%) (dPCR reaction),Conc. [cp/µL] (undiluted sample),Partitions (Valid),"
    head += "Partitions (Positive),Partitions (Negative),Threshold"
    rows = [head.split(",")]
    plate = ["Copies", "PL-0042", "Nanoplate 26K 24-well"]
    for well, sample, told in wells(NANOPLATE):
        kind = {"No template": "Non Template Control", "Positive control": "Control"}.get(sample, "Sample")
        for target, (positive, valid, copies) in told.items():
            rows.append(
                [
                    *(plate if len(rows) == 1 else ["", "", ""]),
                    *(
                        well,
                        sample,
                        kind,
                        "Duplex",
                        target,
                        "-",
                        "-",
                        f"{copies:.3f}",
                        f"{1000 * copies:.6f}",
                    ),
                    *("4.1%", f"{5 * copies:.1f}"),
                    *(str(valid), str(positive), str(valid - positive), "42.71"),
                ]
            )
    return "\n".join(["sep=,", *(",".join(f'"{cell}"' for cell in row) for row in rows), ""])
