"""Every component on one page each: valid for the content security policy, and accessible."""

import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cast import person
from tilmfg.shell.gallery import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shell.urls")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Links inside a sentence and wells of a plate are as large as their text; a checkbox is hit by its label.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, label.choice")]
    .filter(e => e.checkVisibility() && !e.closest("svg") && !e.closest(".visually-hidden-focusable, .skip"))
    .filter(e => getComputedStyle(e).display !== "inline" && !["checkbox", "radio"].includes(e.type))
    .filter(e => e.getBoundingClientRect().height < 44)
    .map(e => e.outerHTML)"""


@pytest.fixture(params=PAGES)
def html(request, client):
    client.force_login(person("quinn"))
    return client.get(f"/gallery/{request.param}/").content.decode()


def test_it_writes_nothing_inline(html):
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*src=)|javascript:", html)


def test_it_uses_every_id_once_and_refers_only_to_ids_that_exist(html):
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    referred = {
        i for value in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html) for i in value.split()
    }
    assert [i for i, count in ids.items() if count > 1] == []
    assert referred - set(ids) == set()


def test_it_has_one_first_heading(html):
    assert html.count("<h1") == 1


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_a_tablet(page_of_quinn, name):
    page_of_quinn.set_viewport_size({"width": 820, "height": 900})
    page_of_quinn.goto(f"/gallery/{name}/")
    # Inside pictures test_contrast.py measures colours; axe cannot, and tries for long.
    options = {"runOnly": RULES, "rules": {"color-contrast": {"enabled": name != "pictures"}}}
    found = Axe().run(page_of_quinn, options=options).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 820, 320])
def test_it_fits_the_width_of_the_screen(page_of_quinn, width):
    page_of_quinn.set_viewport_size({"width": width, "height": 900})
    for name in PAGES:
        page_of_quinn.goto(f"/gallery/{name}/")
        assert page_of_quinn.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.browser
def test_a_gloved_finger_hits_every_target(page_of_quinn):
    for name in PAGES:
        page_of_quinn.goto(f"/gallery/{name}/")
        assert page_of_quinn.evaluate(SMALL_TARGETS) == [], name
