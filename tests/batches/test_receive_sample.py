import pytest
from django.db import DatabaseError

from tests import factories
from tests.cast import person
from tilmfg.batches import services
from tilmfg.batches.models import Sample
from tilmfg.batches.services.samples import UnableToReceiveSample
from tilmfg.records.errors import NotAuthorised

pytestmark = pytest.mark.django_db


def test_the_laboratory_receives_a_sample_once():
    sample = services.receive_sample(sample=factories.make_sample(), by=person("ana"))
    assert sample.state == "received"
    with pytest.raises(UnableToReceiveSample, match="already"):
        services.receive_sample(sample=sample, by=person("ines"))


def test_a_technician_does_not_receive_it():
    with pytest.raises(NotAuthorised):
        services.receive_sample(sample=factories.make_sample(), by=person("olga"))


def test_raw_sql_cannot_give_a_sample_another_purpose():
    sample = factories.make_sample()
    with pytest.raises(DatabaseError, match="samples_keep_their_vial"), factories.writing():
        Sample.objects.filter(pk=sample.pk).update(purpose="sterility")
