"""A lot is reviewed and released by two people at their browsers; the worker executes, the page follows by itself."""

import pytest

from tests.journeys.person import eventually
from tests.journeys.steps import lot_state
from tilmfg.accounts.services import issue_recovery_codes
from tilmfg.demonstration import path, people, places
from tilmfg.release.models import Disposition, Document, Lot
from tilmfg.release.states import LotState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, person):
    page.context.clear_cookies()
    page.goto("/accounts/login")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Code").fill(issue_recovery_codes(by=person)[0])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Needs you").wait_for()


@pytest.fixture
def tested_lot(celery_worker):
    """A lot with every result final, made through the verbs."""
    cast = people.register_cast()
    case = path.place(cast, places.furnish(cast)["07"], number=1, began_days_ago=39, needed_in_days=7)
    path.receive(case)
    path.start(case)
    path.manufacture(case, until="freeze")
    path.measure(case)
    return Lot.objects.get(order=case.order), cast


def test_quinn_reviews_and_rosa_releases(page, tested_lot):
    lot, cast = tested_lot
    order = lot.order
    eventually(lambda: lot_state(order) == LotState.QA_REVIEW)
    sign_in(page, cast["quinn"])
    page.get_by_role("link", name="lot to review").click()
    page.get_by_role("link", name=order.lot_number).first.click()
    page.get_by_role("link", name="Review the audit trail").click()
    page.get_by_text("records were looked through").wait_for()
    page.get_by_label("What you found").fill("Late entries were copied from the paper record")
    page.get_by_label("Your password").fill(people.PASSWORD)
    page.get_by_label("Code of your authenticator").fill(people.next_code("quinn"))
    page.get_by_role("button", name="Sign the trail review").click()
    page.wait_for_url("**/review/")
    page.get_by_label("Release", exact=True).check()
    page.get_by_label("Reason").fill("Complete and correct")
    page.get_by_label("Your password").fill("not my password at all")  # the second signature asks for no code
    page.get_by_role("button", name="Sign the review").click()
    page.get_by_text("The password is not right").first.wait_for()
    assert page.get_by_label("Reason").input_value() == "Complete and correct"  # what was typed stays
    page.get_by_label("Your password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign the review").click()
    page.wait_for_url("**/disposition/")
    assert Disposition.objects.get(lot=lot).state == "reviewed"

    sign_in(page, cast["rosa"])
    page.goto(f"/lots/{order.lot_number}/disposition/")
    page.get_by_text("becomes RELEASED").wait_for()
    page.get_by_label("Reason", exact=True).fill("Agrees with the specification")
    page.get_by_label("Your password").fill(people.PASSWORD)
    page.get_by_label("Code of your authenticator").fill(people.next_code("rosa"))
    page.get_by_role("button", name="Sign: release").click()
    page.get_by_role("heading", name="Done").wait_for(timeout=30_000)
    assert lot_state(order) == LotState.RELEASED
    assert Document.objects.filter(order=order, kind="certificate_of_analysis").count() == 1
