"""A page opens for whom its row says; a URL without a row fails, and a row without a URL. P11-04, SEC-03."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.urls import get_resolver, resolve, reverse

from tests import factories
from tests.cast import CAST, person
from tilmfg.accounts.models import RoleGrant
from tilmfg.accounts.refusals import address_of
from tilmfg.records.models import Event

from .table import OPENS, TABLE, each_closed_row, each_row


def names_in(resolver):
    """Every URL name below; a URL without a name is told by its pattern."""
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from names_in(entry)
        else:
            yield entry.name or str(entry.pattern)


def leads_to_sign_in(response):
    return response.status_code == HTTPStatus.FOUND and response["Location"].startswith(reverse("login"))


def test_every_url_has_its_row_and_every_row_its_url():
    assert sorted(names_in(get_resolver())) == sorted(TABLE)


# Of the whole request, what was rolled back counted, too.
ROWS_WRITTEN = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""


def rows_written():
    with connection.cursor() as cursor:
        cursor.execute(ROWS_WRITTEN)
        return dict(cursor.fetchall())


def assert_refused(visit, who, url, *, post=False):
    """One event of the trail tells it, and nothing else was written."""
    before = rows_written()
    assert visit(who, url, post=post).status_code == HTTPStatus.FORBIDDEN, who
    after = rows_written()
    wrote = {table: rows - before.get(table, 0) for table, rows in after.items()}
    wrote.pop("django_session", None)  # that it is still in use
    wrote.pop("chain", None)  # the first event of one begins it
    assert {table: rows for table, rows in wrote.items() if rows} == {
        "accounts_refusal": 1, "records_event": 1, "event": 1,
    }, who  # fmt: skip
    told = Event.objects.latest("pk")
    assert (told.name, told.actor.username) == ("accounts.user.refused", who)
    assert told.details["address"] == address_of(resolve(url.partition("?")[0]))
    assert told.details["because"] not in ("", "Forbidden")


@each_row
def test_a_page_opens_for_whom_it_is_and_for_nobody_else(world, visit, name):
    row = TABLE[name]
    url = row.url(name, world.own)
    for who in row.allowed:
        answer = visit(who, url)
        assert answer.status_code in OPENS, who
        assert not leads_to_sign_in(answer), who
    for who in row.hidden - row.allowed:
        assert visit(who, url).status_code == HTTPStatus.NOT_FOUND, who
    for who in CAST.keys() - row.allowed - row.hidden:
        assert_refused(visit, who, url)


@each_closed_row
def test_what_is_sent_is_refused_before_it_is_read(world, visit, name):
    """P11-07"""
    row = TABLE[name]
    for who in CAST.keys() - row.allowed - row.hidden:
        assert_refused(visit, who, row.url(name, world.own), post=True)


@each_closed_row
@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_nobody_gets_in_without_signing_in(world, visit, name, post):
    answer = visit(None, TABLE[name].url(name, world.own), post=post)
    assert leads_to_sign_in(answer) or answer.status_code == HTTPStatus.FORBIDDEN


def test_a_revoked_role_closes_its_pages_at_once(world, visit):
    assert visit("olga", reverse("floor")).status_code == HTTPStatus.OK
    with factories.writing():
        RoleGrant.objects.filter(user=person("olga")).update(revoked_at=factories.NOW)
    assert visit("olga", reverse("floor")).status_code == HTTPStatus.FORBIDDEN
