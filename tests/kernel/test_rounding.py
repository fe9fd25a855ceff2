from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.rounding import Ties, as_text, decimals_of, round_to_decimals, round_to_significant
from tests.kernel.shared import expected_of, needs_reference, table

# USP General Notices 7.20, the illustration of rounding for comparison with limits.
USP_7_20 = [
    ("97.96", 1, "98.0"),
    ("97.92", 1, "97.9"),
    ("97.95", 1, "98.0"),
    ("101.55", 1, "101.6"),
    ("101.46", 1, "101.5"),
    ("101.45", 1, "101.5"),
    ("0.025", 2, "0.03"),
    ("0.015", 2, "0.02"),
    ("0.027", 2, "0.03"),
    ("0.00035", 4, "0.0004"),
    ("0.00025", 4, "0.0003"),
    ("0.00028", 4, "0.0003"),
]


@pytest.mark.parametrize(("unrounded", "decimals", "rounded"), USP_7_20)
def test_it_rounds_as_the_pharmacopoeia_shows(unrounded, decimals, rounded):
    assert str(round_to_decimals(Decimal(unrounded), decimals)) == rounded
    assert str(round_to_decimals(float(unrounded), decimals)) == rounded


@needs_reference
def test_it_rounds_every_row_of_the_reference_table():
    """ALC-5"""
    expected = expected_of("rounding_usp720")
    for index, row in enumerate(table("open", "rounding_usp720"), start=1):
        decimals = -Decimal(row["limit"].lstrip("<>=≤≥ ")).as_tuple().exponent
        rounded = round_to_decimals(Decimal(row["unrounded"]), decimals)
        assert str(rounded) == expected[f"items.{index}.half_up.rounded"]["value"]


def test_halves_go_away_from_zero():
    assert round_to_decimals(Decimal("-2.5"), 0) == Decimal(-3)
    assert round_to_decimals(Decimal("2.5"), 0) == Decimal(3)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        ("0.16250", 3, "0.163"),
        ("123456", 2, "1.2E+5"),
        ("9.996", 3, "10.00"),
        ("0", 3, "0"),
        ("1234.5", 5, "1234.5"),
    ],
)
def test_it_rounds_to_significant_digits(value, digits, rounded):
    assert round_to_significant(Decimal(value), digits) == Decimal(rounded)


def test_no_significant_digit_is_an_error():
    with pytest.raises(ValueError, match="at least 1"):
        round_to_significant(Decimal(1), 0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_cannot_be_rounded(value):
    with pytest.raises(ValueError, match="finite"):
        round_to_decimals(value, 2)


@given(st.decimals(-(10**12), 10**12, places=9), st.integers(0, 8))
def test_it_moves_a_value_by_at_most_half_a_step_and_only_once(value, decimals):
    rounded = round_to_decimals(value, decimals)

    assert abs(rounded - value) <= Decimal(5).scaleb(-decimals - 1)
    assert round_to_decimals(rounded, decimals) == rounded


@pytest.mark.parametrize(
    ("unrounded", "digits", "half_up", "half_even"),
    [  # ASTM E29, 6.4: the absolute method goes to the even digit
        ("2.5", 1, "3", "2"),
        ("3.5", 1, "4", "4"),
        ("-2.5", 1, "-3", "-2"),
        ("0.020450", 3, "0.0205", "0.0204"),
        ("9.996", 3, "10.0", "10.0"),
        ("99950", 3, "1.00E+5", "1.00E+5"),
        ("1995", 2, "2.0E+3", "2.0E+3"),
        ("1995", 4, "1995", "1995"),
        ("0", 3, "0.00", "0.00"),
    ],
)
def test_significant_digits_are_written_as_they_are_retained(unrounded, digits, half_up, half_even):
    assert as_text(round_to_significant(Decimal(unrounded), digits)) == half_up
    assert as_text(round_to_significant(Decimal(unrounded), digits, Ties.HALF_EVEN)) == half_even


def test_a_value_rounded_to_nothing_has_no_sign():
    assert as_text(round_to_decimals(Decimal("-0.04"), 1)) == "0.0"


@pytest.mark.parametrize(("limit", "decimals"), [("98.0", 1), ("100", 0), ("0.0003", 4), ("1E+2", 0)])
def test_a_limit_tells_how_many_decimals_count(limit, decimals):
    assert decimals_of(Decimal(limit)) == decimals


@given(st.decimals(-(10**9), 10**9, places=6), st.integers(1, 12), st.sampled_from(Ties))
def test_rounding_to_significant_digits_moves_by_half_a_step_at_most_and_never_twice(value, digits, ties):
    rounded = round_to_significant(value, digits, ties)

    assert abs(rounded - value) <= Decimal(5).scaleb(value.adjusted() - digits)
    assert as_text(round_to_significant(rounded, digits, ties)) == as_text(rounded)
    assert value == 0 or len(rounded.as_tuple().digits) == digits or rounded == 0


@given(st.decimals(-(10**6), 10**6, places=4), st.decimals(-(10**6), 10**6, places=4), st.sampled_from(Ties))
def test_rounding_never_turns_the_order_of_two_values(one, other, ties):
    smaller, larger = sorted((one, other))

    for decimals in (-1, 0, 2):
        assert round_to_decimals(smaller, decimals, ties) <= round_to_decimals(larger, decimals, ties)
        assert round_to_decimals(-one, decimals, ties) == -round_to_decimals(one, decimals, ties)
    assert round_to_significant(smaller, 3, ties) <= round_to_significant(larger, 3, ties)
