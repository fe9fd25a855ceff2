"""Pages of the treatment site; times are the site's."""

from django.shortcuts import redirect, render
from django.utils import timezone

from tilmfg.accounts.access import open_to, proves_second_person
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import second_person
from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_of

from . import selectors, services
from .forms import BedsideForm, InfuseForm, ReceiveForm

LOOKERS = (Role.SITE, Role.IDENTITY_ADMINISTRATOR, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


def page(request, name, lot, context, *, form=None):
    """A page about one lot, in the time zone of its site; a refused form keeps what was typed."""
    context |= {"lot": lot, "order": lot.order, "go": selectors.go_for(lot), "form": form}
    with timezone.override(lot.order.site.time_zone):
        return render(
            request, f"treatment/{name}.html", context, status=422 if form and form.is_bound else 200
        )


@open_to(*LOOKERS)
def treatment(request):
    """Who waits, the most urgent first; who was treated or will not be is a list of its own."""
    if "ended" in request.GET:
        page = page_of(selectors.lots_ended(request.user), request.GET)
        lots, more = page.rows, False
    else:
        found = list(selectors.lots_under_way(request.user)[: selectors.SHOWN + 1])
        page, lots, more = None, found[: selectors.SHOWN], len(found) > selectors.SHOWN
    shown = [(lot, selectors.go_for(lot)) for lot in lots]
    return render(request, "treatment/lots.html", {"lots": shown, "page": page, "more": more})


@open_to(*LOOKERS)
def treatment_lot(request, lot_number):
    lot = selectors.lot_at_site(request.user, lot_number)
    checks = list(selectors.checks_of(lot))
    infusions = list(selectors.infusions_of(lot))
    infused = {infusion.check_passed_id for infusion in infusions}
    passed = {
        check.container_id: check for check in reversed(checks) if check.matches and check.pk not in infused
    }
    bags = [(bag, passed.get(bag.pk)) for bag in lot.order.bags]
    return page(request, "lot", lot, {"bags": bags, "checks": checks, "infusions": infusions})


@open_to(Role.SITE)
@once
def receive_at_site(request, lot_number, code):
    lot = selectors.lot_at_site(request.user, lot_number)
    bag = selectors.bag_of(lot, code)
    with timezone.override(lot.order.site.time_zone):
        form = ReceiveForm(request.POST or None)
        subject = {"lot": lot, "container": bag, "by": request.user}
        if form.reads_another_order_than(bag.payload):
            # A wrong label stops the line, whatever else is wrong or missing on the form.
            scan = form.attempt(services.stop_at_receipt, read=form["read"].data, **subject)
            if scan:
                return redirect("mismatch", scan.pk)
        elif form.is_valid() and form.attempt(services.receive_product, **subject, **form.values):
            return redirect("treatment_lot", lot_number)
    return page(request, "receive", lot, {"bag": bag}, form=form)


def check_with_second_person(*, second, by, **arguments):
    person = second_person(proof=second, roles=(Role.SITE,), first=by)
    return services.check_at_bedside(second=person, by=by, **arguments)


@open_to(Role.SITE)
@proves_second_person
@once
def bedside(request, lot_number, code):
    lot = selectors.lot_at_site(request.user, lot_number)
    bag = selectors.bag_of(lot, code)
    form = BedsideForm(request.POST or None, proof=request.proof)
    subject = {"lot": lot, "container": bag, "by": request.user}
    # Whatever names another patient counts, whatever else is wrong or missing on the form.
    failed = form.attempt(services.stop_at_bedside, **subject, **form.read) if form.is_bound else None
    if failed:
        return redirect("bedside_mismatch", lot_number, failed.pk)
    if form.is_valid():
        check = form.attempt(check_with_second_person, **subject, **form.values)
        if check:
            return redirect("infuse" if check.matches else "bedside_mismatch", lot_number, check.pk)
    return page(request, "bedside", lot, {"bag": bag}, form=form)


@open_to(*LOOKERS)
def bedside_mismatch(request, lot_number, pk):
    lot = selectors.lot_at_site(request.user, lot_number)
    check = selectors.failed_check(lot, pk)
    return page(request, "mismatch", lot, {"check": check} | selectors.mismatch_in_words(check))


@open_to(Role.SITE)
@once
def infuse(request, lot_number, pk):
    lot = selectors.lot_at_site(request.user, lot_number)
    check = selectors.check_for_infusion(lot, pk)
    if not check.matches:
        return redirect("bedside_mismatch", lot_number, pk)
    with timezone.override(lot.order.site.time_zone):
        form = InfuseForm(request.POST or None)
        if form.is_valid() and form.attempt(
            services.record_infusion, check=check, by=request.user, **form.values
        ):
            return redirect("treatment_lot", lot_number)
    return page(request, "infuse", lot, {"check": check, "bag": check.container}, form=form)
