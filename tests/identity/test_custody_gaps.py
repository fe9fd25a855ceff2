from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from tilmfg.identity.custody_gaps import Gap, with_gaps

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def change(kind, hours, container=1):
    named = SimpleNamespace(code=f"BG{container}")
    performed_at = NOON + timedelta(hours=hours)
    return SimpleNamespace(kind=kind, performed_at=performed_at, container_id=container, container=named)


def test_the_way_from_storage_to_the_site_is_a_gap():
    shown = list(with_gaps([change("stored", 0), change("received_at_site", 30)]))
    assert isinstance(shown[1], Gap)
    assert (shown[1].code, shown[1].length) == ("BG1", timedelta(hours=30))


def test_within_the_facility_there_is_none():
    changes = [change("received", 0), change("stored", 5)]
    assert list(with_gaps(changes)) == changes


def test_each_container_has_its_own_gaps():
    shown = with_gaps([change("stored", 0), change("stored", 1, 2), change("received_at_site", 9, 2)])
    assert [gap.code for gap in shown if isinstance(gap, Gap)] == ["BG2"]
