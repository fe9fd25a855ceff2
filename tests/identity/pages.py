"""What the pages' tests share."""

import uuid

from tests.cast import PASSWORD


def keyed(**fields):
    """A form as the browser sends it, with a fresh idempotency key."""
    return {"idempotency_key": str(uuid.uuid4())} | fields


def receipt(order, **changes):
    usual = {
        "read": f"&/{order.coi_id}.TB1",
        "temperature_c": "4.1",
        "condition": "Intact",
        "courier": "Cryo Express",
        "second_username": "tomas",
        "second_password": PASSWORD,
    }
    return keyed(**usual | changes)
