"""GET /healthz: whether every part works, for load balancers, the supervisor and curious people."""

import json
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from . import heartbeat


def healthz(request: HttpRequest) -> HttpResponse:
    """One JSON line per part; 200 only if all of them work."""
    problems = {part: _problem(check) for part, check in CHECKS.items()}
    lines = [
        json.dumps({"part": part, "works": problem is None} | ({"problem": problem} if problem else {}))
        for part, problem in problems.items()
    ]
    return HttpResponse(
        "\n".join(lines) + "\n",
        status=503 if any(problems.values()) else 200,
        content_type="text/plain; charset=utf-8",  # application/x-ndjson would be downloaded, not shown
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
