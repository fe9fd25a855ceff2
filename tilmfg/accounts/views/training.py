"""What people are qualified for: one's own, everybody's, and what QA gives and takes."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_along

from .. import selectors, services, training
from ..access import open_to
from ..forms import ReasonForm
from ..models import Qualification
from ..people_forms import PersonSearch
from ..roles import Role
from ..training_forms import QualificationForm
from .people import READERS_OF_TRAINING, known_person

PEOPLE_BESIDE_EACH_OTHER = 10  # columns of the matrix
LAPSING_SHOWN = 20


@open_to(*Role)
def own_training(request):
    return person_page(request, request.user, is_own=True)


@open_to(*READERS_OF_TRAINING)
def training_matrix(request):
    search = PersonSearch(request.GET)
    page = page_along(
        selectors.trained(text=search.text),
        request.GET,
        *selectors.BY_NAME,
        size=PEOPLE_BESIDE_EACH_OTHER,
    )
    lapsing = list(training.lapsing()[: LAPSING_SHOWN + 1])
    context = {
        "search": search,
        "page": page,
        "matrix": training.training_matrix(page.rows),
        "lapsing": lapsing[:LAPSING_SHOWN],
        "more_lapse": len(lapsing) > LAPSING_SHOWN,
    }
    return render(request, "accounts/training.html", context)


@open_to(*READERS_OF_TRAINING)
def person_training(request, username):
    return person_page(request, known_person(username))


@open_to(*services.TRAINERS)
@once
def qualification_give(request, username):
    person = known_person(username)
    if person == request.user:
        raise Http404("Nobody qualifies themselves.")
    form = QualificationForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.give_qualification, person=person, by=request.user, **form.values
    ):
        return redirect("person_training", username)
    context = {"person": person, "form": form}
    return render(request, "accounts/qualification_give.html", context, status=form.status)


@open_to(*services.TRAINERS)
@once
def qualification_revoke(request, pk):
    found = get_object_or_404(Qualification.objects.select_related("person"), pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.revoke_qualification, qualification=found, by=request.user, **form.values
    ):
        return redirect("person_training", found.person.username)
    context = {"qualification": found, "person": found.person, "form": form}
    return render(request, "accounts/qualification_revoke.html", context, status=form.status)


def person_page(request, person, *, is_own=False):
    context = {
        "person": person,
        "is_own": is_own,
        "held": training.qualifications_of(person),
        "acknowledgement": training.acknowledgement_of(person),
        "may_give": may_give(request.user) and person != request.user,
    }
    return render(request, "accounts/person_training.html", context)


def may_give(user):
    return user.holds(*services.TRAINERS)
