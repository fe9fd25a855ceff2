"""Anchors as files: what stood at the head of every chain at one moment, signed, kept where the database is not.

A file has two lines: the anchor as canonical JSON, and the Ed25519 signature of that line in hexadecimal. The first
anchor of a day names all heads, each later one those that changed since; each names the digest of the one before.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .canonical import canonical_json

FORMAT = "tilmfg-anchor/1"
EVERY = timedelta(minutes=10)

Head = tuple[str, int, str]  # chain, sequence, hash in hexadecimal


@dataclass(frozen=True)
class Anchor:
    format: str
    period: str  # its beginning, UTC
    made_at: str  # by the database's clock
    previous: str  # SHA-256 of the line before, empty for the very first
    is_complete: bool
    heads: list[Head]
    chains: int
    root: str  # of the Merkle tree over all heads


class MerkleTree:
    """A root over named leaves, in the order in which they first came; changing one costs log n hashes.

    Leaf and node are hashed with different first bytes, so that no node can be passed off as a leaf (RFC 9162 §2.1).
    """

    def __init__(self, heads: Iterable[Head] = ()):
        self.levels: list[list[bytes]] = [[]]
        self.places: dict[str, int] = {}
        for head in heads:
            self.put(head)

    def put(self, head: Head) -> None:
        index = self.places.setdefault(head[0], len(self.places))
        node = sha256(b"\0" + canonical_json(head).encode()).digest()
        for level in range(len(self.levels) + 1):
            if level == len(self.levels):
                self.levels.append([])
            row = self.levels[level]
            row[index : index + 1] = [node]
            if len(row) == 1:
                return
            pair = row[index & ~1 : (index | 1) + 1]
            node = sha256(b"\1" + b"".join(pair)).digest() if len(pair) == 2 else pair[0]
            index //= 2

    @property
    def root(self) -> str:
        return (self.levels[-1][0] if self.places else sha256(b"").digest()).hex()


def period_of(moment: datetime) -> datetime:
    """The beginning of the ten minutes that a moment lies in."""
    moment = moment.astimezone(UTC)
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % EVERY


def path_of(folder: Path, period: datetime) -> Path:
    return folder / f"{period:%Y-%m-%d}" / f"{period:%Y-%m-%dT%H%MZ}.anchor"


def anchor_files(folder: Path) -> list[Path]:
    """In the order of their periods."""
    return sorted(folder.glob("*/*.anchor"))


def signed(anchor: Anchor, key: Ed25519PrivateKey) -> str:
    line = canonical_json(asdict(anchor))
    return f"{line}\n{key.sign(line.encode()).hex()}\n"


def parse(line: str) -> Anchor:
    fields = json.loads(line)
    if fields["format"] != FORMAT:
        raise ValueError(f"its format is {fields['format']!r}, not {FORMAT!r}")
    return Anchor(**fields | {"heads": [tuple(head) for head in fields["heads"]]})


def read(file: Path) -> tuple[str, bytes]:
    """The signed line, and the signature."""
    line, signature = file.read_text().splitlines()
    return line, bytes.fromhex(signature)


def write_once(file: Path, text: str | bytes) -> bool:
    """Whole or not at all, and never over another: False if there is one already."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with draft.open("wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
        out.flush()
        os.fsync(out.fileno())
    draft.chmod(0o444)
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def digest(line: str) -> str:
    return sha256(line.encode()).hexdigest()


def new_private_key() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def private_key(text: str) -> Ed25519PrivateKey:
    """From its 32 bytes in base64."""
    return Ed25519PrivateKey.from_private_bytes(_bytes_of_key(text))


def public_key_of(text: str) -> str:
    """What verifiers are given, of a private key."""
    return base64.b64encode(private_key(text).public_key().public_bytes_raw()).decode()


def public_keys(text: str) -> Iterator[Ed25519PublicKey]:
    """From a list with commas between them: the present one and those of the past."""
    for part in filter(None, map(str.strip, text.split(","))):
        yield Ed25519PublicKey.from_public_bytes(_bytes_of_key(part))


def _bytes_of_key(text: str) -> bytes:
    with suppress(ValueError):
        key = base64.b64decode(text, validate=True)
        if len(key) == 32:
            return key
    raise ValueError("an Ed25519 key is written as 32 bytes in base64")
