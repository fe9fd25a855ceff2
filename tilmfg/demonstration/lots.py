"""The lots of the demonstration facility: one in every state."""

from collections.abc import Iterator

from . import path


def make_all(cast, sites) -> Iterator[str]:
    """Makes them one after the other and says of each what it is."""
    north, west = sites["07"], sites["12"]

    case = path.place(cast, north, number=1, began_days_ago=46, needed_in_days=1)
    path.receive(case)
    through_manufacture(case)
    path.measure(case)
    path.decide(case, "release")
    path.infuse(case)
    yield f"{case.order}: infused"

    case = path.place(cast, north, number=2, began_days_ago=43, needed_in_days=6)
    path.receive(case)
    through_manufacture(case)
    path.measure(case)
    path.decide(case, "release")
    yield f"{case.order}: released, on its way to the site"

    case = path.place(cast, west, number=3, began_days_ago=42, needed_in_days=8, indication="nsclc")
    path.receive(case)
    through_manufacture(case)
    path.measure(case, net_pg_per_ml=180.0)
    path.decide(case, "reject")
    yield f"{case.order}: rejected for potency"

    case = path.place(cast, north, number=4, began_days_ago=39, needed_in_days=7)
    path.receive(case)
    through_manufacture(case)
    path.measure(case)
    yield f"{case.order}: waiting for QA"

    case = path.place(cast, west, number=5, began_days_ago=27, needed_in_days=18, indication="nsclc")
    path.receive(case)
    through_manufacture(case)
    path.measure(case, without=("sterility", "ifng_net"))
    yield f"{case.order}: in testing"

    case = path.place(cast, north, number=6, began_days_ago=16, needed_in_days=26)
    path.receive(case)
    path.start(case)
    path.manufacture(case, until="rep_start")
    yield f"{case.order}: expanding, day 16 is due"

    case = path.place(cast, west, number=7, began_days_ago=6, needed_in_days=38, indication="nsclc")
    path.receive(case)
    path.start(case)
    path.manufacture(case, until="fragment_and_seed")
    yield f"{case.order}: expanding, day 6"

    expected = path.place(cast, north, number=8, began_days_ago=0, needed_in_days=44)
    case = path.place(cast, north, number=9, began_days_ago=0, needed_in_days=41)
    path.receive(case, read=expected.order.containers.get(code="TB1").payload)
    yield f"{case.order}: stopped for an identity mismatch"
    yield f"{expected.order}: ordered, its tumor is expected"


def through_manufacture(case):
    path.start(case)
    path.manufacture(case, until="freeze")
