"""The step's form under a technician's fingers."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.batches import bench
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def step(page, client):
    batch = bench.performed_until("split", days_ago=17)
    bench.lay_out(batch, "split")
    client.force_login(person("olga"))
    page.goto(reverse("login"))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": page.url}])
    page.goto(reverse("step", args=[batch.order.lot_number, "split"]))
    return page


def test_the_reason_is_asked_for_while_the_value_lies_outside(step):
    reason = step.get_by_label("Why Viability is outside its limits")
    expect(reason).to_be_hidden()
    step.fill("[name=viability_percent]", "66")
    expect(reason).to_be_visible()
    step.fill("[name=viability_percent]", "71")
    expect(reason).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 820])
def test_record_stays_in_reach_and_nothing_lies_beside_the_page(step, width):
    step.set_viewport_size({"width": width, "height": 700})
    step.focus("[name=material_medium]")
    expect(step.get_by_role("button", name="Record", exact=True)).to_be_in_viewport()
    assert step.evaluate("document.documentElement.scrollWidth <= innerWidth")
