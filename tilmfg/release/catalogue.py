"""The specifications this facility starts with; an approved version in the database is what counts.

Limits are written in the digits to which a value is rounded before it is compared.
"""

from collections.abc import Mapping, Sequence

PRODUCT = "Autologous tumor-infiltrating lymphocytes, cryopreserved"


def _minimum(low: str, unit: str) -> dict:
    return {"kind": "minimum", "low": low, "unit": unit}


def _maximum(high: str, unit: str) -> dict:
    return {"kind": "maximum", "high": high, "unit": unit}


def _range(low: str, high: str, unit: str) -> dict:
    return {"kind": "range", "low": low, "high": high, "unit": unit}


def _finding(text: str) -> dict:
    return {"kind": "text", "text": text}


def _criterion(
    attribute: str,
    label: str,
    group: str,
    method: str,
    days: int,
    limit: Mapping,
    *,
    code: str = "",
    alternatives: Sequence[str] = (),
) -> dict:
    """A criterion at harvest; `days` after it the result is expected."""
    return {
        "code": code or attribute,
        "attribute": attribute,
        "label": label,
        "group": group,
        "stage": "pre_freeze",
        "method": method,
        "days_after_harvest": days,
        **limit,
        **({"alternatives": list(alternatives)} if alternatives else {}),
    }


CRITERIA = (
    _criterion("appearance", "Appearance", "purity", "appearance", 0, _finding("Bag intact, no clumps")),
    _criterion("viability", "Viability", "purity", "cell-count", 1, _minimum("70", "%")),
    _criterion(
        "total_viable_cells",
        "Total viable cells, labelled dose",
        "quantity",
        "cell-count",
        1,
        _range("7.5e9", "72.0e9", "cells"),
    ),
    _criterion(
        "total_viable_cells",
        "Total viable cells, specification",
        "quantity",
        "cell-count",
        1,
        _range("1.0e9", "150.0e9", "cells"),
        code="total_viable_cells_specification",
    ),
    _criterion("identity_cd45_cd3", "CD45⁺CD3⁺ cells", "identity", "identity-flow", 2, _minimum("90", "%")),
    _criterion(
        "ifng_net",
        "IFN-γ release, stimulated − unstimulated",
        "potency",
        "ifng-elisa",
        5,
        _minimum("500", "pg/mL"),
    ),
    _criterion(
        "endotoxin",
        "Endotoxin",
        "microbiology",
        "endotoxin-kinetic",
        2,
        _maximum("0.7", "EU/mL"),
        alternatives=["endotoxin"],
    ),
    _criterion("gram_stain", "Gram stain", "microbiology", "gram-stain", 1, _finding("No organisms seen")),
    _criterion("mycoplasma", "Mycoplasma", "microbiology", "mycoplasma-pcr", 3, _finding("Not detected")),
    _criterion("sterility", "Sterility", "microbiology", "sterility", 14, _finding("No growth")),
)

MELANOMA = {"product": PRODUCT, "rule": "all", "criteria": list(CRITERIA)}
NSCLC = {"product": PRODUCT, "rule": "all", "criteria": list(CRITERIA)}

# code → name, indication, content
SPECIFICATIONS = {
    "TIL-REL-MEL": ("TIL release, melanoma", "melanoma", MELANOMA),
    "TIL-REL-NSCLC": ("TIL release, NSCLC", "nsclc", NSCLC),
}
