"""The process "Gen 2, 22 days" as content of a process definition.

Windows, limits and amounts are the facility's to confirm: an approved version is what counts, and a change
is a new version. Numbers are written as texts because a float is not exactly what was written.
"""


def _cell_count(**changes):
    return {
        "code": "viable_cells_per_ml",
        "label": "Viable cells per mL",
        "unit": "cells/mL",
        "low": "1e4",
        "high": "1e8",
        "critical": True,
        "help": "As counted, corrected for dilution. 7.5e6 is 7 500 000.",
    } | changes


def _volume(**changes):
    return {
        "code": "volume_ml",
        "label": "Volume after volume reduction",
        "unit": "mL",
        "decimals": 1,
        "critical": True,
    } | changes


def _viability(**changes):
    return {
        "code": "viability_percent",
        "label": "Viability",
        "unit": "%",
        "decimals": 1,
        "low": "70",
        "high": "100",
    } | changes


def _total_viable_cells(**changes):
    return {
        "code": "total_viable_cells",
        "label": "Total viable cells",
        "unit": "cells",
        "calculation": "product",
        "of": ["viable_cells_per_ml", "volume_ml"],
        "growth": True,
    } | changes


def _ratio(code, label, final, initial):
    return {
        "code": code,
        "label": label,
        "unit": "fold",
        "decimals": 1,
        "calculation": "ratio",
        "of": [final, initial],
    }


CABINET = {"code": "cabinet", "label": "Biosafety cabinet", "kind": "cabinet"}
INCUBATOR = {"code": "incubator", "label": "Incubator", "kind": "incubator"}
CELL_COUNTER = {"code": "cell_counter", "label": "Cell counter", "kind": "cell_counter"}
IL2 = {"code": "il2", "label": "IL-2", "material": "il2"}

FRAGMENT_AND_SEED = {
    "code": "fragment_and_seed",
    "name": "Fragment and seed",
    "window": {"day": 0, "earliest_hours": 0, "latest_hours": 24},
    "instruction": "Wash the tumor, cut it into fragments of about 3 × 3 × 3 mm and seed up to 60 into each "
    "G-REX100 flask with 1 L of CM1 and IL-2 6000 IU/mL. Incubate at 37 °C, 5 % CO₂, undisturbed.",
    "performed_at_label": "Flasks into the incubator at",
    "handles": [{"prefix": "TB"}],
    "produces": [{"prefix": "FL", "label": "G-REX100 flask", "most": 4}],
    "parameters": [
        {"code": "tumor_pieces", "label": "Tumor pieces received", "unit": "pieces", "low": "1"},
        {
            "code": "fragments",
            "label": "fragments",
            "unit": "fragments",
            "low": "1",
            "high": "60",
            "per": "FL",
            "critical": True,
        },
    ],
    "computed": [
        {
            "code": "total_fragments",
            "label": "Fragments in all flasks",
            "unit": "fragments",
            "calculation": "total",
            "of": ["fragments"],
        },
        {
            "code": "flask_count",
            "label": "Flasks",
            "unit": "flasks",
            "low": "1",
            "high": "4",
            "calculation": "same",
            "of": ["count[FL]"],
        },
    ],
    "materials": [{"code": "medium", "label": "CM1 medium", "material": "cm1_medium"}, IL2],
    "equipment": [CABINET, INCUBATOR],
}

REP_START = {
    "code": "rep_start",
    "name": "Start rapid expansion",
    "window": {"day": 11, "earliest_hours": -24, "latest_hours": 48},
    "instruction": "Pool the flasks and count. Seed all viable cells, at most 200 × 10⁶, into one G-REX500 flask "
    "with 5 L of CM2, IL-2 3000 IU/mL, OKT-3 30 ng/mL and irradiated feeders. Bank what is left over. "
    "Below 5 × 10⁶ stop: QA decides.",
    "performed_at_label": "Flask into the incubator at",
    "handles": [{"prefix": "FL"}],
    "produces": [
        {"prefix": "FL", "label": "G-REX500 flask", "cells": "seeded_cells"},
        {
            "prefix": "CB",
            "label": "Cryobag for excess cells",
            "cells": "excess_cells",
            "only_if": "excess_cells",
            "place": "excess_position",
        },
    ],
    "parameters": [
        _volume(label="Pooled volume", low="10", high="1000"),
        _cell_count(),
        _viability(),
        {
            "code": "feeder_cells",
            "label": "Irradiated feeder cells",
            "unit": "cells",
            "low": "4e9",
            "high": "6e9",
            "critical": True,
        },
        {"code": "excess_position", "label": "storage position", "text": True, "per": "CB"},
    ],
    "computed": [
        _total_viable_cells(low="5e6", stops=True),
        {
            "code": "seeded_cells",
            "label": "Seeded into rapid expansion",
            "unit": "cells",
            "calculation": "at_most",
            "of": ["total_viable_cells"],
            "constants": {"cap": "200e6"},
        },
        {
            "code": "excess_cells",
            "label": "Left over, to be banked",
            "unit": "cells",
            "calculation": "above",
            "of": ["total_viable_cells"],
            "constants": {"cap": "200e6"},
        },
    ],
    "materials": [
        {"code": "medium", "label": "CM2 medium", "material": "cm2_medium"},
        IL2,
        {"code": "okt3", "label": "OKT-3", "material": "okt3"},
        {"code": "feeders", "label": "Irradiated feeders", "material": "feeders"},
    ],
    "equipment": [CABINET, CELL_COUNTER, INCUBATOR],
    "samples": [{"purpose": "sterility", "label": "In-process sterility", "stage": "in_process"}],
}

SPLIT = {
    "code": "split",
    "name": "Count and split",
    "window": {"day": 16, "earliest_hours": 0, "latest_hours": 48},
    "instruction": "Reduce the volume to about 0.5 L, count, and split into 1 to 5 G-REX500 flasks with at "
    "least 1 × 10⁹ viable cells each in 5 L of CM4 with IL-2 3000 IU/mL.",
    "performed_at_label": "Flasks into the incubator at",
    "handles": [{"prefix": "FL"}],
    "produces": [{"prefix": "FL", "label": "G-REX500 flask", "most": 5, "cells": "cells_per_flask"}],
    "parameters": [_volume(low="200", high="1000"), _cell_count(low="1e5"), _viability()],
    "computed": [
        _total_viable_cells(),
        _ratio("fold_expansion", "Expansion since seeding", "total_viable_cells", "rep_start.seeded_cells"),
        {
            "code": "flasks_by_rule",
            "label": "Flasks by the rule of 1 × 10⁹ cells each",
            "unit": "flasks",
            "calculation": "flasks",
            "of": ["total_viable_cells"],
            "constants": {"cells_per_flask": "1e9", "most": 5},
        },
        {
            "code": "flask_count",
            "label": "Flasks",
            "unit": "flasks",
            "low": "1",
            "high": "5",
            "calculation": "same",
            "of": ["count[FL]"],
        },
        {
            "code": "cells_per_flask",
            "label": "Viable cells per flask",
            "unit": "cells",
            "low": "1e9",
            "calculation": "share",
            "of": ["total_viable_cells", "flask_count"],
        },
    ],
    "materials": [{"code": "medium", "label": "CM4 medium", "material": "cm4_medium"}, IL2],
    "equipment": [CABINET, CELL_COUNTER, INCUBATOR],
    "samples": [
        {"purpose": "sterility", "label": "In-process sterility", "stage": "in_process"},
        {"purpose": "mycoplasma", "label": "In-process mycoplasma", "stage": "in_process"},
    ],
}

HARVEST = {
    "code": "harvest",
    "name": "Harvest, formulate and fill",
    "window": {"day": 22, "earliest_hours": 0, "latest_hours": 48},
    "instruction": "Reduce the volume, pool and count. Wash and concentrate with PlasmaLyte A and 1 % HSA, "
    "count again. Formulate about 1:1 with cold CryoStor CS10 and IL-2 300 IU/mL; fill 1 to 4 bags of 100 to 125 mL in "
    "cassettes and draw the QC samples. The contact clock runs from CS10 on: freeze within two hours.",
    "performed_at_label": "CryoStor CS10 added at",
    "handles": [{"prefix": "FL"}],
    "produces": [
        {
            "prefix": "BG",
            "label": "Product bag",
            "most": 4,
            "volume": "bag_volume_ml",
            "cells": "bag_cells",
            "expires_after_days": 365,
        }
    ],
    "parameters": [
        _volume(code="pre_wash_volume_ml", label="Volume before the wash", low="300", high="5000"),
        _cell_count(code="pre_wash_cells_per_ml", label="Viable cells per mL before the wash", low="1e5"),
        _volume(code="post_wash_volume_ml", label="Volume after the wash", low="50", high="500"),
        _cell_count(
            code="post_wash_cells_per_ml", label="Viable cells per mL after the wash", low="1e6", high="1e9"
        ),
        _viability(label="Viability after the wash", critical=True),
        _cell_count(
            code="formulated_cells_per_ml", label="Viable cells per mL as formulated", low="1e6", high="7e8"
        ),
        _volume(code="bag_volume_ml", label="volume", low="100", high="125", per="BG"),
    ],
    "computed": [
        {
            "code": "pre_wash_cells",
            "label": "Viable cells before the wash",
            "unit": "cells",
            "calculation": "product",
            "of": ["pre_wash_cells_per_ml", "pre_wash_volume_ml"],
            "growth": True,
        },
        _ratio("fold_since_split", "Expansion since the split", "pre_wash_cells", "split.total_viable_cells"),
        _ratio("fold_expansion", "Expansion since seeding", "pre_wash_cells", "rep_start.seeded_cells"),
        {
            "code": "post_wash_cells",
            "label": "Viable cells after the wash",
            "unit": "cells",
            "calculation": "product",
            "of": ["post_wash_cells_per_ml", "post_wash_volume_ml"],
        },
        {
            "code": "recovery_percent",
            "label": "Recovery of the wash",
            "unit": "%",
            "decimals": 1,
            "low": "70",
            "high": "110",
            "calculation": "percent",
            "of": ["post_wash_cells", "pre_wash_cells"],
        },
        {
            "code": "bag_cells",
            "label": "viable cells",
            "unit": "cells",
            "per": "BG",
            "calculation": "product",
            "of": ["bag_volume_ml", "formulated_cells_per_ml"],
        },
        {
            "code": "dose_cells",
            "label": "Viable cells in all bags",
            "unit": "cells",
            "calculation": "total",
            "of": ["bag_cells"],
        },
        {
            "code": "filled_percent",
            "label": "Filled, of the washed cells",
            "unit": "%",
            "decimals": 1,
            "high": "110",
            "calculation": "percent",
            "of": ["dose_cells", "post_wash_cells"],
        },
    ],
    "materials": [
        {"code": "wash_buffer", "label": "PlasmaLyte A", "material": "plasmalyte"},
        {"code": "albumin", "label": "Human serum albumin", "material": "hsa"},
        {"code": "cryo_medium", "label": "CryoStor CS10", "material": "cryostor_cs10"},
        IL2,
    ],
    "equipment": [
        CABINET,
        CELL_COUNTER,
        {"code": "cell_washer", "label": "Cell washer", "kind": "cell_washer"},
    ],
    "samples": [
        {"purpose": "cell_count", "label": "Viability and cell count", "stage": "pre_freeze"},
        {"purpose": "ifng", "label": "IFN-γ release", "stage": "pre_freeze"},
        {"purpose": "identity", "label": "Identity by flow cytometry", "stage": "pre_freeze"},
        {"purpose": "endotoxin", "label": "Endotoxin", "stage": "pre_freeze"},
        {"purpose": "mycoplasma", "label": "Mycoplasma", "stage": "pre_freeze"},
        {"purpose": "gram_stain", "label": "Gram stain", "stage": "pre_freeze"},
        {"purpose": "sterility", "label": "Sterility", "stage": "pre_freeze"},
    ],
}

FREEZE = {
    "code": "freeze",
    "name": "Freeze and store",
    "window": {"day": 22, "earliest_hours": 0, "latest_hours": 2, "after_step": "harvest"},
    "instruction": "Freeze at about −1 °C/min in the controlled-rate freezer, then transfer each cassette to its "
    "position in vapour-phase liquid nitrogen at −150 °C or below.",
    "performed_at_label": "Controlled-rate freezing started at",
    "handles": [{"prefix": "BG", "place": "storage_position"}],
    "parameters": [
        {
            "code": "storage_temperature_c",
            "label": "Storage temperature at transfer",
            "unit": "°C",
            "decimals": 1,
            "low": "-196",
            "high": "-150",
        },
        {
            "code": "storage_position",
            "label": "storage position",
            "text": True,
            "per": "BG",
            "critical": True,
        },
    ],
    "computed": [
        {
            "code": "contact_minutes",
            "label": "Cells in CryoStor CS10 before freezing",
            "unit": "min",
            "calculation": "same",
            "of": ["minutes_since[harvest]"],
        },
    ],
    "equipment": [
        {"code": "rate_freezer", "label": "Controlled-rate freezer", "kind": "rate_freezer"},
        {"code": "storage_freezer", "label": "Storage freezer", "kind": "storage_freezer"},
    ],
}

GEN2_22_DAYS = {
    "late_entry_after_minutes": 15,
    "steps": [FRAGMENT_AND_SEED, REP_START, SPLIT, HARVEST, FREEZE],
}
