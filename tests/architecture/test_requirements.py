"""The list of requirements and the tests that cite them say the same. A11-01."""

import ast
from collections import Counter, defaultdict
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tilmfg.validation.requirements import ID, UnableToRead, read

BASE = Path(__file__).resolve().parents[2]
LIST = BASE / "docs/requirements.md"
REQUIREMENTS = read(LIST)
# How many of each there are: none may go missing.
NUMBERS = {
    "P11": 22, "A11": 11, "A22": 1, "ALC": 7, "MHRA": 2, "GAMP": 1, "CSA": 1, "AUD": 4, "COI": 5, "FHIR": 1, "SEC": 20,
    "REL": 20, "PD": 1,
}  # fmt: skip


@cache
def citations(path: Path) -> dict[str, set[str]]:
    """What each test of a file cites: itself, or the class or module around it. Every place has its name."""
    tree = ast.parse(path.read_text())
    name = str(path.relative_to(BASE))
    found = {name: cited_by(tree)}
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        around = found[name] | (cited_by(node) if isinstance(node, ast.ClassDef) else set())
        if isinstance(node, ast.ClassDef):
            found[f"{name}::{node.name}"] = around
        for test in inner:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                prefix = f"{name}::{node.name}::" if isinstance(node, ast.ClassDef) else f"{name}::"
                found[prefix + test.name] = around | cited_by(test)
    return found


def cited_by(node) -> set[str]:
    return set(ID.findall(ast.get_docstring(node) or ""))


def everything_cited() -> dict[str, list[str]]:
    """By id where it stands; what a module cites, its tests do not cite once more."""
    by_id = defaultdict(list)
    for path in sorted((BASE / "tests").rglob("test_*.py")):
        known = citations(path)
        for place, ids in known.items():
            for cited in ids - known.get(place.rpartition("::")[0], set()):
                by_id[cited].append(place)
    return by_id


def test_every_id_is_listed_once_and_none_is_missing():
    expected = {
        f"{kind}-{number:0{2 if kind in ('P11', 'A11', 'A22', 'SEC', 'REL') else 1}}"
        for kind, most in NUMBERS.items()
        for number in range(1, most + 1)
    }
    listed = Counter(requirement.id for requirement in REQUIREMENTS)
    assert set(listed) == expected
    assert not [name for name, times in listed.items() if times > 1]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.id)
def test_a_requirement_is_shown_by_tests_that_cite_it_or_open_in_a_room(requirement):
    if requirement.room:
        room = BASE / ("assays" if requirement.room == "assays" else f"tilmfg/{requirement.room}")
        assert (room / "__init__.py").exists(), f"there is no room {requirement.room}"
    for test in requirement.tests:
        known = citations(BASE / test.partition("::")[0])
        assert test in known, f"there is no {test}"
        assert requirement.id in known[test], f"{test} does not cite {requirement.id}"


def test_whatever_cites_a_requirement_is_listed_beside_it():
    shown = {requirement.id: requirement.tests for requirement in REQUIREMENTS}
    for cited, places in everything_cited().items():
        for place in places:
            beside = any(
                f"{a}::".startswith(f"{b}::")
                for test in shown[cited]
                for a, b in ((place, test), (test, place))
            )
            assert beside, f"{place} cites {cited}, and is not listed there"


@pytest.mark.parametrize("shown", ["", "soon", "open", "open — x `tests/a.py`", "`tests/a.py`; open — x: "])
def test_a_row_that_says_neither_is_refused_by_its_id(tmp_path, shown):
    (tmp_path / "list.md").write_text(f"| P11-01 | x | {shown or 'none'} |")
    with pytest.raises(UnableToRead, match="P11-01"):
        read(tmp_path / "list.md")


def test_a_row_is_shown_in_part(tmp_path):
    (tmp_path / "list.md").write_text("| P11-01 | x | `tests/a.py`; open — release: a full disk |")
    [row] = read(tmp_path / "list.md")
    assert (row.tests, row.room, row.rest) == (("tests/a.py",), "release", "a full disk")


def test_a_citation_is_found_wherever_it_stands(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.architecture.test_requirements.BASE", tmp_path)
    file = tmp_path / "test_x.py"
    file.write_text(
        '"""PD-1."""\nclass TestY:\n    """COI-1"""\n    def test_z(self):\n        """REL-20"""\n'
    )
    known = citations(file)
    assert known["test_x.py::TestY::test_z"] == {"PD-1", "COI-1", "REL-20"}
    assert set(chain.from_iterable(known.values())) == {"PD-1", "COI-1", "REL-20"}
