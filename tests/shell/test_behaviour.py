"""What the shell's script does under a person's hands."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.urls("tests.shell.urls")]


@pytest.fixture
def step(page_of_quinn):
    page_of_quinn.goto("/gallery/step/")
    return page_of_quinn


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("91.2", "Inside the limits"),
        ("70", "Inside, at the edge"),
        ("69.9", "Below the limit"),
        ("lots", "Not a number; 7.5e9 is one"),
        ("", ""),
    ],
)
def test_it_judges_a_value_as_it_is_typed(step, typed, verdict):
    step.get_by_label("Viability", exact=True).fill(typed)
    expect(step.locator("[data-limits-for=id_viability] output")).to_have_text(verdict)


def test_it_moves_the_mark_along_a_logarithmic_bar(step):
    places = []
    for typed in ("5e6", "3e7", "2e8", "9e99"):
        step.get_by_label("Viable cells, pooled").fill(typed)
        mark = step.locator("[data-limits-for=id_viable_cells] .bar-value")
        places.append(float(mark.get_attribute("x").rstrip("%")))
    assert places == sorted(places)
    assert places[-1] == 100
    assert 40 < places[1] < 60


def test_it_asks_for_a_reason_only_outside_and_never_hides_one_that_was_given(step):
    viability, reason = (
        step.get_by_label("Viability", exact=True),
        step.get_by_label("Why is it outside the limit?"),
    )
    expect(reason).to_be_hidden()
    viability.fill("61.5")
    expect(reason).to_be_visible()
    viability.fill("91")
    expect(reason).to_be_hidden()
    viability.fill("61.5")
    reason.fill("Clumped sample, counted twice.")
    viability.fill("91")
    expect(reason).to_be_visible()


def test_it_takes_a_scanner_that_types_without_focus_into_the_scan_box(step):
    box = step.get_by_label("Scan or type any label")
    expect(box).not_to_be_focused()
    step.keyboard.type("&/CHA999926000042.TB1")
    expect(box).to_have_value("&/CHA999926000042.TB1")


def test_it_brings_the_scan_box_back_by_slash_and_lets_people_switch_that_off(step):
    box = step.get_by_label("Scan or type any label")
    step.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    step.get_by_text("QA reviewer").click()
    step.get_by_role("checkbox", name=re.compile("Key")).uncheck()
    step.keyboard.press("Escape")
    box.blur()
    step.keyboard.press("/")
    expect(box).not_to_be_focused()


def test_it_leaves_keys_to_the_field_that_has_the_focus(step):
    step.get_by_label("Endotoxin").press_sequentially("/0.5")
    expect(step.get_by_label("Endotoxin")).to_have_value("/0.5")


def test_it_focuses_the_scan_box_on_a_page_without_a_form(page_of_quinn):
    page_of_quinn.goto("/gallery/parts/")
    expect(page_of_quinn.get_by_label("Scan or type any label")).to_be_focused()


def test_it_warns_before_the_session_ends_and_keeps_what_was_typed(step):
    step.clock.install()
    step.goto("/gallery/step/")
    step.get_by_label("Endotoxin").fill("0.4")
    seconds = int(step.locator("[data-session-seconds]").get_attribute("data-session-seconds"))
    step.clock.fast_forward((seconds - 60) * 1000)
    expect(step.get_by_text("Your session ends in less than two minutes.")).to_be_visible()
    step.clock.fast_forward(61_000)
    expect(step.get_by_text("Your session has ended.")).to_be_visible()
    expect(step.get_by_label("Endotoxin")).to_have_value("0.4")


def test_it_tells_the_facilitys_time_and_not_the_tablets(page_of_quinn):
    page_of_quinn.clock.install(time="2001-01-01T00:00:00Z")
    page_of_quinn.goto("/gallery/parts/")
    here = page_of_quinn.locator(".clock-here")
    shown = page_of_quinn.evaluate(
        "face => new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', timeZone: face.dataset.zone})"
        ".format(Date.parse(face.dataset.clock))",
        here.element_handle(),
    )
    expect(here).to_have_text(shown)


def test_it_sends_a_form_once(step):
    sent = []
    step.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    step.route("**/gallery/step/", lambda route: route.fulfill(status=204))
    step.get_by_role("button", name="Record").dblclick()
    step.wait_for_timeout(300)
    assert len(sent) == 1


def test_it_opens_what_a_scanner_reads(step):
    step.keyboard.type("TIL-2026-0042")
    step.keyboard.press("Enter")
    expect(step.locator("body")).to_have_text("TIL-2026-0042")


def test_it_moves_from_scan_slot_to_scan_slot(step):
    step.get_by_label("Incubator").fill("")
    step.get_by_label("Incubator").press("Enter")
    expect(step.get_by_label("Incubator")).to_be_focused()
