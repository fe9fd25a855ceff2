"""A method from draft to approval: a plate is laid out by dragging, a criterion set, a second person signs."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from assays import catalogue, services
from tests.cast import PASSWORD, person, sign_in

ELISA = {part: said for part, said in catalogue.IFNG_ELISA["content"].items() if part != "layout"}
WITHOUT_LAYOUT = catalogue.IFNG_ELISA | {"content": ELISA}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in_as(page, live_server, username):
    client = Client()
    sign_in(client, username)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])


def well(page, name):
    return page.locator(f'[role=gridcell][aria-label^="{name},"]')


def drag(page, first, last):
    well(page, last).scroll_into_view_if_needed()
    well(page, first).scroll_into_view_if_needed()
    for target, act in ((first, page.mouse.down), (last, page.mouse.up)):
        box = well(page, target).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        act()


def fill(page, **parts):
    for part, value in parts.items():
        slot = page.locator(f'[data-part="{part}"]')
        if slot.evaluate("slot => slot.tagName") == "SELECT":
            slot.select_option(value)
        else:
            slot.fill(value)


def test_a_method_is_laid_out_judged_and_approved_by_another_person(page, live_server):
    draft = services.draft_method(**WITHOUT_LAYOUT, by=person("ana"))
    here = [draft.code, draft.version]
    sign_in_as(page, live_server, "ana")

    page.goto(reverse("method_layout", args=here))
    drag(page, "A1", "A1")
    fill(page, role="standard", name="STD", nominal="1000", factor="2", steps="7", replicates="2")
    page.get_by_role("button", name="Fill the series").click()
    expect(well(page, "G2")).to_have_attribute("aria-label", "G2, standard STD7, 15.625")

    drag(page, "C4", "D6")
    expect(page.get_by_role("heading", name="Fill C4 to D6, 6 wells")).to_be_visible()
    fill(page, role="sample", name="SPL1", nominal="", dilution="20", condition="stimulated")
    page.get_by_role("button", name="Fill", exact=True).click()
    expect(well(page, "D6")).to_have_attribute("aria-label", "D6, sample SPL1, 1 : 20, stimulated")
    page.get_by_role("button", name="Undo").click()
    expect(well(page, "D6")).to_have_attribute("aria-label", "D6, empty")
    page.get_by_role("button", name="Redo").click()

    # The same by keyboard: H1 to H2 are blanks, copied to H3 and H4; a wrong well is named at once.
    well(page, "H1").click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("b")
    fill(page, name="BLK", dilution="1", condition="")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+c")
    well(page, "H3").click()
    page.keyboard.press("Control+v")
    expect(well(page, "H4")).to_have_attribute("aria-label", "H4, blank BLK")
    well(page, "H5").click()
    fill(page, role="standard", name="STD8")
    page.get_by_role("button", name="Fill", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("H5: A standard needs its nominal value.")
    expect(well(page, "H5")).to_have_attribute("aria-invalid", "true")
    well(page, "H5").click()
    page.keyboard.press("Delete")
    expect(well(page, "H5")).to_have_attribute("aria-label", "H5, empty")
    page.get_by_role("button", name="Keep this layout").click()
    page.get_by_role("heading", name="Layout").wait_for()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Replicate CV at most", exact=True).fill("15")
    page.get_by_role("button", name="Keep this draft").click()
    expect(page.get_by_text("15 %")).to_be_visible()

    page.context.clear_cookies()
    sign_in_as(page, live_server, "rosa")
    page.goto(reverse("method_approve", args=here))
    page.get_by_label("Reason").fill("Validated, report VR-12.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Approve and sign").click()
    expect(page.get_by_text("In force").first).to_be_visible()
    draft.refresh_from_db()
    assert draft.approval.signer == person("rosa")
    assert len(draft.rules.layout.cells) == 14 + 6 + 4
    assert draft.rules.settings.cv_limit_percent == 15


def test_a_finger_chooses_wells_and_a_table_that_is_wrong_stays(browser, live_server):
    draft = services.draft_method(**WITHOUT_LAYOUT, by=person("ana"))
    size = {"width": 820, "height": 1180}
    with browser.new_context(base_url=live_server.url, viewport=size, has_touch=True) as context:
        page = context.new_page()
        sign_in_as(page, live_server, "ana")
        page.goto(reverse("method_layout", args=[draft.code, draft.version]))
        for width, wells in (("384", 384), ("1536", 1536), ("96", 96)):
            page.get_by_label("Plate", exact=True).select_option(width)
            expect(page.locator("[role=gridcell]")).to_have_count(wells)
        well(page, "B2").tap()
        expect(page.get_by_role("heading", name="Fill well B2")).to_be_visible()
        wrong = "well,role,name\nA1,standard,STD1\nZ9,blank,BLK"
        page.get_by_label("Layout as a table").fill(wrong)
        page.keyboard.press("Tab")
        expect(page.get_by_role("alert")).to_contain_text("A1: A standard needs its nominal value.")
        expect(page.get_by_role("alert")).to_contain_text("Z9: A plate of 96 wells has no well Z9")
        page.get_by_role("button", name="Keep this layout").click()
        expect(page.get_by_role("link", name="Layout as a table")).to_have_count(2)
        expect(page.get_by_label("Layout as a table")).to_have_value(wrong)
        expect(well(page, "A1")).to_have_attribute("aria-invalid", "true")
