"""What a person standing there with the wrong thing in hand reads."""

from collections.abc import Iterable

from django.urls import reverse

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.quality.models import Deviation

from .models import Scan

WHAT_TO_DO = (
    "Put down what you hold. Do not open it, do not put it back.",
    "Put it into quarantine with the label up, and stay with it.",
    "Call QA and show them this page.",
)


def mismatch_words(scan: Scan, deviations: Iterable[Deviation], *, user: User) -> dict[str, object]:
    """The context of `shared/mismatch.html`. It has no way to go on."""
    order = scan.order
    of_facility = user.holds(*FACILITY_ROLES)
    return {
        "expected": scan.expected,
        "read": scan.read,
        "at": scan.recorded_at,
        "by": scan.scanned_by,
        "where": scan.occasion,
        "stopped": [
            f"Order {order.lot_number} of patient {order.patient}.",
            "Nothing is received, labelled, filled, released or given under it any more.",
        ],
        "told": [
            f"QA, by deviation {it.number}, {it.classification or 'not classified'}." for it in deviations
        ],
        "todo": WHAT_TO_DO,
        "links": [
            {"name": f"Deviation {it.number}", "url": reverse("deviation", args=[it.number])}
            for it in deviations
            if of_facility
        ]
        + [{"name": f"Order {order.lot_number}", "url": reverse("order", args=[order.coi_id])}],
    }
