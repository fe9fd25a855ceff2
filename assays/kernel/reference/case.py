"""One case: its steps, their answers under the right keys, and a status where there is no answer."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from assays.kernel.missing import Missing
from assays.kernel.reference import tasks
from assays.kernel.reference.registry import Task
from assays.kernel.reference.tables import read_tables
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Answer = bool | int | float | str | list[int] | dict[str, str]
Answers = dict[str, Answer]


def answer_case(case: Mapping[str, Any], data: Path) -> Answers:
    """Every key that the task or the steps define, and every key that `expected` names."""
    expected = case.get("expected")
    keys = [key for key in expected if isinstance(key, str)] if isinstance(expected, dict) else []
    try:
        steps = dict(_steps_of(case))
    except UnableToAnswer as refused:
        return dict.fromkeys(keys or ["task"], _status(refused.answer))
    answers: Answers = {}
    for prefix, step in steps.items():
        own = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
        answers |= {f"{prefix}{key}": value for key, value in _answer_step(step, data, own).items()}
    nowhere = Unanswered("This calculation has no such key.", Status.UNSUPPORTED)
    return answers | {key: _status(nowhere) for key in keys if key not in answers}


def complaints_of(answers: Answers) -> list[str]:
    """The different refusals of one case, each once."""
    refused = [value for value in answers.values() if isinstance(value, dict)]
    return list(dict.fromkeys(f"{value['status']}: {value['reason']}" for value in refused))


def _steps_of(case: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Prefix of keys and the object with task, input and params, of each step or of the only task."""
    if "steps" not in case:
        yield "", case
        return
    steps = case["steps"]
    if "task" in case or not isinstance(steps, list) or not steps:
        raise UnableToAnswer(Status.BAD_INPUT, "A case has either one task or a list of steps.")
    seen = set()
    for step in steps:
        prefix = step.get("prefix") if isinstance(step, dict) else None
        if not isinstance(prefix, str) or not prefix or prefix in seen:
            raise UnableToAnswer(Status.BAD_INPUT, "Each step needs a prefix of its own.")
        seen.add(prefix)
        yield f"{prefix}.", step


def _answer_step(step: Mapping[str, Any], data: Path, keys: list[str]) -> Answers:
    """Answers of one task, group by group. `keys` are what `expected` names of it."""

    def answer_groups() -> Answers:
        task, settings = _task_of(step)
        answers: Answers = {}
        for table in read_tables(step.get("input"), task.roles, data):
            prefix = "" if table.group is None else f"groups.{table.group}."
            own = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
            found = _attempt(partial(task.compute, table, settings), own)
            answers |= {f"{prefix}{key}": value for key, value in found.items()}
        return answers

    return _attempt(answer_groups, keys)


def _attempt(compute: Callable[[], Mapping[str, Any]], keys: list[str]) -> Answers:
    """What `compute` finds, as plain answers; if it refuses as a whole, that for each of `keys`.

    Where none is named, the refusal stands under the key `task`: nothing is refused in silence.
    """
    keys = keys or ["task"]
    try:
        with np.errstate(all="ignore"):  # what leaves the doubles is told by its key, not on stderr
            return {key: _plain(value) for key, value in compute().items()}
    except UnableToAnswer as refused:
        return dict.fromkeys(keys, _status(refused.answer))
    except (ArithmeticError, np.linalg.LinAlgError) as error:  # 1e300 squared and the like
        beyond = f"The numbers lead nowhere in double precision ({type(error).__name__})."
        return dict.fromkeys(keys, _status(Unanswered(beyond, Status.NOT_ESTIMABLE)))
    except Exception as error:  # one case must not take the others along; the complaint shows the fault
        fault = f"The calculation broke off: {type(error).__name__}: {error}"
        return dict.fromkeys(keys, _status(Unanswered(fault, Status.UNSUPPORTED)))


def _task_of(part: Mapping[str, Any]) -> tuple[Task, dict[str, Any]]:
    name = part.get("task")
    if not isinstance(name, str) or name not in tasks.ALL:
        raise UnableToAnswer(Status.UNSUPPORTED, f"The task {name!r} is not known.")
    task = tasks.ALL[name]
    return task, task.settings(part.get("params"), "params")


def _plain(value: Any) -> Answer:
    """A value of a task as JSON has it; a number that is none becomes a status."""
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case Missing():
            return _status(value)
        case dict() | bool() | str():
            return value
        case list() | tuple():
            return sorted(int(item) for item in value)
        case Integral():
            return int(value)
        case Real() if isfinite(value):
            return float(value)
        case Real():
            return _status(Unanswered("The result is no finite number.", Status.NOT_ESTIMABLE))
    raise TypeError(f"{type(value).__name__} is no answer.")


def _status(missing: Missing) -> dict[str, str]:
    status = missing.status if isinstance(missing, Unanswered) else Status.NOT_ESTIMABLE
    return {"status": status.value, "reason": missing.reason}
