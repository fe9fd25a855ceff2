"""The rooms in the left navigation and who may enter them.

This only decides what is offered. Each page checks for itself who may open it.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Entrance:
    """`url_names`: the page it leads to, then what else lies in the room."""

    name: str
    url_names: tuple[str, ...]
    icon: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Room:
    """An entrance as one person sees it on one page."""

    name: str
    url: str
    icon: str
    active: bool


QUALITY_ROLES = ("qa_reviewer", "qa_approver", "auditor")

ENTRANCES = (
    Entrance("Floor", ("floor",), "flask", ("technician", *QUALITY_ROLES)),
    Entrance("Laboratory", ("laboratory",), "plate", ("analyst", *QUALITY_ROLES)),
    Entrance("Quality", ("lots", "deviations"), "shield", QUALITY_ROLES),
    Entrance("Identity", ("orders",), "fingerprint", ("identity_administrator", *QUALITY_ROLES)),
    Entrance("Treatment sites", ("treatment",), "drop", ("site", "identity_administrator", *QUALITY_ROLES)),
    Entrance(
        "People",
        ("people", "account_reviews", "training", "tablets", "sites"),
        "person",
        ("system_administrator", *QUALITY_ROLES),
    ),
    Entrance("Records", ("records",), "book", ("system_administrator", *QUALITY_ROLES)),
)


def rooms_for(user, path: str) -> list[Room]:
    """The rooms `user` may enter, the one that `path` lies in marked."""
    rooms = []
    for entrance in ENTRANCES:
        addresses = [url for name in entrance.url_names if (url := _address(name))]
        if addresses and user.holds(*entrance.roles):
            active = any(path.startswith(url) for url in addresses)
            rooms.append(Room(entrance.name, addresses[0], entrance.icon, active))
    return rooms


def _address(url_name: str) -> str | None:
    """None for a page that this deployment does not have."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None
