"""Every answer that a run gave, side by side: what each computation left out, what it found, how far apart they are."""

from dataclasses import dataclass
from decimal import Decimal

from tilmfg.shell.numbers import plain

from .attributes import IFNG_NET, name_of
from .kernel.missing import Missing
from .kernel.rounding import decimals_of
from .models import Computation, Masking, Method, Run
from .rules.methods import MethodVersion
from .selectors import masked_in, why_computed

Place = tuple[str, str]  # sample and attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """As a result says it; `raw` is what a difference is taken of."""

    in_words: str
    raw: Decimal | Missing
    difference_percent: Decimal | Missing | None = None  # from the first computation; None in the first one


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationShown:
    computation: Computation
    masked: list[Masking]
    because: str
    failed: list[str]
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    sample: str
    attribute: str
    answers: list[Answer]


def computations_shown(run: Run) -> list[ComputationShown]:
    return [
        ComputationShown(
            computation=one,
            masked=list(masked_in(run, number=one.number).values()),
            because=why_computed(run, number=one.number),
            failed=[
                criterion["name"] for criterion in one.outcome.get("criteria", ()) if not criterion["passed"]
            ],
            stands=one == run.current,
        )
        for one in run.computations.all()
    ]


def answers_side_by_side(run: Run) -> list[AnswerRow]:
    """One row for each attribute of each sample, one answer for each computation; nothing if there is only one."""
    computations = run.computations.all()
    if len(computations) < 2:
        return []
    rules = run.method.rules
    if run.method.kind == Method.Kind.CELL_COUNT:
        found = answers_of_counts(run, len(computations))
    else:
        found = [answers_of(one, rules) for one in computations]
    places = dict.fromkeys(place for answers in found for place in answers)
    return [
        AnswerRow(sample=sample, attribute=name_of(attribute), answers=_compared(found, (sample, attribute)))
        for sample, attribute in places
    ]


def answers_of(computation: Computation, version: MethodVersion) -> dict[Place, Answer]:
    outcome = computation.outcome
    if "values" in outcome:
        return {
            (sample, value["attribute"]): _answer(value, version.result(value["attribute"]))
            for sample, values in outcome["values"].items()
            for value in values
        }
    return {
        (sample["name"], IFNG_NET.code): _answer(sample["net"], version.result(IFNG_NET.code))
        for sample in outcome.get("samples", ())
    }


def answers_of_counts(run: Run, computations: int) -> list[dict[Place, Answer]]:
    """A count keeps its values in its results alone; each computation recorded every one of them."""
    found: list[dict[Place, Answer]] = [{} for _ in range(computations)]
    for result in run.results.select_related("sample").order_by("pk"):
        place = (result.sample.name, result.attribute)
        own = next(answers for answers in found if place not in answers)
        raw = Missing(result.missing) if result.raw_value is None else result.raw_value
        own[place] = Answer(in_words=result.in_words, raw=raw)
    return found


def _answer(value: dict, reported) -> Answer:
    if value.get("missing"):
        return Answer(in_words=f"missing: {value['missing']}", raw=Missing(value["missing"]))
    if value.get("text"):
        return Answer(in_words=value["text"], raw=Missing("a text has no difference"))
    raw = Decimal(str(value["raw"]))
    rounded = reported.rounded(raw)
    sign = {"=": ""}.get(value["qualifier"], value["qualifier"])
    return Answer(in_words=f"{sign}{plain(rounded, decimals_of(rounded))} {reported.unit}", raw=raw)


def _compared(found: list[dict[Place, Answer]], place: Place) -> list[Answer]:
    nothing = Answer(in_words="no answer", raw=Missing("no answer"))
    first, *others = (answers.get(place, nothing) for answers in found)
    return [first] + [
        Answer(in_words=one.in_words, raw=one.raw, difference_percent=difference_percent(first.raw, one.raw))
        for one in others
    ]


def difference_percent(first: Decimal | Missing, second: Decimal | Missing) -> Decimal | Missing:
    """100·(second − first)/first."""
    if isinstance(first, Missing) or isinstance(second, Missing):
        return Missing("one of the answers is no number")
    return 100 * (second - first) / first if first else Missing("the first answer is zero")
