"""An address that no record can have is not found, and breaks nothing."""

import pytest

from tests.cast import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/lots/TIL%00/", "/orders/?q=%00", "/lots/?search=a%00", f"/lots/{'L' * 500}/", "/quality/DEV%00/"],
)
def test_it_is_not_found(client, address):
    client.force_login(person("quinn"))
    answer = client.get(address)
    assert answer.status_code == 404
    assert b"</html>" in answer.content
