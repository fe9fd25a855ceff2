"""The verbs at the treatment site: receive the product, check at the bedside, infuse."""

from .bedside import UnableToCheck, check_at_bedside, stop_at_bedside
from .infusing import UnableToInfuse, record_infusion
from .receiving import UnableToReceive, receive_product, stop_at_receipt

__all__ = [
    "UnableToCheck",
    "UnableToInfuse",
    "UnableToReceive",
    "check_at_bedside",
    "receive_product",
    "record_infusion",
    "stop_at_bedside",
    "stop_at_receipt",
]
