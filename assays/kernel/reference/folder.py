"""A folder of case files: each read, answered, and what could not be done told."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assays.kernel.reference.case import Answers, answer_case, complaints_of


@dataclass(slots=True)
class Computed:
    """Answers by case id, one sentence for each refusal, and the files that are no case."""

    answers: dict[str, Answers] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def answer_folder(cases: Path, *, data: Path | None = None, leave_out: Path | None = None) -> Computed:
    """Answer every `*.json` of `cases`, with CSV files from `data` or, without it, from `cases`.

    `leave_out` is the file of answers, which may lie in the same folder. A file that is no case does not
    stop the others: it is told among the complaints.
    """
    computed = Computed()
    for path in sorted(cases.glob("*.json")):
        if leave_out is not None and path.resolve() == leave_out.resolve():
            continue
        try:
            case = read_case(path)
            if case["id"] in computed.answers:
                raise ValueError(f"another file has the id {case['id']}")
        except ValueError as error:
            computed.unreadable.append(path.name)
            computed.complaints.append(f"{path.name}: {error}")
            continue
        answers = answer_case(case, data or cases)
        computed.answers[case["id"]] = answers
        computed.complaints.extend(f"{case['id']}: {text}" for text in complaints_of(answers))
    return computed


def read_case(path: Path) -> dict[str, Any]:
    """The object in the file; ValueError if it is no JSON object with an id, or holds NaN or Infinity."""
    try:
        case = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except (RecursionError, OSError) as error:
        raise ValueError(f"cannot be read: {type(error).__name__}") from error
    if not isinstance(case, dict) or not isinstance(case.get("id"), str) or not case["id"]:
        raise ValueError("is no case: an object with an id is needed")
    return case


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")
