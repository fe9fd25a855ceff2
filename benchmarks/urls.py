"""The house's pages, and the least that a page of it can cost."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import include, path

from tilmfg.facility.models import Site


@login_required
def floor(request):
    """Session, person, one query."""
    return HttpResponse(str(Site.objects.first()))


urlpatterns = [path("floor-of-all-pages", floor), path("", include("tilmfg.urls"))]
