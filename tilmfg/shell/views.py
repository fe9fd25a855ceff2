from django.http import Http404
from django.shortcuts import render

from .gallery import PAGES


def gallery(request, page="parts"):
    """The components with invented contents, for developers' eyes and for the accessibility check."""
    if page not in PAGES:
        raise Http404
    template, context = PAGES[page]
    return render(request, template, context(request))
