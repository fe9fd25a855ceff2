"""Every component on one page each: valid for the content security policy, and accessible."""

import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cast import person
from tilmfg.shell.gallery import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shell.urls")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
@pytest.mark.parametrize("width", [1280, 820])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(page_of_quinn, name, width):
    page = page_of_quinn
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/gallery/{name}/")
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
