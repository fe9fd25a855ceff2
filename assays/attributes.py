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
CYTOTOXICITY = Attribute("cytotoxicity", "Cytotoxicity, specific lysis", "%")
LYTIC_UNITS = Attribute("lytic_units", "Lytic units, 30 % lysis", "LU/10⁷ cells")
CD107A = Attribute("cd107a", "CD107a+ of CD8+, net", "%")
TNFA_NET = Attribute("tnfa_net", "TNF-α release, net", "pg/mL")
IL2_NET = Attribute("il2_net", "IL-2 release, net", "pg/mL")
GRANZYME_B_NET = Attribute("granzyme_b_net", "Granzyme B release, net", "pg/mL")
RELATIVE_POTENCY = Attribute("relative_potency", "Relative potency", "%")
RELATIVE_EXPRESSION = Attribute("relative_expression", "Expression of the target gene, relative", "fold")
VECTOR_COPIES = Attribute("vector_copies", "Copies of the target sequence", "copies/cell")
ENDOTOXIN = Attribute("endotoxin", "Endotoxin", "EU/mL")
MYCOPLASMA = Attribute("mycoplasma", "Mycoplasma")
GRAM_STAIN = Attribute("gram_stain", "Gram stain")
STERILITY = Attribute("sterility", "Sterility")
STERILITY_INTERIM = Attribute("sterility_interim", "Sterility, interim read")
APPEARANCE = Attribute("appearance", "Appearance")

ATTRIBUTES = {
    attribute.code: attribute
    for attribute in (
        VIABILITY,
        TOTAL_VIABLE_CELLS,
        IDENTITY_CD45_CD3,
        IFNG_NET,
        TNFA_NET,
        IL2_NET,
        GRANZYME_B_NET,
        RELATIVE_POTENCY,
        CYTOTOXICITY,
        LYTIC_UNITS,
        CD107A,
        RELATIVE_EXPRESSION,
        VECTOR_COPIES,
        ENDOTOXIN,
        MYCOPLASMA,
        GRAM_STAIN,
        STERILITY,
        STERILITY_INTERIM,
        APPEARANCE,
    )
}


def name_of(code: str) -> str:
    """The word on pages and certificates."""
    return ATTRIBUTES[code].name


# What a sample drawn for a purpose is tested for; other tests are possible, but not offered first.
_PURPOSES = {
    "cell_count": (VIABILITY.code, TOTAL_VIABLE_CELLS.code),
    "ifng": (IFNG_NET.code,),
    "identity": (IDENTITY_CD45_CD3.code,),
    "sterility": (STERILITY_INTERIM.code, STERILITY.code),
}


def purpose_in_words(purpose: str) -> str:
    """Viability, total viable cells."""
    names = [ATTRIBUTES[code].name for code in of_purpose(purpose) if code in ATTRIBUTES]
    return ", ".join(names) or purpose.replace("_", " ")


def of_purpose(purpose: str) -> tuple[str, ...]:
    """Most purposes are called like the attribute itself."""
    return _PURPOSES.get(purpose, (purpose,))
