"""Which method versions are in force."""

from assays.models import Method


def methods_in_force(**having) -> list[Method]:
    """The latest approved version of each method; if it was withdrawn, none."""
    approved = Method.objects.filter(approval__isnull=False, **having)
    latest = approved.order_by("code", "-version").distinct("code")
    return [method for method in latest if method.withdrawal_id is None]


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
