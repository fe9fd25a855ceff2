"""Who somebody is, and whether their account is still needed: said by others, on pages of *People*."""

from django.contrib import messages
from django.shortcuts import redirect, render

from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_along

from .. import selectors, services
from ..access import open_to
from ..people_forms import ReviewForm, VerifyIdentityForm
from ..roles import VOUCHERS
from ..standing import Term
from .people import READERS, asked, known_person


@open_to(*VOUCHERS)
@once
def identity_verify(request, username):
    found = known_person(username)
    form = VerifyIdentityForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.verify_identity, person=found, by=request.user, **form.values
    ):
        return redirect("person", username)
    return asked(request, found, form, "verify")


@open_to(*READERS)
@once
def account_reviews(request):
    form = ReviewForm(request.POST or None)
    if form.is_valid() and (
        reviews := form.attempt(services.review_accounts, by=request.user, **form.values)
    ):
        said = f"{len(reviews)} {'account' if len(reviews) == 1 else 'accounts'} {reviews[0].decision}."
        messages.success(request, said)
        return redirect("account_reviews")
    everybody = request.GET.get("show") == "everybody"
    page = page_along(selectors.reviewable(due=not everybody), request.GET, *selectors.LONGEST_UNREVIEWED)
    may_review = request.user.holds(*VOUCHERS)
    chosen = form["people"].value() or []
    context = {
        "form": form,
        "page": page,
        "rows": [row_of(person, chosen) for person in page],
        "everybody": everybody,
        "may_review": may_review,
        "may_revoke": request.user.holds(*services.REVOKERS),
        "somebody_else": any(person.pk != request.user.pk for person in page),
    }
    return render(request, "accounts/account_reviews.html", context, status=form.status)


def row_of(person, chosen):
    """`seen` is what a chosen row says of the person; if that has changed, they are not chosen any more."""
    seen = f"{person.username}:{','.join(sorted(grant.role for grant in person.held))}"
    return {
        "person": person,
        "seen": seen,
        "is_chosen": seen in chosen,
        "term": Term(person.counted_from),
    }
