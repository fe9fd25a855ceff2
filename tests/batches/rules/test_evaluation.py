"""What was typed becomes values with limits; what follows from it is exact."""

from decimal import Decimal

import pytest

from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.rules import Process, UnacceptableValue, evaluate, wanted_entries

PROCESS = Process.parse(GEN2_22_DAYS)


def values_of(step, typed, *, containers=None, earlier=None, minutes=None):
    values = evaluate(
        PROCESS.step(step),
        typed={code: value if isinstance(value, str) else Decimal(value) for code, value in typed.items()},
        containers=containers or {},
        earlier={code: Decimal(value) for code, value in (earlier or {}).items()},
        minutes_since={code: Decimal(value) for code, value in (minutes or {}).items()},
    )
    return {value.code: value for value in values}


def day_11(cells_per_ml, volume_ml=100, **more):
    typed = {
        "volume_ml": volume_ml,
        "viable_cells_per_ml": Decimal(cells_per_ml),
        "viability_percent": 90,
        "feeder_cells": 5 * 10**9,
    }
    return values_of("rep_start", typed | more, containers={"FL": ["FL2"]})


@pytest.mark.parametrize(
    ("total", "within", "seeded", "excess"),
    [
        ("4999900", False, "4999900", "0"),
        ("5000000", True, "5000000", "0"),
        ("200000000", True, "200000000", "0"),
        ("200000100", True, "200000000", "100"),
    ],
)
def test_it_seeds_by_the_rule_of_day_11(total, within, seeded, excess):
    values = day_11(Decimal(total) / 100)
    assert values["total_viable_cells"].value == Decimal(total)
    assert values["total_viable_cells"].within_limits is within
    assert values["total_viable_cells"].stops
    assert values["seeded_cells"].value == Decimal(seeded)
    assert values["excess_cells"].value == Decimal(excess)


def test_a_count_typed_in_millions_is_out_of_limits():
    """7.5 for 7.5e6: refused as too precise; 8 for 8e6: out of limits, and so is everything that follows."""
    with pytest.raises(UnacceptableValue, match=r"7\.5 is too precise; it is counted in whole numbers"):
        day_11("7.5")
    values = day_11("8")
    assert not values["viable_cells_per_ml"].within_limits
    assert not values["total_viable_cells"].within_limits


def test_it_takes_a_count_in_scientific_notation():
    assert day_11("7.5e6")["total_viable_cells"].value == Decimal("7.5e8")


@pytest.mark.parametrize(
    ("cells", "flasks"), [("0.3e9", 1), ("1e9", 1), ("1.99e9", 1), ("3.2e9", 3), ("5e9", 5), ("12e9", 5)]
)
def test_it_splits_into_flasks_of_at_least_a_billion(cells, flasks):
    typed = {"volume_ml": 500, "viable_cells_per_ml": Decimal(cells) / 500, "viability_percent": 90}
    containers = {"FL": [f"FL{number}" for number in range(1, flasks + 1)]}
    values = values_of("split", typed, containers=containers, earlier={"rep_start.seeded_cells": "2e8"})
    assert values["flasks_by_rule"].value == flasks
    assert values["cells_per_flask"].value == (Decimal(cells) / flasks).quantize(Decimal(1), "ROUND_HALF_UP")
    assert values["cells_per_flask"].within_limits is (Decimal(cells) >= 10**9)


HARVEST = {
    "pre_wash_volume_ml": 2000,
    "pre_wash_cells_per_ml": 15 * 10**6,
    "post_wash_volume_ml": 200,
    "post_wash_cells_per_ml": 135 * 10**6,
    "viability_percent": 91,
    "formulated_cells_per_ml": 6 * 10**7,
    "bag_volume_ml[BG1]": 120,
    "bag_volume_ml[BG2]": Decimal("110.5"),
}


def test_it_computes_expansion_recovery_and_dose():
    values = values_of(
        "harvest",
        HARVEST,
        containers={"BG": ["BG1", "BG2"]},
        earlier={"split.total_viable_cells": "3e9", "rep_start.seeded_cells": "2e8"},
    )
    assert {
        code: values[code].value for code in ("pre_wash_cells", "fold_since_split", "fold_expansion")
    } == {
        "pre_wash_cells": 30 * 10**9,
        "fold_since_split": 10,
        "fold_expansion": 150,
    }
    assert values["recovery_percent"].value == 90
    assert values["bag_cells[BG2]"].value == Decimal("6.63e9")
    assert values["bag_cells[BG2]"].label == "BG2 viable cells"
    assert values["dose_cells"].value == Decimal("13.83e9")
    assert values["filled_percent"].value == Decimal("51.2")


def test_expansion_from_nothing_is_missing_and_says_why():
    values = values_of(
        "harvest",
        HARVEST,
        containers={"BG": ["BG1", "BG2"]},
        earlier={"split.total_viable_cells": "0", "rep_start.seeded_cells": "0"},
    )
    assert values["fold_expansion"].value is None
    assert "no cells before" in values["fold_expansion"].text


def test_it_asks_for_each_container():
    entries = wanted_entries(PROCESS.step("fragment_and_seed"), {"FL": ["FL1", "FL2"], "TB": ["TB1"]})
    assert [entry.code for entry in entries] == ["tumor_pieces", "fragments[FL1]", "fragments[FL2]"]


def test_a_temperature_may_lie_below_zero_and_a_count_may_not():
    typed = {"storage_temperature_c": "-155.5", "storage_position[BG1]": "F2 / R3 / B1"}
    typed["storage_temperature_c"] = Decimal("-155.5")
    values = values_of("freeze", typed, containers={"BG": ["BG1"]}, minutes={"harvest": 47})
    assert values["storage_temperature_c"].within_limits
    assert values["contact_minutes"].value == 47
    with pytest.raises(UnacceptableValue, match="no amount"):
        values_of("fragment_and_seed", {"tumor_pieces": -1})


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Tumor pieces received is missing"),
        ({"tumor_pieces": 1, "fragments[FL9]": 3}, r"fragments\[FL9\] is not asked for"),
        ({"tumor_pieces": "two"}, "a number is expected"),
        ({"tumor_pieces": Decimal("NaN")}, "no amount that can be recorded"),
        ({"tumor_pieces": Decimal("Infinity")}, "no amount that can be recorded"),
        ({"tumor_pieces": Decimal("1e30")}, "no amount that can be recorded"),
    ],
)
def test_it_refuses_what_cannot_be_recorded(typed, message):
    with pytest.raises(UnacceptableValue, match=message):
        values_of("fragment_and_seed", typed)


def test_it_refuses_a_product_no_column_can_hold():
    with pytest.raises(UnacceptableValue, match="check the units"):
        day_11("9e17")
