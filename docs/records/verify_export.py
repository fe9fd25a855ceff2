#!/usr/bin/env python3
"""Checks an exported chain of the audit trail with nothing but Python's standard library (3.8 or later).

    python3 verify_export.py chain.jsonl
    python3 verify_export.py chain.jsonl --anchors FOLDER --key BASE64 [--key BASE64 ...] --accounts accounts.jsonl

The export (`manage.py export_chain CHAIN`) has one JSON object per line: first what it is, then one event per line with
the text that was hashed (`content`) and its hash. Checked are

  1. each hash: SHA-256 over the predecessor's hash and the UTF-8 bytes of `content`;
  2. inside the texts: the chain, the numbers (1, 2, 3, as many as announced), and times that never run backwards;
  3. that what an event calls `old` is what the row's event before called `new`;
  4. with --anchors: the Ed25519 signature of every anchor, and that the chain has, at each anchored number, the hash
     that was anchored. A chain that no anchor names is refused: it is too young to be confirmed, or invented.
     Without --anchors nobody can tell whether the whole chain was computed anew;
  5. with --accounts, the export of the chain facility:accounts: that one too, and that whoever acts was registered
     there by then. User names are never changed or given twice.

Status 0 and a summary if all holds; status 1 and the first place that does not.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path


class Broken(Exception):
    """The first place that does not hold."""


def require(condition, message):
    if not condition:
        raise Broken(message)


def verify(lines, anchored, people=None):
    """The chain's name, how many events it has, its last hash, and since when whom it registers is known."""
    about = json.loads(next(lines))
    require(about.get("format") == "tilmfg-chain/1", "line 1: this is no export of a chain")
    chain, previous, moment, rows, registered, seq = about["chain"], b"", "", {}, {}, 0
    for seq, line in enumerate(lines, 1):
        event = json.loads(line)
        content = event["content"]
        previous = hashlib.sha256(previous + content.encode()).digest()
        require(
            previous.hex() == event["hash"],
            f"event {seq}: its hash is not that of the hash before and its text",
        )
        require(
            anchored.get(seq, event["hash"]) == event["hash"], f"event {seq}: another hash was anchored here"
        )
        fields = json.loads(content, parse_float=str)
        (name, number, at, _, login, actor), (table, key, old, new) = fields[:6], fields[-4:]
        require((name, number) == (chain, seq), f"event {seq}: its text says {name} number {number}")
        require(moment <= sortable(at), f"event {seq}: it is older than its predecessor")
        is_next = follows(rows.get((table, key)), old)
        require(is_next, f"event {seq}: {table} {key} was changed without an event before it")
        moment, rows[table, key] = sortable(at), new
        if table == "accounts_user" and old is None:
            registered[new["username"]] = moment
        is_known = people is None or is_somebody(actor, login, chain, moment, people)
        require(is_known, f"event {seq}: {actor} was not registered when it was written")
    require(seq == about["events"], f"{seq} events are here, {about['events']} were announced")
    require(
        not anchored or max(anchored) <= seq, f"event {max(anchored, default=0)} was anchored and is not here"
    )
    return chain, seq, previous.hex(), registered


def is_somebody(actor, login, chain, moment, people):
    """Migrations write as the owner of the tables; who is about to sign in is not yet anybody."""
    if actor == "migration":
        return login == "tilmfg_owner"
    if actor == "(not signed in)":
        return chain.startswith("facility:")
    return actor in people and people[actor] <= moment


def sortable(at):
    """Times are written without trailing zeros; UTC all of them."""
    whole, _, fraction = at[: -len("+00:00")].partition(".")
    return f"{whole}.{fraction:0<6}"


def follows(new, old):
    """Fields that only one of them has came or went with a new version of the software."""
    return new is None or old is None or all(new[field] == old[field] for field in new.keys() & old.keys())


def anchored_heads(folder, chain, keys):
    """What anchors say about a chain: {number: hash}, and how many anchors there are."""
    heads, previous = {}, ""
    files = sorted(Path(folder).glob("*/*.anchor"))
    require(files, f"there are no anchors in {folder}")
    for file in files:
        line, signature = file.read_text(encoding="utf-8").splitlines()
        good = any(is_signed(key, line.encode(), bytes.fromhex(signature)) for key in keys)
        require(good, f"{file.name}: it is signed with none of these keys")
        anchor = json.loads(line)
        require(
            anchor["previous"] == previous, f"{file.name}: the anchor before it is missing or another one"
        )
        previous = hashlib.sha256(line.encode()).hexdigest()
        heads.update({seq: digest for name, seq, digest in anchor["heads"] if name == chain})
    require(heads, f"none of the {len(files)} anchors names {chain}: nothing confirms it")
    return heads, len(files)


# --- Ed25519 as RFC 8032 §5.1 describes it; slow and plain, and secrets never come near it

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    require((x * x - square) % P == 0, "a key or signature is no point of the curve")
    return P - x if x % 2 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y = number & (2**255 - 1)
    x = x_of(y, number >> 255)
    return x, y, 1, x * y % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, p):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, p)
        p, scalar = add(p, p), scalar >> 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point(BASE_Y.to_bytes(32, "little"))


def is_signed(key, message, signature):
    """Whether this is the key's signature of the message."""
    try:
        public, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except Broken:
        return False
    if s >= ORDER or len(signature) != 64:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(r, multiply(challenge, public))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def verified(file, given, people=None):
    """What the export says, and how far anchors confirm it."""
    with file.open(encoding="utf-8") as lines:
        chain = json.loads(next(lines))["chain"]
        heads, anchors = anchored_heads(given.anchors, chain, given.key) if given.anchors else ({}, 0)
        lines.seek(0)
        return verify(iter(lines.readline, ""), heads, people), heads, anchors


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("export", type=Path)
    words.add_argument("--anchors", type=Path, help="the folder of the anchors")
    words.add_argument("--accounts", type=Path, help="the export of the chain facility:accounts")
    words.add_argument("--key", action="append", default=[], type=base64.b64decode, help="public key, base64")
    given = words.parse_args()
    if given.anchors and not given.key:
        words.error("--anchors needs the public key that they are signed with: --key")
    try:
        people = None
        if given.accounts:
            (chain, *_, people), *_ = verified(given.accounts, given)
            require(chain == "facility:accounts", f"{given.accounts} is the export of {chain}")
        (chain, events, last, _), heads, anchors = verified(given.export, given, people)
    except (Broken, ValueError, KeyError, TypeError, StopIteration) as problem:
        sys.exit(f"BROKEN: {problem}")
    confirmed = (
        f"{len(heads)} of its events confirmed by {anchors} anchors"
        if anchors
        else "not compared with anchors"
    )
    known = "" if people is None else ", by people who were registered"
    print(f"{chain}: {events} events intact, last hash {last}, {confirmed}{known}")


if __name__ == "__main__":
    main()
