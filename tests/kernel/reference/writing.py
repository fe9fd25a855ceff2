"""How an example is written."""


def case(task, rows, params, **expected):
    """A case whose expected answers are easily seen; `__` in a key stands for a point."""
    return {
        "id": task,
        "task": task,
        "input": {"rows": rows},
        "params": params,
        "expected": {key.replace("__", "."): {"value": value} for key, value in expected.items()},
    }


def column(role, *values):
    return [{role: value} for value in values]
