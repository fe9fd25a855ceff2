"""The tags every page is made of; `docs/components.md` shows each with an example."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from tilmfg.shell import icons, numbers
from tilmfg.shell.drawings.chart import chart_shape
from tilmfg.shell.drawings.differing import compare
from tilmfg.shell.drawings.genealogy import tree_shape
from tilmfg.shell.drawings.growth import growth_shape
from tilmfg.shell.drawings.plate import plate_shape
from tilmfg.shell.drawings.standard_curve import standard_curve_shape
from tilmfg.shell.drawings.window import window_bar as window_bar_shape
from tilmfg.shell.fields import Slot
from tilmfg.shell.moments import day_in_words, in_words, length_in_words
from tilmfg.shell.state_words import look_of

register = template.Library()

COI_READ_ALOUD = 6  # characters two people read to each other across a room


@register.simple_tag
def icon(name, label=""):
    return icons.draw(name, label)


@register.simple_tag
def state(value, machine):
    look = look_of(machine, value)
    return format_html('<span class="state tone-{}">{}{}</span>', look.tone, icons.draw(look.icon), look.word)


@register.filter
def scientific(value, digits=None):
    return numbers.scientific(value, digits)


@register.filter
def number(value, decimals=None):
    return numbers.readable(value, decimals)


@register.simple_tag
def quantity(value, unit="", decimals=None, qualifier="", limit=""):
    """The number as people read it, its unit fixed to it, the exact value kept for machines; beside a limit with the
    digits that it is judged by."""
    if words := numbers.why_missing(value):
        return format_html('<span class="missing">{}</span>', words)
    return format_html(
        '<data class="quantity" value="{}">{}{}{}</data>',
        str(value),
        f"{qualifier}\u00a0" if qualifier and qualifier != "=" else "",
        numbers.beside(value, limit, decimals) if limit else numbers.readable(value, decimals),
        format_html('\u00a0<span class="unit">{}</span>', unit) if unit else "",
    )


@register.simple_tag
def moment(value, otherwise="not yet"):
    """A time in the facility's words with UTC beside it; a date as a day. What is missing is told otherwise."""
    if value is None or numbers.why_missing(value):
        return format_html('<span class="missing">{}</span>', otherwise)
    if isinstance(value, date) and not isinstance(value, datetime):
        day = day_in_words(value, today=timezone.localdate())
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), day)
    told = in_words(value, now=timezone.now(), zone=timezone.get_current_timezone())
    zone = format_html(' <span class="utc">({})</span>', told.utc) if told.utc else mark_safe(" UTC")
    return format_html('<time datetime="{}">{} {}{}</time>', told.iso, told.day, told.clock, zone)


@register.filter
def duration(value: timedelta):
    return length_in_words(value)


@register.inclusion_tag("shared/coi.html")
def coi(coi_id, check, size=""):
    return {
        "whole": f"{coi_id}{check}",
        "head": coi_id[:-COI_READ_ALOUD],
        "tail": coi_id[-COI_READ_ALOUD:],
        "check": check,
        "size": size,
    }


@register.inclusion_tag("shared/field.html")
def field(bound_field, unit="", low=None, high=None, scan=False, reason=None, autofocus=False):
    """An input with its unit, its limits drawn, its help and its errors.

    `scan` makes it a slot for a scanner; `reason` is the field that asks why when the value lies outside.
    """
    slot = Slot(bound_field, unit=unit, low=low, high=high, scan=scan, autofocus=autofocus)
    return {"slot": slot, "reason": reason and Slot(reason, asked=True)}


@register.inclusion_tag("shared/window_bar.html")
def window_bar(start, end, now=None, planned=None, performed=None):
    now = now or timezone.now()
    shape = window_bar_shape(start=start, end=end, now=now, planned=planned, performed=performed)
    return {"shape": shape, "start": start, "end": end, "planned": planned}


@register.inclusion_tag("shared/plate.html")
def plate(wells, unit="", title="Plate"):
    wells = list(wells)
    return {
        "shape": plate_shape(wells, unit) if wells else None,
        "wells": wells,
        "unit": unit,
        "title": title,
    }


@register.inclusion_tag("shared/growth_curve.html")
def growth_curve(points, lower=None, upper=None, unit="viable cells", title="Growth"):
    return {
        "shape": growth_shape(list(points), lower=lower, upper=upper, unit=unit),
        "unit": unit,
        "title": title,
    }


@register.inclusion_tag("shared/standard_curve.html")
def standard_curve(fit, points, unit_x="pg/mL", unit_y="OD", title="Standard curve"):
    shape = standard_curve_shape(fit, list(points), unit_x=unit_x, unit_y=unit_y)
    return {"shape": shape, "fitted": bool(fit), "unit_x": unit_x, "unit_y": unit_y, "title": title}


@register.inclusion_tag("shared/chart.html")
def chart(series, title, title_x, title_y, x_is_logarithmic=False, y_is_logarithmic=False):
    shape = chart_shape(list(series), x_is_logarithmic=x_is_logarithmic, y_is_logarithmic=y_is_logarithmic)
    return {"shape": shape, "title": title, "title_x": title_x, "title_y": title_y}


@register.inclusion_tag("shared/genealogy.html")
def genealogy(nodes, edges, title="Genealogy"):
    nodes = list(nodes)
    return {"shape": tree_shape(nodes, list(edges)) if nodes else None, "title": title}


@register.inclusion_tag("shared/timeline.html")
def timeline(events):
    return {"events": list(events)}


@register.inclusion_tag("shared/differing.html")
def differing(expected, read):
    return {"comparison": compare(expected, read), "expected": expected, "read": read}


@register.inclusion_tag("shared/empty_state.html")
def empty_state(sentence, detail="", icon="check"):
    return {"sentence": sentence, "detail": detail, "icon": icon}


@register.inclusion_tag("shared/pager.html", takes_context=True)
def pager(context, page):
    request = context["request"]

    def address(cursor):
        query = request.GET.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        query.update(cursor)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous_url": page.previous and address(page.previous),
        "next_url": page.next and address(page.next),
    }
