"""Molecular Devices SoftMax Pro."""

from tests.data.specimens.plate import COLUMNS, grid, reading, used


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
