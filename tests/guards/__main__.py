"""Removes each guard in turn and runs the tests that made it refuse, the most particular first: one has to fail.

python -m tests.guards                everything, and writes docs/guards.md; about half an hour
python -m tests.guards --new          only those that docs/guards.md lacks; writes them in, takes out the gone
python -m tests.guards --of WORDS     only the guards whose name holds these words; writes nothing

Tests named behind it (files or folders) are watched instead of all: python -m tests.guards --new tests/accounts

One run of the tests with all guards watched says which test makes which guard refuse. A guard that no test makes
refuse, and one whose tests pass without it, are named at the end.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from . import listing  # noqa: E402 - it asks the models

TESTS = [
    f"tests/{room}"
    for room in (
        "accounts",
        "architecture/test_verbs.py",
        "assays",
        "batches",
        "faults",
        "identity",
        "quality",
        "records",
        "release",
        "treatment",
    )
]
ENOUGH = 40  # tests of one guard, before it counts as missed by all
AT_ONCE = 2


def pytest(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.guards.plugin", "--tb=no", *arguments]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, cwd=listing.BASE
    )


def watched(notes: Path, tests: list[str]) -> dict[str, list[str]]:
    """The tests of each guard, those first that make few guards refuse."""
    done = pytest(*tests, "-n", str(AT_ONCE), GUARDS_NOTES=str(notes))
    if done.returncode:
        raise SystemExit(
            f"With every guard in place the tests have to pass.\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    pairs = {tuple(line.split("\t")) for line in notes.read_text().splitlines()}
    refusals = Counter(test for _, test in pairs)
    of_guard = defaultdict(list)
    for key, test in sorted(pairs, key=lambda pair: (refusals[pair[1]], pair[1])):
        of_guard[key].append(test)
    return of_guard


def noticed(key: str, tests: list[str]) -> str:
    """The test that fails without this guard; empty if none does."""
    if not tests:
        return ""
    done = pytest("-x", "-n", "0", "-rfE", *tests[:ENOUGH], GUARDS_WITHOUT=key)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode not in (0, 1) or (done.returncode and not failed):
        raise RuntimeError(f"{key}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed[0].split(" ", 1)[1].split(" - ")[0].split("[")[0] if failed else ""


def main() -> int:
    options = argparse.ArgumentParser(
        prog="python -m tests.guards",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = options.add_mutually_exclusive_group()
    which.add_argument("--new", action="store_true")
    which.add_argument("--of", metavar="WORDS", default="")
    options.add_argument("tests", nargs="*", default=TESTS)
    asked = options.parse_args()

    kept = listing.kept() if asked.new else {}
    keys = [key for key in listing.guards() if asked.of in key and key not in kept]
    found = {}
    if keys:
        with tempfile.TemporaryDirectory() as folder:
            tests = watched(Path(folder) / "notes", asked.tests)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for key, test in zip(keys, pool.map(lambda key: noticed(key, tests[key]), keys), strict=True):
                found[key] = test
                print(f"{test or 'MISSED' + ' by its tests' * bool(tests[key])}\t{key}", flush=True)
    if not asked.of:
        listing.write({key: (kept | found)[key] for key in listing.guards()})
    missed = [key for key, test in found.items() if not test and key not in listing.BEYOND_TESTS]
    print(f"{len(found)} guards, {len(missed)} of them not missed by any test.")
    return bool(missed)


sys.exit(main())
