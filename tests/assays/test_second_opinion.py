"""A second solver looks at every number of every computation; where it disagrees the run is invalid."""

from dataclasses import replace

import pytest

from assays.kernel import second_solver
from assays.rules.calculations.second_opinion import TOLERANCE, SecondOpinion, compare
from tests.assays import bench
from tests.cast import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    return bench.received_sample()


def criterion_of(run):
    return next(c for c in run.outcome["criteria"] if c["name"] == "Second solver")


def test_every_parameter_and_every_reported_concentration_is_compared(sample):
    run = bench.compute(bench.import_plate(sample))
    opinion = run.current.second_solver
    names = [one["name"] for one in opinion["compared"]]
    assert names[:4] == ["a", "b", "c", "d"]
    assert {f"standard {level}" for level in ("1000", "62.5", "15.625")} < set(names)
    assert {"CTL1", "CTL2", f"{sample} stimulated 1 : 10", f"{sample} net"} < set(names)
    assert all(one["difference"] <= TOLERANCE for one in opinion["compared"])
    net = next(one for one in opinion["compared"] if one["name"] == f"{sample} net")
    assert net["first"] == run.outcome["samples"][0]["net"]["raw"] != net["second"] or net["difference"] == 0
    assert opinion["agrees"]
    assert criterion_of(run) | {"value": "agrees", "passed": True} == criterion_of(run)


def test_a_disagreement_makes_the_run_invalid_and_names_the_numbers(sample, monkeypatch):
    right = second_solver.fit_again

    def wrong(*points):
        curve = right(*points)
        return replace(curve, log10_c=curve.log10_c + 1e-4)

    monkeypatch.setattr("assays.rules.calculations.second_opinion.fit_again", wrong)
    run = bench.compute(bench.import_plate(sample))
    assert (run.state, run.results.count()) == ("invalid", 0)
    assert "differs in c, standard" in criterion_of(run)["value"]
    assert "run invalid: Second solver: differs" in run.outcome["samples"][0]["net"]["missing"]
    assert not run.current.second_solver["agrees"]


def test_a_second_solver_that_comes_to_no_end_makes_the_run_invalid(sample, monkeypatch):
    monkeypatch.setattr(second_solver, "PATIENCE", 2)
    run = bench.compute(bench.import_plate(sample))
    assert run.state == "invalid"
    assert "did not come to an end" in criterion_of(run)["value"]
    assert run.current.second_solver["problem"]


def test_a_run_without_a_curve_is_compared_with_nothing(sample):
    flat = bench.plate(sample)
    for row in "ABCDEFG":
        for column in (1, 2):
            flat = bench.with_reading(flat, f"{row}{column}", "0.100")
    run = bench.compute(bench.import_plate(sample, content=flat))
    assert run.state == "invalid"
    assert run.current.second_solver is None


def test_what_is_just_beyond_the_tolerance_differs():
    just, beyond = compare("x", 1.0, 1.0 + 0.9 * TOLERANCE), compare("x", 1.0, 1.0 + 1.1 * TOLERANCE)
    assert SecondOpinion(compared=(just,)).agrees
    assert not SecondOpinion(compared=(just, beyond)).agrees
    assert SecondOpinion(compared=(beyond,)).criterion.value == "differs in x"


def test_the_page_shows_both_solvers_number_by_number(sample, client):
    run = bench.compute(bench.import_plate(sample))
    sign_in(client, "vera")
    page = client.get(run.get_absolute_url()).content.decode()
    assert "By a second solver" in page
    assert "trust region" in page
    assert f"{sample} net" in page
