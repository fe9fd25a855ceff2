"""A final result that its history does not predict opens a deviation: a person looks before the lot goes on."""

from assays.models import Result
from assays.rules.trends import expected_of
from assays.selectors.trends import history_of
from assays.states import RESULT
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation, Investigation
from tilmfg.quality.services import open_deviation


def notice_trend(result: Result) -> Deviation | None:
    """Called inside a verb, after whoever listens has held the result against its specification."""
    if result.value is None or result.qualifier != Result.Qualifier.EQUAL or result.retest_of_id:
        return None
    if Investigation.objects.filter(result_id=result.pk).exists():
        return None
    expected = expected_of(history_of(result), unit=result.unit)
    if expected is None or expected.holds(result.value):
        return None
    return open_deviation(
        chain=result.chain,
        subject_kind=RESULT.kind,
        subject_id=result.pk,
        kind=Deviation.Kind.OUT_OF_TREND,
        title=f"{result.attribute_name}: {result.in_words} is out of trend",
        description=(
            f"{result.in_words} was found in sample {result.sample.name}. The {expected.count} results before it "
            f"predict {expected.lower:.{result.decimals}f} to {expected.upper:.{result.decimals}f} {result.unit}. "
            "It is no failure of the specification."
        ),
        by=service_account(),
    )
