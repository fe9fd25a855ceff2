"""What a criterion found is shown so that nobody reads another verdict out of it."""

from decimal import Decimal

import pytest

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.pictures import limit_of
from assays.rules.calculations.criteria import at_most, figure
from tests.assays import bench
from tests.assays.test_pages import words_of
from tests.cast import sign_in
from tilmfg.shell.templatetags.tilmfg import quantity


@pytest.mark.django_db
def test_a_control_that_is_recovered_but_scatters_shows_its_cv(client):
    sample = bench.received_sample()
    content = bench.with_reading(bench.plate(sample), "A3", "1.150")
    run = bench.compute(bench.import_plate(sample, content=bench.with_reading(content, "A4", "2.250")))
    [control] = [one for one in run.outcome["criteria"] if one["name"] == "Control CTL1"]
    assert not control["passed"]
    assert 80 <= control["value"] <= 120
    sign_in(client, "ines")
    for address in (run.get_absolute_url(), f"{run.get_absolute_url()}/review"):
        page = words_of(client.get(address))
        told = page.partition("Control CTL1")[2].partition("CV at most")[0]
        assert "%, CV " in told, told


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        (20.0000003, "20", "CV: 20.0000003 %, allowed: ≤ 20 %"),
        (31.23456, "20", "CV: 31.23 %, allowed: ≤ 20 %"),
    ],
)
def test_a_failure_is_never_rounded_into_its_limit(value, limit, words):
    assert at_most("CV", value, Decimal(limit), "%").failure == words


def test_a_failure_without_a_number_says_why():
    assert at_most("CV", Missing("one well"), Decimal(20), "%").failure == "CV: one well"
    told = Criterion(name="Plate", value="another", unit="", limit="this one", passed=False)
    assert told.failure == "Plate: another, allowed: this one"


def test_a_figure_in_a_sentence_lies_on_its_own_side_of_its_limits():
    assert figure(20.04, 1, Decimal(20)) == "20.04"
    assert figure(31.23456, 1, Decimal(20)) == "31.2"
    assert figure(200.4, 0, Decimal(50), Decimal(200)) == "200.4"
    assert figure(20.0, 1, Decimal(20)) == "20.0"


def test_a_standard_just_outside_its_limit_is_not_shown_on_it():
    limit = limit_of({"recovery_tolerance_percent": "20", "cv_limit_percent": "25"})
    for value, shown in ((120.02, "120.02"), (25.0004, "25.0004"), (99.96, "100.0")):
        assert f">{shown}" in quantity(value, "%", 1, limit=limit)
