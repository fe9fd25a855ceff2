"""A treatment site sees its own orders and nothing of another's. SEC-03."""

from functools import partial
from http import HTTPStatus

from django.urls import reverse

from tests import factories
from tests.cast import person
from tilmfg.facility.selectors import sites_of

from .table import TABLE, Row, each_row_of_a_site


@each_row_of_a_site
def test_what_belongs_to_another_site_is_not_there(world, visit, name):
    row = TABLE[name]
    urls = {row.url(name, world.foreign)}
    if len(row.of) == 2:  # an own lot's address with the other's row inside, and the reverse
        outer, inner = row.of
        mixed = partial(Row, row.allowed)
        urls |= {
            mixed(of=(f"foreign.{outer}", f"own.{inner}")).url(name, world),
            mixed(of=(f"own.{outer}", f"foreign.{inner}")).url(name, world),
        } - {mixed(of=(f"own.{outer}", f"own.{inner}")).url(name, world)}
    for url in urls:
        assert visit("sam", url).status_code == HTTPStatus.NOT_FOUND, url


def test_lists_show_a_site_nothing_of_another(world, visit):
    for name in ("home", "orders", "lots", "treatment", "api_lots"):
        for state in ("", "?state=all"):
            shown = visit("sam", reverse(name) + state).content.decode()
            assert world.foreign.order.lot_number not in shown
            assert world.foreign.order.patient.pseudonym not in shown
    assert world.own.order.lot_number in visit("sam", reverse("treatment")).content.decode()


def test_who_left_a_site_or_lost_the_role_sees_nothing_of_it(world, visit):
    with factories.writing():
        factories.make_site("07", "eve")
        sam = person("sam")
        assert sites_of(sam).exists()
        assert not sites_of(person("eve")).exists()
        sam.site_memberships.update(until=factories.NOW)
    assert not sites_of(sam).exists()
    assert visit("sam", reverse("lot", args=[world.own.order.lot_number])).status_code == HTTPStatus.NOT_FOUND
