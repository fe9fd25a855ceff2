"""An invalid run gives no result and does not go away by itself: it waits, in words, until somebody rejected it."""

import pytest
from django.urls import reverse

from assays import services
from tests.assays import bench
from tests.assays.test_pages import words_of
from tests.assays.test_review_run import on_page
from tests.cast import credential, person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    sample = bench.received_sample()
    return bench.compute(
        bench.import_plate(sample, content=bench.with_reading(bench.plate(sample), "A3", "3.100"))
    )


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("ana", "Another analyst rejects it; its file may then be imported again."),
        ("ines", "Look at it and reject it; its file may then be imported again."),
        ("vera", "Another analyst than Ana Lindqvist rejects it"),
    ],
)
def test_an_invalid_run_says_what_is_next_to_each_who_sees_it(client, run, who, words):
    assert run.state == "invalid"
    sign_in(client, who)
    for page in (reverse("run", args=[run.pk]), reverse("laboratory")):
        assert words in words_of(client.get(page))


def test_it_waits_on_the_pages_of_both_analysts_until_it_is_rejected(client, run):
    listed = f"{reverse('runs')}?state=invalid"
    for who in ("ana", "ines"):
        sign_in(client, who)
        assert "1 invalid run to be rejected or mended" in words_of(client.get(reverse("home")))
        assert str(run) in words_of(client.get(listed))
    services.reject_run(
        run=run,
        digest=on_page(run),
        credential=credential("ines"),
        reason="A control beyond its limit.",
        by=person("ines"),
    )
    assert "invalid run" not in words_of(client.get(reverse("home")))
    assert "Invalid runs" not in words_of(client.get(reverse("laboratory")))
    assert "No run fits." in words_of(client.get(listed))


def test_who_masked_does_not_find_the_run_among_those_to_review(client):
    run = bench.compute(bench.import_plate(bench.received_sample()))
    sign_in(client, "ines")
    assert "1 run to review" in words_of(client.get(reverse("home")))
    bench.mask(run, "C3", by="ines")
    assert "run to review" not in words_of(client.get(reverse("home")))
