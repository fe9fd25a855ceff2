"""Criteria, tables, charts and answers of a calculation that page and report know nothing of."""

from decimal import Decimal

import pytest

from assays import selectors
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.report import report_content
from assays.rules.calculations.outcome import Chart, Column, Point, Series, Table, found
from assays.rules.values import Value
from assays.services import computing
from tests import factories
from tests.assays import bench
from tests.cast import sign_in
from tests.documents.samples import pdf_text, squeezed
from tilmfg.documents import record

pytestmark = pytest.mark.django_db


def outcome(sample, raw):
    return found(
        code="killing",
        criteria=[Criterion(name="Window", value=6.5, unit="×", limit="at least 4", passed=True)],
        values={sample.name: (Value(attribute="ifng_net", raw=Decimal(raw)),)},
        tables=[
            Table(
                title="Lysis <by ratio>",
                columns=(Column(name="E:T"), Column(name="Lysis", unit="%"), Column(name="Used")),
                rows=((10, 61.25, True), (5, Missing("no readable well"), False)),
            )
        ],
        charts=[
            Chart(
                title="Lysis over the ratio",
                x=Column(name="E:T"),
                y=Column(name="Lysis", unit="%"),
                x_is_logarithmic=True,
                formula="100·(s − m)/(x − m)",
                series=(
                    Series(
                        name="<killers>",
                        points=(Point(x=10, y=61.25, label="A1"), Point(x=0, y=1)),
                        line=((5.0, 40.0), (10.0, 60.0)),
                    ),
                ),
            )
        ],
        warnings=["The plateau was not reached."],
    )


@pytest.fixture
def run(monkeypatch):
    sample = bench.received_sample()
    run = bench.import_plate(sample)
    monkeypatch.setattr(
        computing, "outcome_of", lambda run, number, bag_volumes: outcome(sample, 100 * number)
    )
    return bench.mask(bench.compute(run), "C3")


def test_the_page_shows_all_of_it(run, client):
    sign_in(client, "ana")
    page = client.get(run.get_absolute_url()).content.decode()
    for words in (
        "Window",
        "at least 4",
        "Lysis &lt;by ratio&gt;",
        "Lysis, %",
        "61.25",
        "missing: no readable well",
        "100·(s − m)/(x − m)",
        "The plateau was not reached.",
        "A1: 10, 61.25",
        "+100.00 % of computation 1",
    ):
        assert words in page, words
    assert "&lt;killers&gt;</text>" in page
    assert page.count("Lysis &lt;by ratio&gt;</h2>") == page.count("<figcaption>Lysis over the ratio") == 1
    assert '<td class="text-end">missing: no readable well</td>' in page
    assert "<killers>" not in page


def test_the_report_says_the_same(run):
    content = report_content(selectors.run_with_everything(run.pk), generated_at=factories.NOW)
    text = pdf_text(record(content))
    for words in ("Window", "Lysis <by ratio>", "missing: no readable well", "+100.00 % of computation 1"):
        assert squeezed(words) in text, words
