"""docs/guards.md: every guard, and the test that fails without it."""

from collections.abc import Mapping

from .code import BASE, MODULES, guards_in
from .database import database_guards

TABLE = BASE / "docs/guards.md"
HEAD = """# Guards

What stands between a person and a signature, a release or an infusion, and the test that fails without it.
Written by `python -m tests.guards`, which takes out one guard after the other; `tests/guards/test_listing.py`
holds the list to the code. The trigger that writes the audit trail stands on every table and is not listed:
`tests/records` and `tests/architecture` go through all tables.
"""

# Why no test can fail without it.
BEYOND_TESTS: dict[str, str] = {
    "assays.services.imports · present · isinstance(moment, Missing)": (
        "what `examine` finds unclear is refused before; this tells it to the type checker"
    ),
    "assays_computation · computations_of_a_run_are_numbered": (
        "`runs_are_computed_when_it_is_their_turn` asks for the next number first; this holds two at once"
    ),
    "assays_method · only_drafts_of_methods_are_discarded": (
        "a version begins as a draft, and `approved_methods_are_frozen` lets nothing else change with an approval"
    ),
    "batches.services.definitions · approve_definition · definition.digest == digest(definition.content)": (
        "`approved_definitions_are_frozen` keeps the content of a draft and its digest together"
    ),
    "records_signature · signatures_have_a_known_meaning": "`signers_are_qualified` asks for a planned meaning first",
    "release_disposition · two_signatures_are_two": "the guard that asks for two people refuses one signature twice",
}


def guards() -> list[str]:
    code = [guard.key for module in MODULES for guard in guards_in(module)]
    return code + sorted(database_guards())


def write(found: Mapping[str, str]) -> None:
    lines = [HEAD]
    for title, keys in (
        ("In code", [key for key in found if key not in database_guards()]),
        ("In the database", sorted(set(found) & set(database_guards()))),
    ):
        lines += [f"## {title}", "", "| Guard | Without it fails |", "|---|---|"]
        lines += [f"| {cell(key)} | {answer(key, found[key])} |" for key in keys]
        lines.append("")
    TABLE.write_text("\n".join(lines))


def cell(key: str) -> str:
    *place, words = key.split(" · ")
    return " · ".join([*place, f"`{words}`"]).replace("|", "\\|")


def answer(key: str, test: str) -> str:
    return f"`{test}`" if test else BEYOND_TESTS.get(key, "**none**")


def read() -> dict[str, str]:
    """What the table says of each guard."""
    rows = [line[2:-2].split(" | ") for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    return {guard: test for guard, test in rows if guard != "Guard"}


def kept() -> dict[str, str]:
    """The test of each guard that the table names and that still stands; "" where it says why there is none."""
    told = read()
    return {
        key: test.strip("`") if (test := told[cell(key)]).startswith("`tests/") else ""
        for key in guards()
        if cell(key) in told
    }
