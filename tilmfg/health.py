"""GET /healthz: whether every part works, for load balancers, the supervisor and curious people."""

import json
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from . import heartbeat

TEXT = "text/plain; charset=utf-8"  # application/x-ndjson would be downloaded, not shown


def healthz(request: HttpRequest) -> HttpResponse:
    """One JSON line per part, or per part asked for with ?part=…; 200 only if all of them work."""
    parts = request.GET.getlist("part") or list(CHECKS)
    if unknown := set(parts) - set(CHECKS):
        known = ", ".join(CHECKS)
        return HttpResponseBadRequest(
            f"There is no part {sorted(unknown)}; there are {known}.\n", content_type=TEXT
        )
    problems = {part: _problem(CHECKS[part]) for part in parts}
    lines = [
        json.dumps({"part": part, "works": problem is None} | ({"problem": problem} if problem else {}))
        for part, problem in problems.items()
    ]
    return HttpResponse(
        "\n".join(lines) + "\n",
        status=503 if any(problems.values()) else 200,
        content_type=TEXT,
        headers={"Cache-Control": "no-store"},
    )


def _problem(check: Callable[[], None]) -> str | None:
    """The kind of error, never its text: this page asks for no login."""
    try:
        check()
    except Exception as error:
        return type(error).__name__
    return None


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


CHECKS: dict[str, Callable[[], None]] = {
    "web": lambda: None,
    "database": _database,
    "broker": heartbeat.reach_broker,
    "worker": lambda: heartbeat.require_fresh("worker"),
    "beat": lambda: heartbeat.require_fresh("beat"),
}
