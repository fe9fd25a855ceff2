"""The Levey-Jennings chart of a lot of a control: on its page, as CSV, on paper."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from assays import services
from assays.control_chart import Asked, chart_lines, chart_of, chart_record
from assays.models import ControlLot
from assays.models.controls import RUNS_BRIDGED, RUNS_NEEDED
from assays.selectors import controls as selectors
from assays.selectors.methods import latest_approved
from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import lack_of
from tilmfg.documents import record
from tilmfg.records.exports import CSV, PDF, answer_file
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.shell.paging import UnknownPage

from . import READERS, show


@open_to(*READERS)
def control(request, pk):
    return control_page(request, selectors.control_lot(pk), propose=VerbForm())


@open_to(Role.ANALYST)
@require_POST
@once
def control_propose(request, pk):
    lot = selectors.control_lot(pk)
    form = VerbForm(request.POST)
    if form.is_valid() and (value := form.attempt(services.propose_value, lot=lot, by=request.user)):
        return redirect(value)
    return control_page(request, lot, propose=form)


@open_to(*READERS)
@require_safe
def control_csv(request, pk):
    """Every reading that the filter asks for."""
    chart = chart_of(selectors.control_lot(pk), asked_in(request.GET), most=None)
    content = "".join(chart_lines(chart))
    return answer_file(request, content, name=f"control-{pk}.csv", kind="control chart", media_type=CSV)


@open_to(*READERS)
@require_safe
def control_pdf(request, pk):
    """The chart as its page shows it."""
    chart = chart_of(selectors.control_lot(pk), asked_in(request.GET))
    content = record(chart_record(chart, generated_at=timezone.now()))
    return answer_file(request, content, name=f"control-{pk}.pdf", kind="control chart", media_type=PDF)


def control_page(request, lot: ControlLot, *, propose):
    asked = asked_in(request.GET)
    chart = chart_of(lot, asked)
    method = latest_approved(lot.method_code)
    beside = selectors.beside_the_lot_in_use(lot)
    reviewed = selectors.reviewed_readings(lot).count()
    older = {"before": chart.shown[0][0].measured_at.isoformat()} if chart.older else {}
    context = {
        "lot": lot,
        "chart": chart,
        "shape": chart.shape,
        "title": f"{lot}, {lot.method_code}",
        "statistics": chart.statistics,
        "patterns": [(pattern, chart.measured[pattern.at][0].run) for pattern in chart.statistics.patterns],
        "asked": asked,
        "query": urlencode(asked.in_words),
        "older": urlencode(asked.in_words | older) if older else "",
        "beside": beside,
        "siblings": selectors.lots_of_the_same_control(lot),
        "values": selectors.values_of_lot(lot),
        "reviewed": reviewed,
        "may_propose": reviewed >= RUNS_NEEDED or (beside is not None and beside.count >= RUNS_BRIDGED),
        "bridged": RUNS_BRIDGED,
        "needed": RUNS_NEEDED,
        "propose": propose,
        "lack": lack_of(request.user, *method.qualifications)
        if method and request.user.holds(Role.ANALYST)
        else "",
    }
    context |= selectors.who_and_where(lot)
    return show(request, "assays/control.html", context, form=propose if propose.is_bound else None)


def asked_in(query) -> Asked:
    return Asked(
        instrument=query.get("instrument", ""), analyst=query.get("analyst", ""), before=moment_in(query)
    )


def moment_in(query):
    """By the address of older readings."""
    text = query.get("before")
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnknownPage(f"“before={text}” names no moment.")
    return moment
