"""The one place that turns a state into a word, a tone and an icon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a state is shown. The tone is a colour class; the icon and the word say the same without it."""

    word: str
    tone: str
    icon: str


class UnknownState(LookupError):
    pass


TONES = {
    "ahead": "not yet",
    "working": "under way",
    "waiting": "needs a person",
    "good": "as it should be",
    "caution": "look twice",
    "bad": "stopped or failed",
    "exception": "allowed outside the rule",
    "done": "finished",
    "quiet": "no longer counts",
}

MACHINES: dict[str, dict[str, Look]] = {
    "lot": {
        "expanding": Look("Expanding", "working", "flask"),
        "in_testing": Look("In testing", "working", "plate"),
        "qa_review": Look("Waiting for QA", "waiting", "eye"),
        "released": Look("Released", "good", "check"),
        "conditionally_released": Look("Conditionally released", "caution", "clock"),
        "provided_under_exception": Look("Provided under exception", "exception", "shield"),
        "on_hold": Look("On hold", "caution", "pause"),
        "rejected": Look("Rejected", "bad", "cross"),
        "terminated": Look("Terminated", "quiet", "stop"),
        "recalled": Look("Recalled", "bad", "back"),
        "infused": Look("Infused", "done", "drop"),
    },
    "account": {
        "active": Look("Active", "good", "check"),
        "locked": Look("Locked", "bad", "lock"),
        "inactive": Look("Deactivated", "quiet", "pause"),
    },
    "review": {
        "reviewed": Look("Not due", "good", "check"),
        "due": Look("Due", "caution", "clock"),
        "blocked": Look("Signs nothing", "bad", "stop"),
    },
    "qualification": {
        "current": Look("Current", "good", "check"),
        "lapses_soon": Look("Lapses soon", "caution", "clock"),
        "lapsed": Look("Lapsed", "bad", "cross"),
        "revoked": Look("Revoked", "bad", "stop"),
        "to_come": Look("Not yet", "ahead", "clock"),
    },
    "order": {
        "ordered": Look("Ordered", "ahead", "document"),
        "received": Look("Tumor received", "good", "box"),
        "stopped": Look("Stopped", "bad", "stop"),
        "cancelled": Look("Cancelled", "quiet", "cross"),
    },
    "batch": {
        "in_process": Look("In process", "working", "flask"),
        "harvested": Look("Harvested", "done", "bag"),
        "terminated": Look("Terminated", "quiet", "stop"),
    },
    "step": {
        "due": Look("Due now", "waiting", "clock"),
        "overdue": Look("Overdue", "bad", "alert"),
        "upcoming": Look("Upcoming", "ahead", "calendar"),
        "recorded": Look("Recorded, to be verified", "waiting", "eye"),
        "verified": Look("Verified", "good", "check"),
    },
    "control": {
        "on_trial": Look("On trial", "waiting", "clock"),
        "in_use": Look("In use", "good", "check"),
        "ended": Look("No longer used", "quiet", "back"),
    },
    "assigned_value": {
        "proposed": Look("Proposed", "waiting", "pen"),
        "in_force": Look("In force", "good", "check"),
        "earlier": Look("Earlier", "quiet", "back"),
    },
    "control_reading": {
        "within": Look("In control", "good", "check"),
        "warning": Look("Warning", "caution", "alert"),
        "rejected": Look("Rule broken", "bad", "cross"),
        "missing": Look("Missing", "quiet", "cross"),
        "unassigned": Look("No value", "ahead", "clock"),
    },
    "method": {
        "draft": Look("Draft", "waiting", "pen"),
        "in_force": Look("In force", "good", "check"),
        "superseded": Look("Superseded", "quiet", "back"),
        "withdrawn": Look("Withdrawn", "bad", "stop"),
        "discarded": Look("Discarded", "quiet", "cross"),
    },
    "result": {
        "recorded": Look("Recorded, to be reviewed", "waiting", "eye"),
        "final": Look("Final", "good", "check"),
        "superseded": Look("Superseded", "quiet", "back"),
    },
    "investigation": {
        "phase_one": Look("Phase I, the laboratory", "waiting", "search"),
        "phase_two": Look("Phase II, with retests", "waiting", "search"),
        "invalidated": Look("Result invalidated", "quiet", "cross"),
        "confirmed": Look("Result confirmed", "bad", "check"),
    },
    "run": {
        "imported": Look("Imported", "ahead", "upload"),
        "computed": Look("Computed, to be reviewed", "waiting", "eye"),
        "computing": Look("Being computed again", "working", "clock"),
        "invalid": Look("Invalid", "bad", "cross"),
        "reviewed": Look("Reviewed", "good", "check"),
        "rejected": Look("Rejected", "quiet", "back"),
    },
    "deviation": {
        "open": Look("Open", "waiting", "alert"),
        "closed": Look("Closed", "done", "check"),
    },
    "criterion": {
        "pass": Look("Pass", "good", "check"),
        "fail": Look("Fail", "bad", "cross"),
        "missing": Look("Missing", "caution", "question"),
    },
    "sample": {
        "drawn": Look("Drawn", "ahead", "vial"),
        "received": Look("Received by the laboratory", "good", "box"),
    },
    "container": {
        "labelled": Look("Labelled", "ahead", "label"),
        "in_use": Look("In use", "working", "flask"),
        "stored": Look("Stored", "good", "thermometer"),
        "at_site": Look("At the treatment site", "good", "shipper"),
        "consumed": Look("Consumed", "quiet", "check"),
        "infused": Look("Infused", "done", "drop"),
        "destroyed": Look("Destroyed", "quiet", "cross"),
    },
    "label": {
        "printed": Look("Printed", "waiting", "print"),
        "applied": Look("Applied", "good", "label"),
        "destroyed": Look("Destroyed", "quiet", "cross"),
    },
    "disposition": {
        "reviewed": Look("Reviewed, waiting for the approver", "waiting", "pen"),
        "signed": Look("Signed, being executed", "working", "clock"),
        "executed": Look("Executed", "done", "check"),
        "void": Look("Void", "quiet", "cross"),
    },
    "verdict": {
        "conforms": Look("Conforms", "good", "check"),
        "does_not_conform": Look("Does not conform", "bad", "cross"),
        "incomplete": Look("Incomplete", "caution", "question"),
    },
    "material": {
        "quarantine": Look("Quarantine", "caution", "pause"),
        "released": Look("Released for use", "good", "check"),
        "rejected": Look("Rejected", "bad", "cross"),
    },
    "scan": {
        "match": Look("Match", "good", "check"),
        "mismatch": Look("Mismatch", "bad", "alert"),
    },
}


def look_of(machine: str, state: str) -> Look:
    try:
        return MACHINES[machine][state]
    except KeyError:
        raise UnknownState(
            f"No word for the state “{state}” of a {machine}; add it to state_words.py."
        ) from None
