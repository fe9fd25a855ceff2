"""One small valid case for each task, invented numbers; the fuzzer breaks them."""

ROUNDING = {
    "id": "rounding",
    "task": "round_and_compare",
    "input": {
        "rows": [
            {"value": "7.45", "limit": "7.5", "operator": ">="},
            {"value": "0.125", "limit": "0.12", "operator": "<="},
        ]
    },
    "params": {"to": "limit_decimals", "modes": ["half_up", "half_even"]},
    "expected": {
        "items.1.half_up.rounded": {"value": "7.5"},
        "items.1.half_up.conforms": {"value": True},
        "items.1.half_even.rounded": {"value": "7.4"},
        "items.1.half_even.conforms": {"value": False},
        "items.2.half_up.rounded": {"value": "0.13"},
        "items.2.half_up.conforms": {"value": False},
        "items.2.half_even.rounded": {"value": "0.12"},
        "items.2.half_even.conforms": {"value": True},
    },
}

ALL = [ROUNDING]
