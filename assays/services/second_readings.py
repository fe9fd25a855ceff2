"""A second analyst reads what the first has read, without seeing it."""

from assays.attributes import name_of
from assays.models import Result, SecondReading
from assays.states import RESULT, ResultState
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import service_account
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import open_deviation
from tilmfg.records.errors import NotAuthorised, UnableTo, require
from tilmfg.records.events import publish


class UnableToReadAgain(UnableTo):
    """There is no second reading."""


@verb("assays.result.read_again", roles=(Role.ANALYST,))
def read_again(*, result: Result, text: str, by: User) -> SecondReading:
    """Two readings that differ open a deviation, and the result is never final: another one supersedes it."""
    result = (
        Result.objects.select_for_update(of=("self",)).select_related("method", "sample").get(pk=result.pk)
    )
    reported, name = result.method.rules.result(result.attribute), name_of(result.attribute)
    require(
        result.recorded_by_id != by.pk, NotAuthorised("You read it first; another analyst reads it again.")
    )
    require_qualified(by, *result.method.qualifications)
    require(
        result.state == ResultState.RECORDED,
        UnableToReadAgain(f"{name} is {result.get_state_display().lower()} already."),
    )
    require(
        reported.second_reading and not SecondReading.objects.filter(result=result).exists(),
        UnableToReadAgain(f"{name} waits for no second reading."),
    )
    require(
        text in reported.texts,
        UnableToReadAgain(f"“{text}” is no result; allowed: {'; '.join(reported.texts)}.", field="text"),
    )
    reading = SecondReading.objects.create(order_id=result.order_id, result=result, text=text, read_by=by)
    details = {"attribute": result.attribute, "sample": result.sample.name, "agrees": text == result.text}
    publish("assays.result.read_again", subject=result, kind=RESULT.kind, by=by, details=details)
    if text != result.text:
        _report_difference(reading, name)
    return reading


def _report_difference(reading: SecondReading, name: str) -> None:
    result = reading.result
    open_deviation(
        chain=result.chain,
        subject_kind=RESULT.kind,
        subject_id=result.pk,
        kind=Deviation.Kind.OTHER,
        title=f"{name}: two analysts read it differently",
        description=(
            f"{result.sample.name}: “{result.text}” was read by {result.recorded_by.printed_name}, “{reading.text}” by "
            f"{reading.read_by.printed_name}. The result cannot become final."
        ),
        by=service_account(),
    )
