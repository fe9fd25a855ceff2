"""A furnished facility, a real worker, and its people at their browsers."""

from types import SimpleNamespace

import pytest

from tests.journeys.person import Person
from tilmfg.accounts.services import issue_recovery_codes
from tilmfg.demonstration import people, places


@pytest.fixture
def house(celery_worker, live_server):
    """Approved masters, released materials, calibrated equipment; nobody's order yet. People by name."""
    cast = people.register_cast()
    sites = places.furnish(cast)
    signed_in = {}

    def at_browser(username):
        if username not in signed_in:
            recovery_code = issue_recovery_codes(by=cast[username])[0]
            signed_in[username] = Person(live_server.url, username, people.PASSWORD, recovery_code)
        return signed_in[username]

    return SimpleNamespace(site=sites["07"], **{name: at_browser(name) for name in cast})
