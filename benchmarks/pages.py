"""Pages that people wait for, with a short and with a long history."""

from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from tests.cast import person

from .history import Facility
from .timing import Timing, in_turns

LEAST_LOTS = 2000  # a twentieth of it holds what is on the floor and in QA
SHORTER = 20
TURNS = 30
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Page:
    words: str
    username: str
    path: str


@dataclass(frozen=True)
class Visit:
    timing: Timing
    queries: int


@dataclass(frozen=True)
class Grown:
    """The same page before and after the history grew."""

    page: Page
    short: Visit
    long: Visit

    @property
    def growth(self) -> float:
        """Of the ratios to the floor: the machine's mood at either time is divided out."""
        return self.long.timing.ratio / self.short.timing.ratio


@override_settings(ROOT_URLCONF="benchmarks.urls")
def measure(slot, *, lots: int) -> list[Grown]:
    facility = Facility(slot)
    pages = _pages(facility)
    facility.grow_to(lots // SHORTER)
    short = [_visit(page) for page in pages]
    facility.grow_to(lots)
    long = [_visit(page) for page in pages]
    return [Grown(*visits) for visits in zip(pages, short, long, strict=True)]


def _pages(facility: Facility) -> list[Page]:
    lots, orders, order = reverse("lots"), reverse("orders"), facility.lot.order
    return [
        Page("A lot waiting for QA", "quinn", reverse("lot", args=[order.lot_number])),
        Page("Lots, undecided", "quinn", lots),
        Page("Lots, all", "quinn", f"{lots}?state=all"),
        Page("Lots, one searched by number", "quinn", f"{lots}?state=all&search={order.lot_number}"),
        Page("The floor", "olga", reverse("floor")),
        Page("Orders", "adam", orders),
        Page("An order", "adam", reverse("order", args=[order.coi_id])),
    ]


def _visit(page: Page) -> Visit:
    client = Client()
    client.force_login(person(page.username))

    def get(path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200, f"{path} answers {response.status_code}"

    get(page.path)
    with CaptureQueriesContext(connection) as captured:
        get(page.path)
    queries = sum(not query["sql"].startswith(TRANSACTION) for query in captured.captured_queries)
    timing = in_turns(lambda: get(page.path), floor=lambda: get("/floor-of-all-pages"), turns=TURNS)
    return Visit(timing=timing, queries=queries)
