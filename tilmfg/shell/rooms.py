"""The rooms in the left navigation and who may enter them.

This only decides what is offered. Each page checks for itself who may open it.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Entrance:
    name: str
    url_name: str
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
    Entrance("Floor", "floor", "flask", ("technician", *QUALITY_ROLES)),
    Entrance("Laboratory", "laboratory", "plate", ("analyst", *QUALITY_ROLES)),
    Entrance("Quality", "quality", "shield", QUALITY_ROLES),
    Entrance("Identity", "identity", "fingerprint", ("identity_administrator", *QUALITY_ROLES)),
    Entrance("Treatment sites", "treatment", "drop", ("site", "identity_administrator", *QUALITY_ROLES)),
    Entrance("Records", "records", "book", ("system_administrator", *QUALITY_ROLES)),
)


def rooms_for(user, path: str) -> list[Room]:
    """The rooms `user` may enter, the one that `path` lies in marked."""
    open_to_user = [
        (entrance, url)
        for entrance in ENTRANCES
        if user.holds(*entrance.roles) and (url := _address(entrance.url_name))
    ]
    here = max((url for _, url in open_to_user if _lies_in(path, url)), key=len, default=None)
    return [Room(entrance.name, url, entrance.icon, url == here) for entrance, url in open_to_user]


def _address(url_name: str) -> str | None:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _lies_in(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
