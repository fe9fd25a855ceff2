"""Specification contents that tests hold results against."""

from decimal import Decimal

from tilmfg.release import catalogue
from tilmfg.release.rules import ReportedResult, parse

MELANOMA = parse(catalogue.MELANOMA)

GOOD = {
    "appearance": "Bag intact, no clumps",
    "viability": "91.2",
    "total_viable_cells": "24000000000",
    "identity_cd45_cd3": "97.4",
    "ifng_net": "2310.5",
    "endotoxin": "0.05",
    "gram_stain": "No organisms seen",
    "mycoplasma": "Not detected",
    "sterility": "No growth",
}
UNITS = {criterion.attribute: criterion.unit for criterion in MELANOMA.criteria}
METHODS = {criterion.attribute: criterion.method for criterion in MELANOMA.criteria}


def reported(attribute, value=None, **changes):
    """A final result of an attribute; text for attributes without a unit."""
    value = GOOD[attribute] if value is None else value
    unit = UNITS[attribute]
    finding = {"value": Decimal(value), "unit": unit} if unit else {"text": value}
    fields = {"id": 1 + list(GOOD).index(attribute), "stage": "pre_freeze", "method": METHODS[attribute]}
    return ReportedResult(attribute=attribute, **(fields | finding | changes))


def all_good(**values):
    """Every result of a lot that conforms, some with another value."""
    return [reported(attribute, values.get(attribute)) for attribute in GOOD]


def criterion(kind="minimum", **limits):
    """One numeric criterion on viability."""
    line = {
        "code": "viability",
        "attribute": "viability",
        "label": "Viability",
        "group": "purity",
        "stage": "pre_freeze",
        "method": "cell-count",
        "kind": kind,
        "unit": "%",
        "days_after_harvest": 1,
    }
    return {"product": "TIL", "rule": "all", "criteria": [line | limits]}
