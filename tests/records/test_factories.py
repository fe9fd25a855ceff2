"""What tests stand on is legal data: the database accepts it."""

import pytest

from tests import factories
from tilmfg.records.models import AuditEvent
from tilmfg.release.states import LotState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["expanding", "in_testing", "qa_review", "released", "rejected"])
def test_it_makes_lots_in_every_state(state):
    lot = factories.make_lot(state=LotState(state))
    lot.refresh_from_db()
    assert lot.state == state
    assert AuditEvent.objects.filter(chain=lot.chain, relation="release_lot").count() >= 1


def test_it_makes_a_final_result():
    sample = factories.make_sample()
    result = factories.make_result(sample, "viability", value="91.2", unit="%")
    assert result.state == "final"
