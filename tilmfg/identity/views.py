"""Pages of orders: found, placed, received, labelled, reported."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tilmfg.accounts.access import open_to, proves_second_person, proves_signer
from tilmfg.accounts.proof import Proof
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.services import second_person
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.exports import CSV, PDF, answer_file
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_of

from . import selectors, services
from .custody_gaps import with_gaps
from .drawings import family, timeline_event
from .forms import OrderSearchForm, PlaceOrderForm, PrintLabelForm, ReceiveTumorForm, ResumeForm
from .label_content import is_provisional
from .mismatch_words import mismatch_words
from .models import ArrivalLimit, Container
from .report_content import identifiers
from .services.labels import LABELLERS
from .services.receipt import PURPOSE
from .services.report import REPORTERS
from .states import LabelState, OrderState

LOOKERS = (*FACILITY_ROLES, Role.SITE)
LABEL_READERS = (*LABELLERS, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


@open_to(*LOOKERS)
def orders(request):
    search = OrderSearchForm(request.GET)
    page = page_of(selectors.find_orders(request.user, **search.wanted), request.GET)
    may_place = request.user.holds(Role.IDENTITY_ADMINISTRATOR)
    context = {"search": search, "page": page, "asked": any(search.wanted.values()), "may_place": may_place}
    return render(request, "identity/orders.html", context)


@open_to(Role.IDENTITY_ADMINISTRATOR)
@once
def order_new(request, coi_id=None):
    """A first order, or, with the id of an earlier one, collecting again for the same patient."""
    previous = selectors.order_of(request.user, coi_id) if coi_id else None
    form = PlaceOrderForm(request.POST or None, initial=carried_over(previous))
    if form.is_valid():
        order = form.attempt(services.place_order, previous=previous, by=request.user, **form.values)
        if order:
            return redirect("order", order.coi_id)
    context = {"form": form, "previous": previous}
    return render(request, "identity/order_new.html", context, status=422 if form.is_bound else 200)


def carried_over(previous):
    """Who the patient is, is typed anew: it is compared with the vault."""
    if previous is None:
        return {}
    carried = {"site": previous.site, "indication": previous.indication, "procurement": previous.procurement}
    return carried | {"pseudonym": previous.patient.pseudonym}


@open_to(*LOOKERS)
def order(request, coi_id):
    found = selectors.order_of(request.user, coi_id)
    record = selectors.order_record(found)
    user, under_way = request.user, found.state not in services.ENDED
    context = {
        "order": found,
        "record": record,
        "identifiers": identifiers(found),
        "provisional": is_provisional(found.coi_id),
        "family": family(record.containers, record.lineage),
        "timeline": [timeline_event(event) for event in record.events],
        "custody": list(with_gaps(record.custody)),
        "labels": [(it, VerbForm(auto_id=False), VerbForm(auto_id=False)) for it in record.labels],
        "of_facility": user.holds(*FACILITY_ROLES),
        "may_label": under_way and user.holds(*LABELLERS),
        "may_account": user.holds(*LABELLERS),
        "may_read_labels": user.holds(*LABEL_READERS),
        "may_receive": found.state == OrderState.ORDERED and user.holds(Role.TECHNICIAN),
        "may_report": user.holds(*REPORTERS),
        "may_resume": found.state == OrderState.STOPPED and user.holds(*services.DECIDERS),
        "may_administer": user.holds(Role.IDENTITY_ADMINISTRATOR),
    }
    return render(request, "identity/order.html", context)


@open_to(Role.IDENTITY_ADMINISTRATOR)
@require_safe
def order_person(request, coi_id):
    """Who the patient is; opening the page is the reading that is on record."""
    found = selectors.order_of(request.user, coi_id)
    identity = services.read_vault(patient=found.patient, purpose=f"page of {found}", by=request.user)
    return render(request, "identity/person.html", {"order": found, "identity": identity})


@open_to(Role.TECHNICIAN)
@proves_second_person
@once
def receive_tumor(request, coi_id):
    found = selectors.order_of(request.user, coi_id)
    bottle = found.containers.get(kind=Container.Kind.TUMOR_BOTTLE)
    form = ReceiveTumorForm(request.POST or None, proof=request.proof)
    if form.reads_another_than(bottle.payload):
        # A wrong label stops the line, whatever else is wrong or missing on the form.
        wrong = form.attempt(record_wrong_label, order=found, bottle=bottle, form=form, by=request.user)
        if wrong:
            return redirect("mismatch", wrong.pk)
    elif form.is_valid():
        scan = form.attempt(receive_together, order=found, by=request.user, **form.values)
        if scan:
            return redirect("order", coi_id) if scan.matches else redirect("mismatch", scan.pk)
    context = {
        "order": found,
        "bottle": bottle,
        "form": form,
        "limit": ArrivalLimit.on(facility_today()),
    }
    return render(request, "identity/receive.html", context, status=422 if form.is_bound else 200)


def record_wrong_label(*, order, bottle, form, by):
    return services.record_scan(
        order=order, purpose=PURPOSE, expected=bottle.payload, read=form["read"].data, by=by
    )


def receive_together(*, second: Proof, by, **arguments):
    person = second_person(proof=second, roles=(Role.TECHNICIAN,), first=by)
    return services.receive_tumor(second=person, by=by, **arguments)


@open_to(*LOOKERS)
def mismatch(request, pk):
    scan = selectors.scan_of(request.user, pk)
    if scan.matches:
        raise Http404("This scan matched.")
    opened = list(Deviation.objects.filter(subject_kind="identity.scan", subject_id=pk))
    context = {"scan": scan} | mismatch_words(scan, opened, user=request.user)
    return render(request, "identity/mismatch.html", context)


@open_to(*services.DECIDERS)
@proves_signer
@once
def order_resume(request, coi_id):
    """A stopped order goes on; until that may be signed, the page says what stands against it."""
    found = selectors.order_of(request.user, coi_id)
    stop = selectors.last_stop(found)
    context = {
        "order": found,
        "stop": stop,
        "deviations": Deviation.objects.filter(chain=found.chain).order_by("pk"),
    }
    try:
        services.require_resumable(found, request.user)
    except services.UnableToResume as obstacle:
        return render(request, "identity/resume.html", context | {"obstacle": str(obstacle)})
    form = ResumeForm(request.POST or None, proof=request.proof, initial={"seen": stop and stop.pk})
    if form.is_valid() and form.attempt(services.resume_order, order=found, by=request.user, **form.values):
        return redirect("order", coi_id)
    if isinstance(form.refusal, ChangedMeanwhile):
        form.show_anew()
    return render(request, "identity/resume.html", context | {"form": form}, status=form.status)


@open_to(*LABELLERS)
@once
def label_print(request, coi_id, code):
    found = selectors.order_of(request.user, coi_id)
    container = selectors.container_of(found, code)
    printed = container.labels.defer("pdf").order_by("pk")
    form = PrintLabelForm(request.POST or None, first=not printed)
    if form.is_valid():
        label = form.attempt(services.print_label, container=container, by=request.user, **form.values)
        if label:
            messages.success(request, f"Label {label[0]} is ready to print; its symbol was read back.")
            return redirect("order", coi_id)
    context = {"order": found, "container": container, "printed": printed, "form": form}
    return render(request, "identity/label_print.html", context, status=422 if form.is_bound else 200)


@open_to(*LABEL_READERS)
@require_safe
def label(request, pk):
    """The paper itself; once it is applied or destroyed only those look at it who print nothing."""
    found = selectors.label_of(request.user, pk)
    if found.state != LabelState.PRINTED and request.user.holds(*LABELLERS):
        raise Http404(
            f"Label {found} has been {found.get_state_display().lower()}; print it again with a reason."
        )
    return answer_file(
        request, bytes(found.pdf), name=f"{found}.pdf", kind="label", media_type=PDF, inline=True
    )


@open_to(*LABELLERS)
@require_POST
@once
def label_apply(request, pk):
    return account_for(request, pk, services.apply_label)


@open_to(*LABELLERS)
@require_POST
@once
def label_destroy(request, pk):
    return account_for(request, pk, services.destroy_label)


def account_for(request, pk, verb):
    found = selectors.label_of(request.user, pk)
    form = VerbForm(request.POST)
    if form.is_valid() and form.attempt(verb, label=found, by=request.user):
        messages.success(request, f"Label {found} is {found.get_state_display().lower()}.")
    else:
        for refusal in form.non_field_errors():
            messages.error(request, str(refusal))
    return redirect("order", found.order.coi_id)


@open_to(*REPORTERS)
@require_safe
def order_report(request, coi_id):
    return issue(request, coi_id, format="pdf", media_type=PDF)


@open_to(*REPORTERS)
@require_safe
def order_report_csv(request, coi_id):
    return issue(request, coi_id, format="csv", media_type=CSV)


def issue(request, coi_id, *, format, media_type):
    found = selectors.order_of(request.user, coi_id)
    report = services.issue_chain_of_identity_report(order=found, format=format, by=request.user)
    return answer_file(
        request, report.content, name=report.name, kind="chain-of-identity report", media_type=media_type
    )
