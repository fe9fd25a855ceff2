"""The small tags: what a page says about ids, quantities, times and states."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.http import QueryDict
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import strip_tags

from tilmfg.shell.icons import DRAWINGS, UnknownIcon
from tilmfg.shell.paging import Page
from tilmfg.shell.pictures import Event
from tilmfg.shell.state_words import UnknownState

NOW = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)


def _render(tag, **context):
    return Template("{% load tilmfg %}" + tag).render(Context(context))


def _words(html):
    return " ".join(strip_tags(html).replace("\u00a0", " ").split())


@pytest.fixture
def new_york():
    with time_machine.travel(NOW, tick=False), timezone.override("America/New_York"):
        yield


def test_it_shows_a_state_as_word_icon_and_tone():
    html = _render('{% state "released" "lot" %}')
    assert _words(html) == "Released"
    assert "tone-good" in html
    assert "<svg" in html


def test_it_refuses_an_unknown_state_on_a_page():
    with pytest.raises(UnknownState):
        _render('{% state "half_released" "lot" %}')


def test_it_sets_the_last_six_characters_and_the_check_character_apart():
    html = _render('{% coi "CHA999926000042" "K" %}')
    assert '<span class="coi-head">CHA999926</span>' in html
    assert '<span class="coi-tail">000042</span>' in html
    assert 'data-copy="CHA999926000042K"' in html
    assert _words(html) == "Chain of identity CHA999926000042 check character K"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ('{% quantity 25800000000 "cells" %}', "2.58 × 10¹⁰ cells"),
        ('{% quantity 61.5 "%" %}', "61.5 %"),
        ('{% quantity 70 "%" decimals=1 %}', "70.0 %"),
        ('{% quantity 31.3 "pg/mL" qualifier="<" %}', "&lt; 31.3 pg/mL"),
        ('{% quantity 31.3 "pg/mL" qualifier="=" %}', "31.3 pg/mL"),
        ('{% quantity None "%" %}', "missing"),
        ("{% quantity 403.125 %}", "403.125"),
    ],
)
def test_it_writes_a_quantity_with_its_unit(tag, words):
    assert _words(_render(tag)) == words


def test_it_keeps_the_exact_value_of_a_quantity():
    assert 'value="28412345678"' in _render('{% quantity value "cells" %}', value=28412345678)


def test_it_writes_a_time_for_people_and_for_machines(new_york):
    html = _render("{% moment at %}", at=NOW)
    assert _words(html) == "today 14:05 (19:05 UTC)"
    assert 'datetime="2026-11-23T19:05:00+00:00"' in html


def test_it_writes_a_date_as_a_day(new_york):
    assert _words(_render("{% moment day %}", day=NOW.date())) == "today"


def test_it_says_in_given_words_that_something_has_not_happened(new_york):
    assert _words(_render("{% moment None %}")) == "not yet"
    assert _words(_render('{% moment None "not frozen" %}')) == "not frozen"


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_draws_every_icon_hidden_from_readers(name):
    html = _render("{% icon name %}", name=name)
    assert 'aria-hidden="true"' in html
    assert "style=" not in html


def test_it_names_an_icon_that_stands_alone():
    assert 'role="img" aria-label="Copy"' in _render('{% icon "copy" "Copy" %}')


def test_it_refuses_an_unknown_icon():
    with pytest.raises(UnknownIcon, match="flask"):
        _render('{% icon "unicorn" %}')


def test_it_tells_events_in_the_order_given(new_york):
    events = [Event(at=NOW, what="Tumor received", by="Olga"), Event(at=NOW, what="<b>Seeded</b>")]
    html = _render("{% timeline events %}", events=events)
    assert html.index("Tumor received") < html.index("&lt;b&gt;Seeded")


@pytest.mark.parametrize(
    "tag",
    [
        "{% plate none %}",
        "{% growth_curve none %}",
        "{% standard_curve fit none %}",
        "{% genealogy none none %}",
        "{% timeline none %}",
    ],
)
def test_it_says_so_where_there_is_nothing_to_draw(tag):
    assert 'class="nothing"' in _render(tag, none=[], fit=None)


def test_it_turns_pages_and_keeps_the_search(rf):
    page = Page(rows=[1, 2], previous={"before": "9"}, next={"after": "4"})
    request = rf.get("/lots/", QueryDict("site=07&after=12"))
    html = _render("{% pager page %}", page=page, request=request)
    assert 'href="?site=07&amp;before=9"' in html
    assert 'href="?site=07&amp;after=4"' in html


def test_it_shows_no_pager_for_a_single_page(rf):
    page = Page(rows=[1], previous=None, next=None)
    assert "<nav" not in _render("{% pager page %}", page=page, request=rf.get("/"))
