"""Refusals as sentences a person can act on."""


class UnableTo(Exception):
    """A verb refuses. The message is shown as it stands; `field` names the input it belongs beside.

    `on_record` is what stays on record of the refusal all the same (see `left_on_record`).
    """

    def __init__(self, message, *, field=None, on_record=None):
        super().__init__(message)
        self.field, self.on_record = field, on_record


class NotAuthorised(UnableTo):
    """The person may not do this; the message says who could."""


class NotQualified(NotAuthorised):
    """Training is lacking, or lapsed while a form was filled: it comes back as it was, with why above it."""


class ChangedMeanwhile(UnableTo):
    """The record is not in the state that the person saw."""


def require(condition, refusal):
    """One guard, one sentence: require(batch.is_harvested, UnableToEvaluate("The batch has not been harvested."))."""
    if not condition:
        raise refusal
