"""Patients' results one after the other: what their history does not predict opens a deviation, once."""

from decimal import Decimal
from math import exp, log, sqrt
from statistics import fmean, stdev

import pytest
from django.urls import reverse
from scipy.stats import t

from assays import catalogue
from assays.models import Result
from assays.rules.trends import CONFIDENCE, NEEDED, expected_of
from assays.services.trends import notice_trend
from tests import factories
from tests.assays import bench
from tests.assays.test_review_run import review
from tests.cast import sign_in
from tests.documents.samples import pdf_text, squeezed
from tilmfg.quality.models import Deviation

VALUES = [Decimal(600 + 7 * (place * 5 % 23)) for place in range(NEEDED)]


def test_the_interval_is_that_of_the_next_value():
    """x̄ ± t·s·√(1 + 1/n), here by SciPy's own t; of percentages as they are, of concentrations by their logarithms."""
    for unit, there, back in (("%", float, float), ("pg/mL", log, exp)):
        values = [there(value) for value in VALUES]
        half = t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stdev(values) * sqrt(1 + 1 / len(values))
        expected = expected_of(VALUES, unit=unit)
        assert expected.lower == pytest.approx(back(fmean(values) - half), rel=1e-12)
        assert expected.upper == pytest.approx(back(fmean(values) + half), rel=1e-12)


def test_too_short_a_history_predicts_nothing():
    assert expected_of(VALUES[:-1], unit="%") is None


def test_a_concentration_of_zero_has_no_logarithm():
    assert not expected_of([*VALUES, Decimal(0)], unit="pg/mL").is_logarithmic


@pytest.fixture
def history(db):
    """Final results of twenty patients by one method."""
    method = bench.method_of(catalogue.IFNG_ELISA)
    return [
        factories.make_result(factories.make_sample(), "ifng_net", value=value, unit="pg/mL", method=method)
        for value in VALUES
    ]


def following(history, value, **given):
    return factories.make_result(
        factories.make_sample(), "ifng_net", value=value, unit="pg/mL", method=history[0].method, **given
    )


def test_a_result_that_is_expected_opens_nothing(history):
    assert notice_trend(following(history, Decimal(650))) is None


def test_a_result_far_from_the_others_opens_a_deviation_of_its_order(history):
    result = following(history, Decimal(4000))
    deviation = notice_trend(result)
    assert (deviation.kind, deviation.chain) == ("out_of_trend", result.chain)
    assert deviation.title == "IFN-γ release, net: 4000 pg/mL is out of trend"
    assert "The 20 results before it predict" in deviation.description


def test_other_stages_methods_and_censored_values_are_no_history(history):
    far = Decimal(4000)
    method = factories.make_method("another-elisa", content=factories.reporting(ifng_net="pg/mL"))
    sample = factories.make_sample()
    other = factories.make_result(sample, "ifng_net", value=far, unit="pg/mL", method=method)
    assert notice_trend(other) is None
    later = factories.make_result(
        factories.make_sample(stage="post_thaw"),
        "ifng_net",
        value=far,
        unit="pg/mL",
        method=history[0].method,
    )
    assert notice_trend(later) is None
    censored = following(history, far)
    censored.qualifier = Result.Qualifier.ABOVE
    assert notice_trend(censored) is None


@pytest.mark.parametrize(("net", "is_out"), [(640.0, False), (6000.0, True)])
def test_a_run_is_held_against_its_history_when_it_is_reviewed(history, net, is_out):
    sample = bench.received_sample()
    run = bench.compute(bench.import_plate(sample, content=bench.plate((sample, net))))
    assert not Deviation.objects.filter(kind="out_of_trend").exists()
    review(run)
    assert run.results.get().method == history[0].method
    assert Deviation.objects.filter(kind="out_of_trend", chain=sample.order.chain).exists() == is_out


def test_the_pages_show_the_series_and_where_the_next_is_expected(history, client):
    sign_in(client, "ana")
    assert "IFN-γ release, net" in client.get(reverse("trends")).content.decode()
    series = ["ifng_net", "pre_freeze", "ifng-elisa"]
    page = client.get(reverse("trend", args=series)).content.decode()
    assert "99.73 % prediction interval of 20 results" in page
    lines = client.get(reverse("trend_csv", args=series)).content.decode().splitlines()
    assert len(lines) == 21
    assert lines[-1].endswith(f"{history[-1].sample.name},,{history[-1].value},pg/mL")
    paper = pdf_text(client.get(reverse("trend_pdf", args=series)).content)
    assert squeezed("prediction interval of 20 results, by their logarithms") in paper
    assert client.get(reverse("trend", args=["nothing", "pre_freeze", "x"])).status_code == 404
