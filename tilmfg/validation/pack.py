"""The validation pack: requirements, tests, results, versions and digests as one content."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tilmfg.documents.contents import (
    HouseHeading,
    Named,
    RequirementLine,
    TestLine,
    ValidationPack,
    Verdict,
)

from . import versions
from .requirements import Requirement
from .results import Results, verdict_of

WORDS = {Verdict.FAIL: "failed", Verdict.MISSING: "was not run to its end"}


def make_pack(
    *, requirements: Sequence[Requirement], results: Results, sources: Sequence[Path], generated_at: datetime
) -> ValidationPack:
    """`sources` are the files that it was made from; their digests stand in it."""
    lines = tuple(_line(requirement, results) for requirement in requirements)
    totals, commit = results.totals, versions.commit()
    return ValidationPack(
        heading=HouseHeading(
            document_id=f"VAL-{generated_at:%Y%m%dT%H%M%SZ}-{commit[:12] or 'unknown'}",
            generated_at=generated_at,
        ),
        problems=tuple(_problems(lines, results, commit)),
        totals=_named(
            {
                "Requirements shown": sum(line.outcome is Verdict.PASS for line in lines),
                "Requirements open, whole or in part": sum(line.outcome is Verdict.PENDING for line in lines),
                "Requirements not shown": sum(line.outcome in WORDS for line in lines),
                "Test cases passed": totals[Verdict.PASS],
                "Test cases failed": totals[Verdict.FAIL],
                "Test cases skipped": totals[Verdict.MISSING],
            }
        ),
        versions=_named(
            {
                "Commit": commit or "not known",
                "Python": versions.python(),
                "Tests begun": results.begun_at.isoformat(),
            }
            | {f"Migration of {room}": head for room, head in versions.migration_heads().items()}
        ),
        digests=_named(
            {"The rules that decide": versions.rules_digest()}
            | {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
        ),
        requirements=lines,
        packages=_named(versions.packages()),
    )


def _line(requirement: Requirement, results: Results) -> RequirementLine:
    tests = tuple(
        TestLine(name=test, outcome=verdict_of(found), cases=found.total())
        for test in requirement.tests
        for found in [results.of(test)]
    )
    worst = [test.outcome for test in tests]
    outcome = Verdict.PENDING if requirement.room else Verdict.PASS
    for bad in (Verdict.MISSING, Verdict.FAIL):
        outcome = bad if bad in worst else outcome
    return RequirementLine(
        id=requirement.id,
        title=requirement.title,
        outcome=outcome,
        room=requirement.room,
        rest=requirement.rest,
        tests=tests,
    )


def _problems(lines, results, commit):
    for line in lines:
        for test in line.tests:
            if test.outcome in WORDS:
                yield f"{line.id}: {test.name} {WORDS[test.outcome]}."
    shown = {test.name for line in lines for test in line.tests if test.outcome is Verdict.FAIL}
    failed = [
        place
        for place, outcomes in results.cases.items()
        if outcomes[Verdict.FAIL]
        and not any(place == name or place.startswith(f"{name}::") for name in shown)
    ]
    for place in failed:
        yield f"{place} failed."
    if commit.partition(",")[2]:
        yield "Files were changed after the commit: what was tested is no version."
    if results.commit != commit:
        yield f"The tests were of commit {results.commit or 'not named'}, and this is {commit or 'not known'}."
    committed_at = versions.committed_at()
    if committed_at and results.begun_at < committed_at:
        yield f"The tests were begun at {results.begun_at:%Y-%m-%d %H:%M} UTC, before the commit."


def _named(values: Mapping[str, object]) -> tuple[Named, ...]:
    return tuple(Named(name=name, value=str(value)) for name, value in values.items())
