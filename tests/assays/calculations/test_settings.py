"""One declaration of settings is what a content is checked by and what a form is drawn from."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.rules.calculations import CALCULATIONS, Kind, read_settings, settings_of
from assays.rules.calculations.settings import setting
from assays.rules.refusals import UnableToReadMethod
from assays.rules.reported import Reported


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    path: str = setting("Path")
    at_least: Decimal = setting("At least", unit="%", default=Decimal(1), minimum=0, maximum=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    colour: Colour = setting("Colour", default=Colour.RED)
    limit: Decimal | None = setting("Limit", default=None)
    counts: int = setting("Counts", default=3, minimum=1)
    strict: bool = setting("Strict", default=True)
    names: tuple[str, ...] = setting("Names", default=())
    gates: tuple[Gate, ...] = setting("Gates", default=())

    def __post_init__(self):
        if self.strict and len(self.gates) > self.counts:
            raise ValueError("more gates than counts.")


def test_it_declares_what_a_form_draws():
    colour, limit, counts, strict, names, gates = settings_of(Settings)
    assert (colour.kind, colour.choices, colour.initial) == (Kind.CHOICE, ("red", "blue"), "red")
    assert (limit.kind, limit.is_optional, limit.initial) == (Kind.NUMBER, True, None)
    assert (counts.kind, counts.minimum, counts.initial) == (Kind.WHOLE, 1, 3)
    assert (strict.kind, names.kind, gates.kind) == (Kind.YES_NO, Kind.NAMES, Kind.ROWS)
    assert [(row.name, row.is_required, row.unit) for row in gates.rows] == [
        ("path", True, ""),
        ("at_least", False, "%"),
    ]


def test_what_is_not_said_is_its_default():
    assert read_settings(Settings, {}) == Settings()


def test_it_reads_every_kind():
    read = read_settings(
        Settings,
        {"colour": "blue", "limit": "0.20", "strict": False, "names": ["a"], "gates": [{"path": "CD3+"}]},
    )
    assert (read.colour, str(read.limit), read.strict) == (Colour.BLUE, "0.20", False)
    assert (read.names, read.gates) == (("a",), (Gate(path="CD3+"),))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"fudge": 1}, "“fudge” is not known; allowed: colour"),
        ({"colour": "green"}, "settings: colour: “green” is not known; allowed: red, blue"),
        ({"limit": 0.5}, "settings: limit: “0.5” is no number"),
        ({"limit": "NaN"}, "settings: limit: “NaN” is no number"),
        ({"counts": True}, "settings: counts: “True”; allowed: a whole number"),
        ({"counts": 0}, "settings: counts: 0 is below 1"),
        ({"strict": 1}, "settings: strict: “1”; allowed: true or false"),
        ({"names": "a"}, "settings: names: “a” is no list"),
        ({"gates": [{}]}, "settings: gates 1: “path” is missing"),
        ({"gates": [{"path": " "}]}, "settings: gates 1: path: “ ”; a text is needed"),
        ({"gates": [{"path": "P", "at_least": "101"}]}, "gates 1: at_least: 101 is above 100"),
        ({"gates": ["P"]}, "gates 1: “P” is no set of named values"),
        ({"counts": 1, "gates": [{"path": "P"}, {"path": "Q"}]}, "settings: more gates than counts"),
    ],
)
def test_it_names_what_is_wrong(content, words):
    with pytest.raises(UnableToReadMethod, match=words):
        read_settings(Settings, content)


@pytest.mark.parametrize("calculation", CALCULATIONS.values(), ids=CALCULATIONS)
def test_every_calculation_declares_settings_with_labels(calculation):
    assert all(item.label for item in settings_of(calculation.settings))


@given(raw=st.decimals("1e-7", "1e14", places=9), digits=st.integers(1, 15))
def test_significant_digits_are_kept_as_far_as_a_result_has_places(raw, digits):
    reported = Reported(attribute="endotoxin", stages=("pre_freeze",), unit="EU/mL", significant=digits)
    rounded = reported.rounded(raw)
    assert abs(rounded - raw) <= max(Decimal("5e-7"), raw * Decimal(10) ** (1 - digits) / 2)
    assert -rounded.as_tuple().exponent <= 6


@pytest.mark.parametrize(
    ("raw", "digits", "rounded"),
    [("0.6985", 2, "0.70"), ("12345", 3, "1.23E+4"), ("0.25", 1, "0.3"), ("9.996", 3, "10.0")],
)
def test_a_half_goes_up(raw, digits, rounded):
    reported = Reported(attribute="endotoxin", stages=("pre_freeze",), unit="EU/mL", significant=digits)
    assert str(reported.rounded(Decimal(raw))) == rounded
