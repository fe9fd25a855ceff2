"""Whether a lot fulfils its specification: a pure decision on frozen values.

The same input gives the same digest. Missing is never PASS. A value is rounded once, half up, to the digits
in which its limit is written, and compared then; the raw value stays with the result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from tilmfg.records.canonical import digest


class UnableToRead(Exception):
    """The content is no specification; the message names the field, the value and what is allowed."""


class Group(StrEnum):
    QUANTITY = "quantity"
    IDENTITY = "identity"
    PURITY = "purity"
    MICROBIOLOGY = "microbiology"
    POTENCY = "potency"


class Kind(StrEnum):
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    RANGE = "range"
    TEXT = "text"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    MISSING = "missing"


class Verdict(StrEnum):
    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    INCOMPLETE = "incomplete"


STAGES = ("in_process", "pre_freeze", "post_thaw")
ALL_MUST_PASS = "all"  # noqa: S105
INFINITY = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of a specification. `code` names the line: one attribute may be held against two limits.

    A result answers it by the method it names, or by one of the alternatives it lists.
    """

    code: str
    attribute: str
    label: str
    group: Group
    stage: str
    method: str
    kind: Kind
    low: Decimal | None
    high: Decimal | None
    text: str
    unit: str
    resolution: Decimal  # one of the limit's last digit: 0.1 for 0.7, 1E+8 for 7.5e9
    days_after_harvest: int
    alternatives: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        return (self.method, *self.alternatives)

    @property
    def methods_in_words(self) -> str:
        return " or ".join(self.methods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    product: str
    rule: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResult:
    """What the laboratory reports of one attribute at one stage; `value` is not yet rounded."""

    id: int
    attribute: str
    stage: str
    method: str
    qualifier: str = "="
    value: Decimal | None = None
    text: str = ""
    unit: str = ""
    missing: str = ""
    is_final: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionOutcome:
    """How one criterion came out, on which result, and in one sentence why it is not a pass."""

    code: str
    outcome: Outcome
    why: str
    compared: str
    result: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    outcomes: tuple[CriterionOutcome, ...]
    verdict: Verdict

    @property
    def is_complete(self) -> bool:
        return all(line.outcome is not Outcome.MISSING for line in self.outcomes)

    def digest_against(self, specification_digest: str) -> str:
        """Tells one evaluation from another: same specification, same results, same digest.

        The sentences stay out of it, so that better words do not make a different evaluation.
        """
        lines = [[line.code, line.outcome, line.compared, line.result] for line in self.outcomes]
        return digest({"specification": specification_digest, "verdict": self.verdict, "outcomes": lines})


# ── Reading a specification ──────────────────────────────────────────────────────────────────────


def parse(content: Mapping) -> Specification:
    """The specification that `content` spells out; every fault is refused by name."""
    rule = _one_of(content, "rule", (ALL_MUST_PASS,), where="specification")
    product = _text(content, "product", where="specification")
    lines = content.get("criteria")
    if not isinstance(lines, list) or not lines:
        raise UnableToRead("specification: criteria must list at least one criterion.")
    criteria = tuple(_criterion(line, where=f"criterion {number}") for number, line in enumerate(lines, 1))
    codes = [criterion.code for criterion in criteria]
    if len(set(codes)) < len(codes):
        raise UnableToRead(f"specification: criteria share a code; each code once, got {', '.join(codes)}.")
    return Specification(product=product, rule=rule, criteria=criteria)


def _criterion(line: Mapping, *, where: str) -> Criterion:
    kind = Kind(_one_of(line, "kind", list(Kind), where=where))
    low = _limit(line, "low", wanted=kind in (Kind.MINIMUM, Kind.RANGE), where=where)
    high = _limit(line, "high", wanted=kind in (Kind.MAXIMUM, Kind.RANGE), where=where)
    if low is not None and high is not None and low > high:
        raise UnableToRead(f"{where}: low {low} lies above high {high}.")
    finest = min((int(limit.as_tuple().exponent) for limit in (low, high) if limit is not None), default=0)
    return Criterion(
        code=_text(line, "code", where=where),
        attribute=_text(line, "attribute", where=where),
        label=_text(line, "label", where=where),
        group=Group(_one_of(line, "group", list(Group), where=where)),
        stage=_one_of(line, "stage", STAGES, where=where),
        method=_text(line, "method", where=where),
        alternatives=_alternatives(line, where=where),
        kind=kind,
        low=low,
        high=high,
        text=_text(line, "text", where=where) if kind is Kind.TEXT else "",
        unit=_text(line, "unit", where=where) if kind is not Kind.TEXT else "",
        resolution=Decimal(1).scaleb(finest),
        days_after_harvest=_days(line, where=where),
    )


def _text(line: Mapping, name: str, *, where: str) -> str:
    value = line.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UnableToRead(f"{where}: {name} must be a text, got {value!r}.")
    return value


def _alternatives(line: Mapping, *, where: str) -> tuple[str, ...]:
    value = line.get("alternatives", [])
    if (
        not isinstance(value, list)
        or not all(isinstance(code, str) and code.strip() for code in value)
        or len({line["method"], *value}) <= len(value)
    ):
        raise UnableToRead(f"{where}: alternatives must be other methods, each once, got {value!r}.")
    return tuple(value)


def _one_of(line: Mapping, name: str, allowed, *, where: str) -> str:
    value = line.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise UnableToRead(f"{where}: {name} must be one of {', '.join(allowed)}, got {value!r}.")
    return value


def _limit(line: Mapping, name: str, *, wanted: bool, where: str) -> Decimal | None:
    """A limit is written as text, so that its digits say how far a value is rounded."""
    value = line.get(name)
    if not wanted:
        if value is not None:
            raise UnableToRead(f"{where}: a {line['kind']} has no {name}, got {value!r}.")
        return None
    try:
        limit = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        limit = None
    if limit is None or not limit.is_finite():
        raise UnableToRead(f"{where}: {name} must be a decimal number written as text, got {value!r}.")
    return limit


def _days(line: Mapping, *, where: str) -> int:
    value = line.get("days_after_harvest")
    if type(value) is not int or not 0 <= value <= 60:
        raise UnableToRead(f"{where}: days_after_harvest must be a whole number from 0 to 60, got {value!r}.")
    return value


# ── Evaluating ───────────────────────────────────────────────────────────────────────────────────


def evaluate(specification: Specification, results: Iterable[ReportedResult]) -> Evaluation:
    """Each criterion on its result, then the verdict: all must pass; one failure decides, missing or not."""
    reported = sorted(results, key=lambda result: result.id)
    outcomes = tuple(_hold_against(criterion, reported) for criterion in specification.criteria)
    found = {line.outcome for line in outcomes}
    if Outcome.FAIL in found:
        verdict = Verdict.DOES_NOT_CONFORM
    elif Outcome.MISSING in found:
        verdict = Verdict.INCOMPLETE
    else:
        verdict = Verdict.CONFORMS
    return Evaluation(outcomes=outcomes, verdict=verdict)


def rounded(value: Decimal, resolution: Decimal) -> Decimal:
    return value.quantize(resolution, ROUND_HALF_UP)


def _hold_against(criterion: Criterion, reported: list[ReportedResult]) -> CriterionOutcome:
    answers = [result for result in reported if result.attribute == criterion.attribute]
    at_stage = [result for result in answers if result.stage == criterion.stage]
    if not at_stage:
        stages = ", ".join(sorted({_spoken(result.stage) for result in answers}))
        needed = _spoken(criterion.stage)
        return _missing(criterion, f"Measured {stages}; needed {needed}." if stages else "No result yet.")
    if len(at_stage) > 1:
        return _missing(criterion, "More than one result stands; one must supersede the others.")
    [result] = at_stage
    why = _why_unusable(criterion, result)
    if why:
        return _missing(criterion, why, result)
    if criterion.kind is Kind.TEXT:
        return _decided(criterion, result, compared=result.text, passes=result.text == criterion.text)
    return _compare(criterion, result)


def _why_unusable(criterion: Criterion, result: ReportedResult) -> str:
    """A result answers only if it is final, valid, by a method of the criterion and in the criterion's unit."""
    if not result.is_final:
        return "Waiting for the second analyst's review."
    if result.missing:
        return f"No value: {result.missing}."
    if result.method not in criterion.methods:
        return f"Measured by {result.method}; the specification names {criterion.methods_in_words}."
    if criterion.kind is Kind.TEXT:
        return "" if result.text else "The result holds no finding."
    if result.value is None or not result.value.is_finite():
        return "The result holds no number."
    if result.unit != criterion.unit:
        return f"Reported in {result.unit or 'no unit'}; the limit is in {criterion.unit}."
    if result.qualifier not in ("=", "<", ">"):
        return f"The qualifier {result.qualifier!r} is not one of =, < and >."
    return ""


def _compare(criterion: Criterion, result: ReportedResult) -> CriterionOutcome:
    """`<` and `>` leave one side open. PASS: every possible value is within; FAIL: none is; else MISSING."""
    if result.value is None:
        raise ValueError(f"Result {result.id} holds no number to compare.")  # asked before, see above
    value = rounded(result.value, criterion.resolution)
    lowest = -INFINITY if result.qualifier == "<" else value
    highest = INFINITY if result.qualifier == ">" else value
    low = -INFINITY if criterion.low is None else criterion.low
    high = INFINITY if criterion.high is None else criterion.high
    compared = f"{value:f}" if result.qualifier == "=" else f"{result.qualifier} {value:f}"
    if low <= lowest and highest <= high:
        return _decided(criterion, result, compared=compared, passes=True)
    if highest < low or lowest > high:
        return _decided(criterion, result, compared=compared, passes=False)
    side = "below" if result.qualifier == "<" else "above"
    return _missing(criterion, f"Only known to lie {side} a value that does not decide.", result)


def _decided(
    criterion: Criterion, result: ReportedResult, *, compared: str, passes: bool
) -> CriterionOutcome:
    return CriterionOutcome(
        code=criterion.code,
        outcome=Outcome.PASS if passes else Outcome.FAIL,
        why="" if passes else "Outside the limit.",
        compared=compared,
        result=result.id,
    )


def _missing(criterion: Criterion, why: str, result: ReportedResult | None = None) -> CriterionOutcome:
    return CriterionOutcome(
        code=criterion.code,
        outcome=Outcome.MISSING,
        why=why,
        compared="",
        result=None if result is None else result.id,
    )


def _spoken(stage: str) -> str:
    return stage.replace("_", "-")
