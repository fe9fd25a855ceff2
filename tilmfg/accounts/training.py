"""Who is qualified for what. Rooms above name what they ask for: a code for each version of a process or method."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from tilmfg.records.days import facility_day, facility_today
from tilmfg.records.errors import NotQualified

from .models import Acknowledgement, Qualification, Statement, User
from .plans import SIGNING_ROLES
from .roles import signing_code

LAPSES_SOON = timedelta(days=30)

_askers: list[Callable[[], Iterable[str]]] = []


def asks_for(codes: Callable[[], Iterable[str]]):
    """Declare that the decorated function lists codes that a room asks for."""
    _askers.append(codes)
    return codes


def known_codes() -> list[str]:
    """All that anybody can be asked for: signing in each role that signs, then what the rooms work by."""
    return sorted(map(signing_code, SIGNING_ROLES)) + sorted(code for codes in _askers for code in codes())


def lack_of(person: User, *codes: str) -> str:
    """Which of these the person is not qualified for today and why, in one sentence; nothing if for all."""
    newest: dict[str, Qualification] = {}
    found = Qualification.objects.filter(person=person, code__in=codes, from_date__lte=facility_today())
    for qualification in found.order_by("until_date", "pk"):
        held = newest.get(qualification.code)
        if held is None or held.revoked_at or not qualification.revoked_at:
            newest[qualification.code] = qualification
    for code in codes:
        if why := _why_not(newest.get(code)):
            return f"{person.printed_name} is not qualified for “{code}”: {why} QA gives qualifications."
    return ""


def _why_not(qualification: Qualification | None) -> str:
    if qualification is None:
        return "the training is not on record."
    if qualification.revoked_at:
        return f"it was revoked on {_day(facility_day(qualification.revoked_at))}."
    if qualification.until_date < facility_today():
        return f"it lapsed on {_day(qualification.until_date)}."
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def require_qualified(person: User, *codes: str) -> None:
    """Who is not may look, but neither execute nor sign."""
    if lack := lack_of(person, *codes):
        raise NotQualified(lack)


def qualifications_of(person: User) -> list["Held"]:
    """The standing one of each code and what became of the others, by code."""
    rows = person.qualifications.select_related("given_by", "revoked_by").order_by(
        "code", "-until_date", "-pk"
    )
    return [Held(row, facility_today()) for row in rows]


@dataclass(frozen=True)
class Held:
    """A qualification as it stands on a day."""

    qualification: Qualification
    today: date

    @property
    def state(self) -> str:
        if self.qualification.revoked_at:
            return "revoked"
        if self.qualification.from_date > self.today:
            return "to_come"
        if self.qualification.until_date < self.today:
            return "lapsed"
        return "lapses_soon" if self.qualification.until_date <= self.today + LAPSES_SOON else "current"


@dataclass(frozen=True)
class Matrix:
    """People against codes: of each pair the qualification that stands longest, if there is any."""

    codes: list[str]
    rows: list[tuple[User, list[Held | None]]]

    @property
    def by_code(self) -> list[tuple[str, list[Held | None]]]:
        return [(code, [cells[place] for _, cells in self.rows]) for place, code in enumerate(self.codes)]


def training_matrix(people: Sequence[User]) -> Matrix:
    """Of these, without what was revoked."""
    today = facility_today()
    found: dict[int, dict[str, Held]] = {person.pk: {} for person in people}
    rows = Qualification.objects.filter(revoked_at=None, person__in=people).select_related("given_by")
    for row in rows.order_by("until_date", "pk"):
        found[row.person_id][row.code] = Held(row, today)
    codes = sorted({code for held in found.values() for code in held})
    return Matrix(codes, [(person, [found[person.pk].get(code) for code in codes]) for person in people])


def lapsing() -> QuerySet[Qualification]:
    """Of everybody who is here, soonest first; what was given anew for longer does not lapse."""
    today = facility_today()
    longer = Qualification.objects.filter(
        person=OuterRef("person"),
        code=OuterRef("code"),
        revoked_at=None,
        until_date__gt=OuterRef("until_date"),
    )
    soon = Qualification.objects.filter(
        ~Exists(longer),
        revoked_at=None,
        from_date__lte=today,
        until_date__range=(today, today + LAPSES_SOON),
        person__is_active=True,
    )
    return soon.select_related("person").order_by("until_date", "pk")


# ── The accountability statement ─────────────────────────────────────────────────────────────────


def current_statement() -> Statement:
    return Statement.objects.order_by("-version")[0]


def acknowledgement_of(person: User) -> Acknowledgement | None:
    """Of the version that is in force; an earlier one does not count any more."""
    latest = Statement.objects.order_by("-version").values("pk")[:1]
    return Acknowledgement.objects.filter(person=person, statement=latest).first()
