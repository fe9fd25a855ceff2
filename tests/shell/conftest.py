import pytest
from django.conf import settings

from tests.cast import person


@pytest.fixture
def page_of_quinn(client, page, live_server):
    """A browser page in which quinn has logged in."""
    client.force_login(person("quinn"))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    return page
