"""RFC 3161: an authority outside the house confirms that a text existed at a time."""

import urllib.request
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

SECONDS = 15
GRANTED = 0


class UnableToTimestamp(Exception):
    """The authority did not answer with a token for what was asked."""


def file_of(anchor: Path) -> Path:
    """A token lies beside its anchor; `openssl ts -verify` reads it too."""
    return anchor.with_suffix(".tsr")


def request(url: str, data: bytes) -> bytes:
    """The authority's answer, checked to be about this data and this request."""
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    call = urllib.request.Request(url, asked.as_bytes(), headers)  # noqa: S310 (the address is a setting)
    with urllib.request.urlopen(call, timeout=SECONDS) as response:  # noqa: S310
        answer = response.read()
    try:
        token = decode_timestamp_response(answer)
    except ValueError as problem:
        raise UnableToTimestamp(f"{url} did not answer with a time-stamp response: {problem}") from None
    if token.status != GRANTED:
        raise UnableToTimestamp(f"{url} refused: status {token.status} {' '.join(token.status_string)}")
    if token.tst_info.nonce != asked.nonce or token.tst_info.message_imprint.message != sha256(data).digest():
        raise UnableToTimestamp(f"{url} answered another request.")
    return answer


def confirmed_at(token: bytes, data: bytes, *, certificates: bytes) -> datetime:
    """When the authority saw this data; ValueError if this token does not say so. `certificates` are PEM roots."""
    verifier = VerifierBuilder(roots=load_pem_x509_certificates(certificates)).build()
    try:
        answer = decode_timestamp_response(token)
        verifier.verify_message(answer, data)
    except VerificationError as problem:
        raise ValueError(str(problem)) from None
    return answer.tst_info.gen_time
