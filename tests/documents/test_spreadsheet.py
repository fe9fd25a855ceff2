"""No cell that leaves the system is a formula to the program that opens it."""

import csv
import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tilmfg.documents.spreadsheet import csv_lines

NEGATIVE = re.compile("-[0-9]+([.][0-9]+)?")


def read_back(value):
    """What a spreadsheet finds in the cell of a file that holds it alone."""
    [_, [found]] = csv.reader("".join(csv_lines(["a"], [{"a": value}])).splitlines(keepends=True))
    return found


@given(st.text("=+-@＝＠;\t\r 01.,eE'\"x", min_size=1, max_size=8))
@example("-2+3")
@example("-1e5")
@example(" -cmd|x")
@example("-")
@example("＝1+2")
@example("cells; =1+2")
@example("cells\n-2+3")
def test_whatever_begins_like_a_formula_is_marked_as_text(text):
    """SEC-10: a whole cell, and what becomes one where a semicolon parts them; but no plain negative number."""
    found = read_back(text)
    if not NEGATIVE.fullmatch(text):
        parts = re.split("[;\t\r\n]", found)
        assert not any(part.lstrip().startswith(tuple("=+-@＝＠")) for part in parts)
    assert found.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("value", [-2, Decimal("-0.50"), Decimal("-1E+3"), -2.5, "-3", "-0.25"])
def test_a_negative_number_stays_one(value):
    """SEC-10"""
    assert Decimal(read_back(value)) == Decimal(str(value))
