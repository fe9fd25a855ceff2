"""Gen5 plates of luminescence and fluorescence."""

from tests.data.make_gen5_plate import PLATE
from tests.data.specimens.plate import COLUMNS, ROWS


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
