"""The database that every other test stands on."""

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection


@pytest.mark.django_db
def test_it_is_used_as_the_application_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user, pg_catalog.current_setting('fsync')")
        assert cursor.fetchone() == ("tilmfg_app", "tilmfg_app", "off")


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["DELETE FROM auth_group", "TRUNCATE auth_group", "CREATE TABLE x ()"])
def test_it_refuses_what_the_application_may_not_do(statement):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_it_is_fresh_after_a_test_that_committed(turn):
    assert not Group.objects.exists()
    Group.objects.create(name="left behind")
