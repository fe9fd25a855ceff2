"""What the models declare about the database, in values that travel to other processes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Trigger:
    """`function` is the body of a guard's own function, None where the function is audit.record()."""

    name: str
    definition: str
    function: str | None


@dataclass(frozen=True)
class Table:
    """A guarded table: its name, triggers and constraints, and the columns recorded by their digest.

    A constraint stands with columns that it is about; `columns` holds what each column is by itself.
    """

    name: str
    is_audited: bool
    triggers: tuple[Trigger, ...]
    constraints: Mapping[str, frozenset[str]]
    columns: frozenset[tuple[str, str]]
    digested: tuple[str, ...]


@dataclass(frozen=True)
class Signatures:
    """Where signatures and signers are."""

    table: str
    people: str
    username: str


@dataclass(frozen=True)
class Actors:
    """Where people and service accounts are, and what is written before anybody has proved who they are."""

    people: str
    username: str
    nobody: str
    written_by_nobody: tuple[str, ...]


def normal(definition: str) -> str:
    """One spelling of CREATE TRIGGER, whether we or the server wrote it."""
    words = re.sub(r"\s+", " ", definition.replace('"', "").replace("ON public.", "ON ")).strip(" ;")
    [(head, operations, rest)] = re.findall(r"\A(.*? (?:BEFORE|AFTER)) (.*?) (ON .*)", words)
    call = re.sub(r"EXECUTE FUNCTION public\.", "EXECUTE FUNCTION ", rest)
    return f"{head} {' OR '.join(sorted(operations.split(' OR ')))} {call}"
