"""Numbers as people write them: rounding never shows a failing value as passing by dropping what was there."""

from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from tilmfg.shell.numbers import beside, compact, decimals_for, plain, readable, scientific


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7.5e9, "7.5 × 10⁹"),
        (7_500_000_000, "7.5 × 10⁹"),
        (Decimal("7.50E+9"), "7.5 × 10⁹"),
        ("28412345678", "2.841 × 10¹⁰"),
        (9_999_960, "1 × 10⁷"),
        (0.00012, "1.2 × 10⁻⁴"),
        (-5e6, "−5 × 10⁶"),
        (0, "0"),
    ],
)
def test_it_writes_powers_of_ten_with_superscripts(value, shown):
    assert scientific(value).replace("\u00a0", " ") == shown


def test_it_keeps_the_zeros_that_were_asked_for():
    assert scientific(7.5e9, 3).replace("\u00a0", " ") == "7.50 × 10⁹"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (61.5, "61.5"),
        (Decimal("110.00"), "110"),
        (0.1 + 0.2, "0.3"),
        (1248, "1248"),
        (12480, "12\u202f480"),
        (-3.5, "−3.5"),
        (Decimal("69.99996"), "69.99996"),
    ],
)
def test_it_writes_a_glanceable_number_plainly(value, shown):
    assert readable(value) == shown


def test_it_turns_scientific_where_a_person_would_count_zeros():
    assert readable(999_999) == "999\u202f999"
    assert "× 10⁶" in readable(1_000_000).replace("\u00a0", " ")
    assert "× 10⁻⁴" in readable(0.0009).replace("\u00a0", " ")


def test_it_rounds_half_up_to_the_decimals_of_a_reportable_value():
    assert plain(Decimal("2.345"), 2) == "2.35"
    assert plain(Decimal("70"), 1) == "70.0"


@pytest.mark.parametrize("missing", [None, ""])
def test_it_says_missing_and_never_a_number(missing):
    assert readable(missing) == scientific(missing) == "missing"


def test_it_says_why_a_value_is_missing():
    assert readable(Missing(reason="well masked by reader")) == "missing: well masked by reader"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "lots", True])
def test_it_refuses_what_is_not_a_finite_number(value):
    with pytest.raises(ValueError, match="is not a"):
        readable(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0524, "0.052"), (2.713, "2.71"), (850, "850"), (13_400, "13k"), (1_240_000, "1.2M")],
)
def test_it_squeezes_a_number_into_a_well(value, shown):
    assert compact(value) == shown


@pytest.mark.parametrize(
    ("value", "limit", "decimals", "shown"),
    [
        (20.04, "≤ 20 %", 1, "20.04"),
        (20.0, "≤ 20 %", 1, "20.0"),
        (18.04, "≤ 20 %", 1, "18.0"),
        (79.9999999, "recovery 80–120 %", 1, "79.9999999"),
        (-0.2000004, "-0.2 to -0.1", None, "−0.2000004"),
        (0.00099999999, "≥ 0.001", None, "9.9999999 × 10⁻⁴"),
        (7.5e9, "", None, "7.5 × 10⁹"),
    ],
)
def test_beside_its_limit_it_stands_where_the_verdict_says(value, limit, decimals, shown):
    assert beside(value, limit, decimals).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("value", "spread", "places"),
    [(Decimal("-0.2"), None, 4), (Decimal("-0.2"), Decimal("0.0034"), 4), (391.6, 12, 2), (0, None, 2)],
)
def test_a_value_has_the_places_that_it_is_held_against_its_spread_with(value, spread, places):
    assert decimals_for(value, spread) == places
