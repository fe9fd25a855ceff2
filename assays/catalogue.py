"""The methods this laboratory starts with, as `draft_method` takes them: draft_method(**IFNG_ELISA, by=…).

Limits of a product are not said here: they are the specification's. The numbers below are validity criteria
and rounding; a facility that wants others drafts a version of its own.

Each plans how often a result out of specification is measured again in phase II of its investigation, but the culture:
growth is not tested again. Whether the test itself was at fault is the question of phase I; if it was, the result is
invalid and the test is done anew (USP <71>, Observation and interpretation of results).

Each reads the exports of every instrument that tells what its calculation is made from; a facility that has validated
fewer drafts a version without the others. Onset times are read of our own table alone: an export does not say whether
it counts seconds or minutes.
"""

from .catalogue_layouts import cytotoxicity, elisa, panel, three_series

ANY_STAGE = ["in_process", "pre_freeze", "post_thaw"]
OF_THE_PRODUCT = ["pre_freeze", "post_thaw"]

CELL_COUNTERS = ["Vi-CELL BLU", "Vi-CELL XR", "NucleoView NC-200", "NC-View", "Cedex HiRes", "Revvity Matrix"]
PLATE_READERS = [
    "Gen5",
    "SoftMax Pro",
    "Magellan",
    "SkanIt",
    "BMG MARS",
    "BMG SMART Control",
    "EnVision",
    "Kaleido",
]
FLOW_CYTOMETERS = ["FlowJo", "FACSDiva", "Table of values"]
PCR_CYCLERS = ["QuantStudio", "CFX Maestro", "LightCycler", "Diomni", "Table of values"]

CELL_COUNT = {
    "code": "cell-count",
    "name": "Cell count and viability",
    "kind": "cell_count",
    "content": {
        "formats": CELL_COUNTERS,
        "instrument": "cell_counter",
        "calculation": "cell_count",
        "results": [
            {
                "attribute": "viability",
                "unit": "%",
                "decimals": 1,
                "stages": ANY_STAGE,
                "minimum": "0",
                "maximum": "100",
            },
            {
                "attribute": "total_viable_cells",
                "unit": "cells",
                "decimals": 0,
                "stages": ["pre_freeze"],
                "minimum": "0",
                "maximum": "1e14",
            },
        ],
        "retest": {"retests": 2},
    },
}

IFNG_ELISA = {
    "code": "ifng-elisa",
    "name": "IFN-γ release, ELISA",
    "kind": "plate",
    "content": {
        "formats": PLATE_READERS,
        "instrument": "plate_reader",
        "reads": {"signal": "450", "reference": "620"},
        "calculation": "net_cytokine",
        "settings": {
            "weighting": "1/y²",
            "minimum_levels": 6,
            "recovery_tolerance_percent": "20",
            "recovery_tolerance_at_limits_percent": "25",
            "passing_levels_percent": "75",
            "cv_limit_percent": "20",
            "cv_limit_at_limits_percent": "25",
            "dilution_cv_limit_percent": "20",
            "control_tolerance_percent": "20",
            "blank_limit": "0.2",
            "combination": "arithmetic",
        },
        "results": [
            {"attribute": "ifng_net", "unit": "pg/mL", "decimals": 0, "stages": OF_THE_PRODUCT},
        ],
        "layout": elisa(),
        "replicates": 2,
        "retest": {"retests": 1, "replicates": 2},
        "reagents": ["IFN-γ ELISA kit", "Anti-CD3/CD28/CD137 beads"],
    },
}

CYTOTOXICITY = {
    "code": "cytotoxicity",
    "name": "Co-culture cytotoxicity, luciferase targets",
    "kind": "plate",
    "content": {
        "formats": PLATE_READERS,
        "instrument": "plate_reader",
        "reads": {"signal": "Lum", "reference": ""},
        "calculation": "cytotoxicity",
        "settings": {
            "targets": "CTL1",
            "maximum": "CTL2",
            "readout": "signal of living targets",
            "highest_ratio": "20",
            "reported_ratio": "10",
            "targets_per_well": "10000",
            "window": "4",
            "cv_limit_percent": "20",
        },
        "results": [
            {"attribute": "cytotoxicity", "unit": "%", "decimals": 1, "stages": OF_THE_PRODUCT},
            {"attribute": "lytic_units", "unit": "LU/10⁷ cells", "significant": 3, "stages": OF_THE_PRODUCT},
        ],
        "layout": cytotoxicity(),
        "replicates": 3,
        "retest": {"retests": 1, "replicates": 3},
        "reagents": ["Target cell bank", "Luciferase substrate"],
    },
}

ENDOTOXIN_KINETIC = {
    "code": "endotoxin-kinetic",
    "name": "Endotoxin, kinetic chromogenic LAL by onset times",
    "kind": "table",
    "content": {
        "formats": ["Table of values"],
        "instrument": "plate_reader",
        "calculation": "endotoxin",
        "settings": {
            "quantity": "Onset",
            "standards": [
                {"name": f"STD{number}", "eu_per_ml": level}
                for number, level in enumerate(("5", "0.5", "0.05", "0.005"), start=1)
            ],
            "negative": "LAL water",
            "run_seconds": "4500",
            "limit_eu_per_ml": "0.7",
            "spike_eu_per_ml": "0.5",
            "correlation": "0.980",
            "cv_limit_percent": "10",
        },
        "results": [
            {
                "attribute": "endotoxin",
                "unit": "EU/mL",
                "decimals": 3,
                "stages": ["in_process", "pre_freeze"],
            },
        ],
        "replicates": 2,
        "retest": {"retests": 1, "replicates": 2},
        "reagents": ["LAL reagent", "Control standard endotoxin", "LAL reagent water"],
    },
}

STAINED = "Singlets/Live"
T_CELLS = "Singlets/Live/CD45+CD3+"
CD8_CELLS = "Singlets/Live/CD45+CD3+/CD8+"
STAINED_CONTROL = {
    "name": "Control cells",
    "gate": T_CELLS,
    "parent": STAINED,
    "minimum_percent": "55",
    "maximum_percent": "85",
}

IDENTITY_FLOW = {
    "code": "identity-flow",
    "name": "Identity CD45+CD3+, by counted events",
    "kind": "table",
    "content": {
        "formats": FLOW_CYTOMETERS,
        "instrument": "flow_cytometer",
        "calculation": "flow_percent",
        "settings": {
            "populations": [
                {
                    "attribute": "identity_cd45_cd3",
                    "gate": T_CELLS,
                    "parent": STAINED,
                    "parent_events": 10000,
                }
            ],
            "controls": [STAINED_CONTROL],
        },
        "results": [
            {"attribute": "identity_cd45_cd3", "unit": "%", "decimals": 1, "stages": OF_THE_PRODUCT},
        ],
        "retest": {"retests": 2},
        "reagents": ["CD45 antibody", "CD3 antibody", "Viability dye"],
    },
}

CD107A = {
    "code": "cd107a",
    "name": "CD107a mobilisation, flow cytometry",
    "kind": "table",
    "content": {
        "formats": FLOW_CYTOMETERS,
        "instrument": "flow_cytometer",
        "calculation": "flow_net",
        "settings": {
            "populations": [
                {
                    "attribute": "cd107a",
                    "gate": f"{CD8_CELLS}/CD107a+",
                    "parent": CD8_CELLS,
                    "parent_events": 5000,
                }
            ],
            "controls": [STAINED_CONTROL],
        },
        "results": [{"attribute": "cd107a", "unit": "%", "decimals": 1, "stages": OF_THE_PRODUCT}],
        "retest": {"retests": 1},
        "reagents": ["CD107a antibody", "Anti-CD3/CD28/CD137 beads", "Monensin"],
    },
}

MYCOPLASMA_PCR = {
    "code": "mycoplasma-pcr",
    "name": "Mycoplasma, real-time PCR by Cq",
    "kind": "table",
    "content": {
        "formats": PCR_CYCLERS,
        "instrument": "pcr_cycler",
        "calculation": "mycoplasma",
        "settings": {
            "target": "Cq mycoplasma",
            "internal": "Cq internal control",
            "cycles": "40",
            "positive": "Positive control",
            "positive_cq_at_most": "35",
            "negative": "No template",
            "internal_cq_at_most": "34",
            "inhibition_cycles": "3",
            "reactions": 2,
        },
        "results": [
            {
                "attribute": "mycoplasma",
                "texts": ["Not detected", "Detected"],
                "stages": ["in_process", "pre_freeze"],
            },
        ],
        "retest": {"retests": 1, "replicates": 2},
        "reagents": ["PCR master mix", "Mycoplasma primers and probe", "Internal control DNA"],
    },
}

VECTOR_COPY_NUMBER = {
    "code": "copy-number",
    "name": "Copies per cell, duplex qPCR with albumin",
    "kind": "table",
    "content": {
        "formats": PCR_CYCLERS,
        "instrument": "pcr_cycler",
        "calculation": "copy_number",
        "settings": {
            "target": "Cq target",
            "reference": "Cq albumin",
            "standards": [
                {"name": f"STD{number}", "copies": str(10**power)}
                for number, power in enumerate((6, 5, 4, 3, 2), start=1)
            ],
            "no_template": "No template",
        },
        "results": [
            {"attribute": "vector_copies", "unit": "copies/cell", "decimals": 2, "stages": OF_THE_PRODUCT},
        ],
        "retest": {"retests": 1},
        "reagents": ["PCR master mix", "Plasmid standard"],
    },
}

GENE_EXPRESSION = {
    "code": "gene-expression",
    "name": "Expression of IFNG, ΔΔCt against two reference genes",
    "kind": "table",
    "content": {
        "formats": PCR_CYCLERS,
        "instrument": "pcr_cycler",
        "calculation": "expression",
        "settings": {
            "target": "Cq IFNG",
            "references": ["Cq B2M", "Cq HPRT1"],
            "calibrator": "Calibrator",
            "no_template": "No template",
        },
        "results": [
            {"attribute": "relative_expression", "unit": "fold", "significant": 3, "stages": OF_THE_PRODUCT},
        ],
        "retest": {"retests": 1},
        "reagents": ["PCR master mix", "Reverse transcriptase", "IFNG, B2M, HPRT1 primers and probes"],
    },
}


RELATIVE_POTENCY = {
    "code": "relative-potency",
    "name": "Relative potency against the reference lot, parallel 4PL",
    "kind": "plate",
    "content": {
        "formats": PLATE_READERS,
        "instrument": "plate_reader",
        "reads": {"signal": "Lum", "reference": ""},
        "calculation": "relative_potency",
        "settings": {
            "model": "parallel 4PL curves",
            "sample_dose": "100",
            "margins": [
                {"parameter": "slope", "minimum": "0.8", "maximum": "1.25"},
                {"parameter": "range", "minimum": "0.8", "maximum": "1.25"},
            ],
            "assays": 1,
        },
        "results": [
            {"attribute": "relative_potency", "unit": "%", "significant": 3, "stages": OF_THE_PRODUCT},
        ],
        "layout": three_series(),
        "replicates": 3,
        "retest": {"retests": 2, "replicates": 3},
        "reagents": ["Potency reference standard", "Reporter cell bank", "Luciferase substrate"],
    },
}

CYTOKINE_PANEL = {
    "code": "cytokine-panel",
    "name": "Cytokine release, multiplex panel",
    "kind": "multiplex",
    "content": {
        "formats": [
            "xPONENT",
            "INTELLIFLEX",
            "Bio-Plex Manager",
            "MSD Discovery Workbench",
            "MSD Methodical Mind",
            "Table of values",
        ],
        "instrument": "plate_reader",
        "calculation": "net_cytokines",
        "settings": {
            "analytes": [
                {"name": name, "attribute": attribute, "blank_limit": "100", "is_needed": is_needed}
                for name, attribute, is_needed in (
                    ("IFN-γ", "ifng_net", True),
                    ("TNF-α", "tnfa_net", True),
                    ("IL-2", "il2_net", False),
                    ("Granzyme B", "granzyme_b_net", False),
                )
            ],
            "minimum_beads": 50,
        },
        "results": [
            {"attribute": attribute, "unit": "pg/mL", "decimals": 0, "stages": OF_THE_PRODUCT}
            for attribute in ("ifng_net", "tnfa_net", "il2_net", "granzyme_b_net")
        ],
        "layout": panel(),
        "replicates": 2,
        "retest": {"retests": 1, "replicates": 2},
        "reagents": ["Cytokine panel kit", "Anti-CD3/CD28/CD137 beads"],
    },
}


def _by_form(code, name, *, retests=0, **result):
    plan = {"retest": {"retests": retests}} if retests else {}
    return {"code": code, "name": name, "kind": "form", "content": {"results": [result]} | plan}


STERILITY = _by_form(
    "sterility",
    "Sterility, automated culture, 14 days",
    attribute="sterility",
    texts=["No growth", "Growth"],
    days={"No growth": 14},
    stages=["in_process", "pre_freeze"],
)
STERILITY_INTERIM = _by_form(
    "sterility-interim",
    "Sterility, automated culture, interim read of day 7",
    attribute="sterility_interim",
    texts=["No growth to date", "Growth"],
    days={"No growth to date": 7},
    stages=["in_process", "pre_freeze"],
)
GRAM_STAIN = _by_form(
    "gram-stain",
    "Gram stain",
    retests=1,
    attribute="gram_stain",
    texts=["No organisms seen", "Organisms seen"],
    second_reading=True,
    stages=["in_process", "pre_freeze"],
)
ENDOTOXIN = _by_form(
    "endotoxin",
    "Endotoxin, LAL cartridge reader",
    retests=2,
    attribute="endotoxin",
    unit="EU/mL",
    decimals=2,
    qualifiers=["=", "<"],
    minimum="0",
    stages=["in_process", "pre_freeze"],
)
APPEARANCE = _by_form(
    "appearance",
    "Appearance, visual inspection",
    retests=1,
    attribute="appearance",
    texts=["Bag intact, no clumps", "Clumps or particles seen", "Bag damaged"],
    stages=OF_THE_PRODUCT,
)

CATALOGUE = (
    CELL_COUNT,
    IFNG_ELISA,
    CYTOTOXICITY,
    ENDOTOXIN_KINETIC,
    IDENTITY_FLOW,
    CD107A,
    MYCOPLASMA_PCR,
    VECTOR_COPY_NUMBER,
    GENE_EXPRESSION,
    RELATIVE_POTENCY,
    CYTOKINE_PANEL,
    STERILITY,
    STERILITY_INTERIM,
    GRAM_STAIN,
    ENDOTOXIN,
    APPEARANCE,
)
