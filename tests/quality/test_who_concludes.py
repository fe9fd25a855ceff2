"""Whoever had a hand in a result or in a retest of it does not conclude its investigation, whatever their roles."""

import pytest
from django.utils import timezone

from assays import catalogue, services
from tests import factories
from tests.assays import bench
from tests.assays.test_review_result import review as review_result
from tests.assays.test_review_run import review as review_run
from tests.cast import grant, person, qualify, sign_in, verify
from tests.quality.test_investigate import conclude, failed, measure, sample
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Conclusion, Investigation
from tilmfg.quality.services import open_investigation
from tilmfg.records.errors import NotAuthorised

pytestmark = pytest.mark.django_db
__all__ = ["sample"]  # the fixture


def investigated(result) -> Investigation:
    result.refresh_from_db()
    return open_investigation(
        chain=result.chain,
        result_id=result.pk,
        analyst=result.recorded_by,
        reviewer=result.reviewed_by,
        retests_planned=1,
        title="Out of specification",
        description="It is.",
        by=service_account(),
    )


def measured(_sample):
    return investigated(factories.make_result(bench.received_sample(), "viability", value=61, unit="%"))


def masked(_sample):
    plate = bench.import_plate(bench.received_sample())
    qualify("eve", plate.method.qualification)
    run = bench.mask(bench.compute(plate), "C3", by="eve")
    review_run(run)
    return investigated(run.results.get(state="final"))


def read_again(_sample):
    method = bench.method_of(catalogue.GRAM_STAIN)
    qualify("eve", method.qualification)
    [text, _] = method.rules.result("gram_stain").texts
    read = {"performed_at": timezone.now(), "by": person("ana")}
    result = services.record_result(sample=bench.received_sample(), attribute="gram_stain", text=text, **read)
    services.read_again(result=result, text=text, by=person("eve"))
    review_result(result)
    return investigated(result)


def did_a_retest(sample):
    investigation = conclude(failed(sample))
    qualify("eve", "method: identity-flow, version 1")
    measure(sample, "97.0", by="eve", reason="Retest 1 of 2.")
    return investigation


@pytest.fixture(
    params=[("ana", measured), ("eve", masked), ("eve", read_again), ("eve", did_a_retest)],
    ids=lambda hand: hand[1].__name__,
)
def hand(request, sample):
    """The investigation, and who had a hand in its result and approves for QA besides."""
    who, do = request.param
    grant("eve", Role.ANALYST)
    investigation = do(sample)
    grant(who, Role.QA_APPROVER)
    qualify(who, signing_code(Role.QA_APPROVER))
    if who == "eve":
        verify(person(who))
    return investigation, who


def test_they_do_not_conclude_it(hand, client):
    """REL-16"""
    investigation, who = hand
    with pytest.raises(NotAuthorised, match="this result or a retest; somebody who did not decides"):
        conclude(investigation, by=who, retests=9)
    sign_in(client, "rosa")
    page = client.get(investigation.get_absolute_url()).content.decode()
    assert person(who).printed_name in page.partition("is concluded by a QA")[2].partition("</p>")[0]


def test_nor_does_the_database_keep_their_signature(hand):
    investigation, who = hand
    investigation.refresh_from_db()
    with factories.writing():
        conclusion = Conclusion.objects.create(
            investigation=investigation,
            chain=investigation.chain,
            phase=investigation.phase,
            findings="All was as it should be.",
        )
    meaning = "reviewed" if investigation.phase == Conclusion.Phase.ONE else "approved"
    signature = factories.sign_for(conclusion, "quality.conclusion", who, meaning=meaning)
    with refused("conclusions_are_signed_by_qa"):
        sql("UPDATE quality_conclusion SET signature_id = %s WHERE id = %s", signature.pk, conclusion.pk)
    stranger = factories.sign_for(conclusion, "quality.conclusion", "rosa", meaning=meaning)
    assert (
        sql("UPDATE quality_conclusion SET signature_id = %s WHERE id = %s", stranger.pk, conclusion.pk) == 1
    )
