"""Who is of which treatment site: said by QA, and over when QA says so. SEC-03."""

import pytest
from django.db import DatabaseError
from django.urls import reverse

from tests import factories
from tests.cast import person
from tests.identity.pages import keyed
from tilmfg.facility import services
from tilmfg.facility.models import SiteMember
from tilmfg.facility.selectors import sites_of
from tilmfg.records.errors import ChangedMeanwhile, UnableTo
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db
WHY = "Named by the hospital"


@pytest.fixture
def site():
    return factories.make_site("07", "sam")


def test_qa_admits_and_ends_on_pages(site, client):
    nora = person("nora")
    client.force_login(person("quinn"))
    admit = reverse("site_admit", args=["07"])
    assert client.post(admit, keyed(person=nora.pk)).status_code == 422
    assert client.post(admit, keyed(person=nora.pk, reason=WHY)).status_code == 302
    assert AuditEvent.objects.filter(relation="facility_sitemember").latest("at").reason == WHY
    assert list(sites_of(nora)) == [site]
    assert "Nora Blake" in client.get(reverse("sites")).content.decode()
    address = reverse("site_dismiss", args=["07", "nora"])
    assert client.post(address, keyed(reason="x")).status_code == 422
    assert client.post(address, keyed(reason="She works elsewhere now.")).status_code == 302
    assert not sites_of(nora)
    assert "Nora Blake" not in client.get(reverse("sites")).content.decode()
    event = AuditEvent.objects.filter(relation="facility_sitemember").latest("at")
    assert (event.actor, event.verb) == ("quinn", "facility.site.dismiss")
    assert event.reason == "She works elsewhere now."


def test_only_who_works_at_a_site_and_is_not_there_yet_is_offered(site, client):
    client.force_login(person("quinn"))
    for who in ("olga", "sam"):
        answer = client.post(reverse("site_admit", args=["07"]), keyed(person=person(who).pk, reason=WHY))
        assert answer.status_code == 422
        with pytest.raises(UnableTo, match="site"):
            services.admit_to_site(site=site, user=person(who), reason=WHY, by=person("quinn"))
    with pytest.raises(UnableTo, match="State why"):
        services.admit_to_site(site=site, user=person("nora"), reason=" ", by=person("quinn"))


def test_it_ends_once(site):
    member = site.members.get()
    services.dismiss_from_site(member=member, reason="Left the hospital.", by=person("rosa"))
    with pytest.raises(ChangedMeanwhile):
        services.dismiss_from_site(member=member, reason="Left the hospital.", by=person("rosa"))


def test_the_database_lets_nobody_into_a_site_by_changing_a_row(site):
    member = site.members.get()
    for changed in ({"site": factories.make_site("12")}, {"user": person("nora")}):
        refused(member, changed)
    services.dismiss_from_site(member=member, reason="Left the hospital.", by=person("rosa"))
    refused(member, {"until": None})


def refused(member, changed):
    with pytest.raises(DatabaseError, match="memberships_end_once"), factories.writing():
        SiteMember.objects.filter(pk=member.pk).update(**changed)
