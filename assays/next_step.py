"""What an invalid run waits for, and from whom: nothing of it counts until somebody has rejected or mended it."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role

from .models import Run
from .services.reviews import analysts_of

AGAIN = "its file may then be imported again"


def next_of_invalid(run: Run, *, user: User) -> str:
    if user.pk in analysts_of(run):
        return f"Another analyst rejects it; {AGAIN}. Where you know of a fault, mask the well or row."
    if user.holds(Role.ANALYST):
        return f"Look at it and reject it; {AGAIN}. Where a fault is known, mask the well or row."
    return f"Another analyst than {run.analyst} rejects it; {AGAIN}."
