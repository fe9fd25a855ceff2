import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.replicates import Mean


@dataclass(frozen=True)
class Inner:
    value: float | Missing


@dataclass(frozen=True)
class Outer:
    items: tuple[Inner, ...]
    kind: Mean
    amount: Decimal
    at: datetime


def test_an_outcome_becomes_json_that_keeps_every_digit_and_reason():
    outcome = Outer(
        (Inner(0.1 + 0.2), Inner(Missing("masked"))),
        Mean.GEOMETRIC,
        Decimal("1.50"),
        datetime(2026, 1, 2, tzinfo=UTC),
    )

    assert json.loads(json.dumps(to_plain(outcome))) == {
        "items": [{"value": 0.1 + 0.2}, {"value": {"missing": "masked"}}],
        "kind": "geometric",
        "amount": "1.50",
        "at": "2026-01-02T00:00:00+00:00",
    }


def test_what_has_no_plain_form_is_an_error():
    with pytest.raises(TypeError, match="object has no plain form"):
        to_plain(object())


def test_a_missing_value_needs_a_reason():
    with pytest.raises(ValueError, match="reason"):
        Missing(" ")
