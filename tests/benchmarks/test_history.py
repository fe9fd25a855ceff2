"""The long history that pages are measured on can be made, and looks like one to them."""

import pytest

from benchmarks.history import Facility
from tests.cast import person
from tilmfg.release.models import Lot
from tilmfg.release.selectors import lots_page


@pytest.mark.django_db(transaction=True)
def test_it_grows_to_as_many_lots_as_asked_for(slot):
    facility = Facility(slot)
    facility.grow_to(60)
    assert Lot.objects.count() == 60
    assert len(lots_page(person("quinn"), {"state": "all"})) == 50
