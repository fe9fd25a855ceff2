"""Which method versions are in force, and every version as the pages show it."""

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from assays.models import Method
from tilmfg.accounts.models import Qualification
from tilmfg.records.days import facility_today


def methods_in_force(**having) -> list[Method]:
    """The latest approved version of each method; if it was withdrawn, none."""
    approved = Method.objects.filter(approval__isnull=False, **having)
    latest = approved.order_by("code", "-version").distinct("code")
    return [method for method in latest if method.withdrawal_id is None]


def latest_approved(code: str) -> Method | None:
    """Whether or not it was withdrawn since."""
    return Method.objects.filter(code=code, approval__isnull=False).order_by("version").last()


def methods_for(file_format: str) -> list[Method]:
    """The methods that read files of this format."""
    of_files = methods_in_force(kind__in=set(Method.Kind) - {Method.Kind.FORM})
    return [method for method in of_files if file_format in method.rules.formats]


def form_methods() -> dict[str, Method]:
    """By attribute, what is entered by form."""
    return {
        result.attribute: method
        for method in methods_in_force(kind=Method.Kind.FORM)
        for result in method.rules.results
    }


def form_method_for(attribute: str) -> Method | None:
    return form_methods().get(attribute)


def method_versions(search: str = "") -> QuerySet[Method]:
    """Every version, the newest of each method first, with what its `standing` is told by."""
    approved = Method.objects.filter(code=OuterRef("code"), approval__isnull=False)
    latest = approved.order_by("-version").values("version")[:1]
    found = Method.objects.select_related("approval", "withdrawal").annotate(latest_approved=Subquery(latest))
    if words := search.strip():
        found = found.filter(Q(name__icontains=words) | Q(code__icontains=words))
    return found.order_by("code", "-version")


def method_version(code: str, version: int) -> Method:
    return get_object_or_404(method_versions(), code=code, version=version)


def methods_by_code(search: str = "") -> dict[str, list[Method]]:
    """The versions of each method, newest first, without what they say."""
    found: dict[str, list[Method]] = {}
    for method in method_versions(search).defer("content"):
        found.setdefault(method.code, []).append(method)
    return found


def qualified_for(method: Method) -> QuerySet[Qualification]:
    """Who may work by this version today."""
    today = facility_today()
    return (
        Qualification.objects.filter(
            code=method.qualification, from_date__lte=today, until_date__gte=today, revoked_at=None
        )
        .select_related("person")
        .order_by("person__printed_name", "-until_date")
    )
