"""What came of the tests, from the JUnit file that pytest writes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from tilmfg.documents.contents import Verdict


class UnableToReadResults(ValueError):
    """The file holds no results."""


@dataclass(frozen=True)
class Results:
    """Each case by its place, `tests/records/test_reasons.py::test_x`, without its parameters."""

    cases: dict[str, Counter[Verdict]]
    begun_at: datetime
    commit: str = ""  # that was tested

    def of(self, test: str) -> Counter[Verdict]:
        """Of a test, a class or a whole file."""
        found: Counter[Verdict] = Counter()
        for place, outcomes in self.cases.items():
            if place == test or place.startswith(f"{test}::"):
                found += outcomes
        return found

    @property
    def totals(self) -> Counter[Verdict]:
        return sum(self.cases.values(), Counter())


def verdict_of(outcomes: Counter[Verdict]) -> Verdict:
    """One failure fails; what was skipped or never run was not shown."""
    if outcomes[Verdict.FAIL]:
        return Verdict.FAIL
    return Verdict.MISSING if outcomes[Verdict.MISSING] or not outcomes else Verdict.PASS


def read(path: Path) -> Results:
    try:
        root = ElementTree.parse(path).getroot()
        suites = [] if root is None else list(root.iter("testsuite"))
        begun_at = min(datetime.fromisoformat(suite.attrib["timestamp"]) for suite in suites)
    except (OSError, ParseError, KeyError, ValueError) as error:
        raise UnableToReadResults(f"{path} is no JUnit file of pytest: {error}") from error
    cases: dict[str, Counter[Verdict]] = {}
    for place, outcome in _cases(suites):
        cases.setdefault(place, Counter())[outcome] += 1
    named = (each for suite in suites for each in suite.iter("property") if each.get("name") == "commit")
    return Results(cases, begun_at, next((each.get("value", "") for each in named), ""))


def _cases(suites: Iterable[Element]) -> Iterator[tuple[str, Verdict]]:
    for case in (case for suite in suites for case in suite.iter("testcase")):
        name = case.attrib["name"].partition("[")[0]
        yield f"{_file_and_class(case.attrib['classname'])}::{name}", _outcome(case)


def _file_and_class(dotted: str) -> str:
    """`tests.identity.test_isbt128.TestTyped` → `tests/identity/test_isbt128.py::TestTyped`."""
    parts = dotted.split(".")
    modules = [part for part in parts if not part.startswith("Test")]
    return "::".join(["/".join(modules) + ".py", *parts[len(modules) :]])


def _outcome(case: Element) -> Verdict:
    if case.find("failure") is not None or case.find("error") is not None:
        return Verdict.FAIL
    return Verdict.MISSING if case.find("skipped") is not None else Verdict.PASS
