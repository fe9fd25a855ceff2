"""Lists turned by key."""

import pytest

from tests.cast import CAST, person
from tilmfg.accounts.models import User
from tilmfg.shell.paging import UnknownPage, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody():
    keys = [person(name).pk for name in CAST][:7]
    return User.objects.filter(pk__in=keys)


def _keys(page):
    return [row.pk for row in page]


def test_it_turns_to_the_end_and_back_without_losing_or_repeating_a_row(everybody):
    forward, step = [], {}
    while step is not None:
        page = page_of(everybody, step, size=3)
        forward.append(_keys(page))
        step = page.next
    assert [len(keys) for keys in forward] == [3, 3, 1]
    assert sum(forward, []) == sorted(_keys(everybody), reverse=True)  # noqa: RUF017

    backward = []
    while page.previous is not None:
        page = page_of(everybody, page.previous, size=3)
        backward.append(_keys(page))
    assert backward == [forward[1], forward[0]]


def test_it_offers_no_turning_where_everything_fits(everybody):
    page = page_of(everybody, {}, size=7)
    assert (page.previous, page.next, len(page)) == (None, None, 7)


@pytest.mark.parametrize("query", [{"after": "x"}, {"before": "-1"}, {"after": "1; DROP"}])
def test_it_refuses_an_address_that_names_no_place(everybody, query):
    with pytest.raises(UnknownPage, match="names no place"):
        page_of(everybody, query)


def test_it_reads_one_query_a_page(everybody, django_assert_num_queries):
    with django_assert_num_queries(1):
        page_of(everybody, {}, size=3)
