"""What the laboratory measures of a product: one code per attribute, the word people use for it, its unit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    code: str
    name: str
    unit: str = ""


VIABILITY = Attribute("viability", "Viability", "%")
TOTAL_VIABLE_CELLS = Attribute("total_viable_cells", "Total viable cells", "cells")
IDENTITY_CD45_CD3 = Attribute("identity_cd45_cd3", "Identity, CD45+CD3+", "%")
IFNG_NET = Attribute("ifng_net", "IFN-γ release, net", "pg/mL")
ENDOTOXIN = Attribute("endotoxin", "Endotoxin", "EU/mL")
MYCOPLASMA = Attribute("mycoplasma", "Mycoplasma")
GRAM_STAIN = Attribute("gram_stain", "Gram stain")
STERILITY = Attribute("sterility", "Sterility")
APPEARANCE = Attribute("appearance", "Appearance")

ATTRIBUTES = {
    attribute.code: attribute
    for attribute in (
        VIABILITY,
        TOTAL_VIABLE_CELLS,
        IDENTITY_CD45_CD3,
        IFNG_NET,
        ENDOTOXIN,
        MYCOPLASMA,
        GRAM_STAIN,
        STERILITY,
        APPEARANCE,
    )
}


def name_of(code: str) -> str:
    """The word on pages and certificates."""
    return ATTRIBUTES[code].name
