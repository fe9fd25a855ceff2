"""One field on a page: label, unit, limits, help and errors belong to the input for every reader."""

import re

import pytest
from django import forms
from django.template import Context, Template


class ReadingForm(forms.Form):
    viability = forms.DecimalField(label="Viability", help_text="Of the pooled sample.")
    why = forms.CharField(label="Why?", widget=forms.Textarea, required=False)
    appearance = forms.ChoiceField(
        choices=[("clear", "Clear"), ("clumps", "Clumps")], widget=forms.RadioSelect
    )
    flask = forms.CharField(label="Flask", required=False)
    cleared = forms.BooleanField(label="Line cleared")


def _render(tag, form):
    return Template("{% load tilmfg %}" + tag).render(Context({"form": form}))


def _input(html):
    return re.search(r"<(input|textarea)[^>]*>", html)[0]


def test_it_ties_unit_limits_and_help_to_the_input():
    html = _render('{% field form.viability unit="%" low=70 %}', ReadingForm())
    described = re.search(r'aria-describedby="([^"]+)"', _input(html))[1].split()
    assert described == ["id_viability_unit", "id_viability_limits", "id_viability_help"]
    assert all(f'id="{part}"' in html for part in described)
    assert "at least 70" in html


def test_it_keeps_what_was_typed_and_says_what_is_wrong_beside_it():
    html = _render("{% field form.viability %}", ReadingForm({"viability": "lots"}))
    assert 'value="lots"' in _input(html)
    assert 'aria-invalid="true"' in _input(html)
    assert "id_viability_errors" in _input(html)
    assert "Enter a number." in html


def test_it_takes_numbers_in_a_text_box():
    assert 'type="text"' in _input(_render("{% field form.viability %}", ReadingForm()))
    assert 'inputmode="decimal"' in _input(_render("{% field form.viability %}", ReadingForm()))


def test_it_asks_for_the_reason_in_place_and_does_not_call_it_optional():
    html = _render("{% field form.viability low=70 reason=form.why %}", ReadingForm())
    assert 'data-reason-for="id_viability"' in html
    assert "optional" not in html
    assert "is-asked" not in html


def test_it_keeps_a_reason_in_sight_that_was_given():
    html = _render("{% field form.viability low=70 reason=form.why %}", ReadingForm({"why": "clumps"}))
    assert "is-asked" in html


def test_it_calls_only_an_optional_field_optional():
    assert "optional" in _render("{% field form.flask %}", ReadingForm())
    assert "optional" not in _render("{% field form.viability %}", ReadingForm())


def test_it_groups_a_choice_under_its_question():
    html = _render("{% field form.appearance %}", ReadingForm())
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('type="radio"') == 2


def test_it_marks_a_slot_for_the_scanner():
    assert "data-scan" in _input(_render("{% field form.flask scan=True %}", ReadingForm()))


@pytest.mark.parametrize("name", ["viability", "why", "flask", "cleared"])
def test_it_labels_every_input(name):
    html = _render("{% field form." + name + " %}", ReadingForm())
    assert f'for="id_{name}"' in html
    assert f'id="id_{name}"' in html


def test_it_escapes_what_was_typed():
    html = _render("{% field form.flask %}", ReadingForm({"flask": '"><script>'}))
    assert "<script>" not in html


def test_it_carries_the_hidden_key_and_lists_every_error_once_at_the_top():
    class KeyedForm(ReadingForm):
        idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    form = KeyedForm({"idempotency_key": "0198f3a2-0000-7000-8000-000000000000", "viability": "lots"})
    template = Template('{% include "shared/form.html" %}')
    html = template.render(Context({"form": form, "csrf_token": "token"}))
    assert 'name="idempotency_key" value="0198f3a2-0000-7000-8000-000000000000"' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert '<a href="#id_viability">Viability</a>: Enter a number.' in html
    assert html.count('role="alert"') == 1
