"""What a method of relative potency says of itself, and what is known of each sample that was compared by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import log

from assays.kernel.missing import Missing
from assays.rules.plates import WellFacts

from .combined_assays import Combination
from .settings import percent, setting
from .similarity import Asked, Comparison, CurveModel, Parameter


class Response(StrEnum):
    AS_READ = "as read"
    LOGARITHM = "natural logarithm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    parameter: Parameter = setting("Ratio of", default=Parameter.SLOPE)
    minimum: Decimal = setting("At least", minimum=0)
    maximum: Decimal = setting("At most", minimum=0)


SLOPE_AND_RANGE = (
    Margin(parameter=Parameter.SLOPE, minimum=Decimal("0.8"), maximum=Decimal("1.25")),
    Margin(parameter=Parameter.RANGE, minimum=Decimal("0.8"), maximum=Decimal("1.25")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    model: CurveModel = setting("Model", default=CurveModel.FOUR)
    response: Response = setting("Response", default=Response.AS_READ)
    assigned_potency: Decimal = setting(
        "Assigned potency of the reference", unit="%", default=Decimal(100), minimum=1
    )
    sample_dose: Decimal = setting(
        "Dose of an undiluted sample",
        default=Decimal(1),
        minimum="0.000001",
        help="In the unit of the doses of the reference.",
    )
    confidence_percent: Decimal = percent(
        "Limits of the potency with a confidence of", default=95, maximum=99
    )
    margins: tuple[Margin, ...] = setting("Margin of similarity", default=SLOPE_AND_RANGE)
    similarity_percent: Decimal = percent("Limits of the ratios with a confidence of", default=90, maximum=99)
    well_variance: Decimal | None = setting(
        "Known variance of a well",
        default=None,
        minimum=0,
        help="From validation, for χ² beside F. Open: none.",
    )
    width: Decimal = setting("Upper over lower limit at most", unit="×", default=Decimal("2.5"), minimum=1)
    cv_limit_percent: Decimal = percent("Replicate CV at most", default=20)
    r2: Decimal = setting("r² of the reference at least", default=Decimal("0.95"), minimum=0, maximum=1)
    window: Decimal = setting(
        "Highest over lowest response of the reference at least", unit="×", default=Decimal(2), minimum=1
    )
    control: str = setting(
        "Control: a sample of known potency",
        default="",
        help="As the layout names its wells; their nominal values are its doses. Open: none.",
    )
    control_minimum_percent: Decimal = percent("… its potency at least", default=70)
    control_maximum_percent: Decimal = percent("… at most", default=143)
    assays: int = setting("Independent assays of a result", default=1, minimum=1, maximum=12)
    combination: Combination = setting("They are combined as", default=Combination.UNWEIGHTED)

    def __post_init__(self) -> None:
        told = [margin.parameter for margin in self.margins]
        if not told:
            raise ValueError("similarity needs a margin of at least one ratio.")
        if len(set(told)) < len(told):
            raise ValueError("two margins are of the same ratio.")
        if wrong := next((one for one in self.margins if one.minimum >= one.maximum), None):
            raise ValueError(f"the margin of the {wrong.parameter.value} begins at or above its end.")
        if self.model is CurveModel.LINES and told != [Parameter.SLOPE]:
            raise ValueError("parallel lines have one margin, of the slope.")

    @property
    def asked(self) -> Asked:
        return Asked(
            model=self.model,
            margins={one.parameter: (float(one.minimum), float(one.maximum)) for one in self.margins},
            confidence=float(self.confidence_percent) / 100,
            similarity_confidence=float(self.similarity_percent) / 100,
            well_variance=None if self.well_variance is None else float(self.well_variance),
        )


Doses = Mapping[Decimal, Sequence[WellFacts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One name of the plate against the reference. `why_not` says why it has no potency."""

    name: str
    doses: Doses
    comparison: Comparison | Missing
    why_not: str


def response_of(settings: Settings, well: WellFacts) -> float | Missing:
    response = well.response
    if isinstance(response, Missing):
        return response
    if settings.response is Response.AS_READ:
        return float(response)
    return log(response) if response > 0 else Missing("a response of zero or less has no logarithm")
