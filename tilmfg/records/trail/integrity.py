"""Whether one chain is whole, asked by the application itself before a person vouches for it.

The full proof is `verify_records`, which trusts neither this program nor its role.
"""

from collections.abc import Iterable
from hashlib import sha256

from ..models import AuditEvent


def first_break(events: Iterable[AuditEvent]) -> int | None:
    """The sequence number at which a chain, given from its beginning, is not as it was written; None if it is whole."""
    previous = b""
    for place, event in enumerate(events, start=1):
        if event.seq != place or sha256(previous + event.content.encode()).digest() != bytes(event.hash):
            return place
        previous = bytes(event.hash)
    return None
