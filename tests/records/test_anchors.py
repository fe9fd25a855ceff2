"""Every ten minutes the heads of all chains are signed and laid down where the database is not."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tilmfg.records import anchors
from tilmfg.records.anchor_files import (
    MerkleTree,
    anchor_files,
    new_private_key,
    parse,
    period_of,
    public_key_of,
    public_keys,
    read,
)
from tilmfg.records.anchors import UnableToAnchor, write_anchor


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    settings.TILMFG_ANCHOR_KEY = new_private_key()
    return tmp_path


def later(monkeypatch, *, periods):
    """The database's clock cannot be moved; what an anchor calls its period can."""
    monkeypatch.setattr(anchors, "period_of", lambda now: period_of(now) + timedelta(minutes=10 * periods))


def anchored(file):
    return parse(read(file)[0])


@pytest.mark.django_db
def test_it_signs_the_head_of_every_chain(settings):
    order = factories.make_order()
    line, signature = read(write_anchor())
    [key] = public_keys(public_key_of(settings.TILMFG_ANCHOR_KEY))
    key.verify(signature, line.encode())  # raises if it is not
    heads = {chain: (seq, digest) for chain, seq, digest in parse(line).heads}
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, max(seq) FROM audit.event GROUP BY chain")
        assert {chain: seq for chain, (seq, _) in heads.items()} == dict(cursor.fetchall())
    assert order.chain in heads


@pytest.mark.django_db
def test_a_later_one_names_what_changed_and_the_one_before(monkeypatch):
    factories.make_order()
    first = write_anchor()
    changed = factories.make_order()
    later(monkeypatch, periods=1)
    second = anchored(write_anchor())
    assert anchored(first).is_complete
    assert not second.is_complete
    assert changed.chain in {chain for chain, *_ in second.heads}
    assert "facility:facility" not in {chain for chain, *_ in second.heads}
    assert second.previous == anchors.digest(read(first)[0])
    assert second.chains == anchored(first).chains + 1


@pytest.mark.django_db
def test_the_first_of_a_day_is_complete_again(monkeypatch):
    factories.make_order()
    first = write_anchor()
    later(monkeypatch, periods=144)
    tomorrow = anchored(write_anchor())
    assert tomorrow.is_complete
    assert tomorrow.root == anchored(first).root


@pytest.mark.django_db(transaction=True)
def test_two_beats_write_one_anchor_in_a_period(folder):
    """REL-14"""
    factories.make_order()

    def beat(_):
        try:
            return write_anchor()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as beats:
        written = [file for file in beats.map(beat, range(8)) if file]
    # A run that crosses into the next ten minutes writes that one too.
    assert sorted(written) == anchor_files(folder)
    assert len(written) <= 2
    assert len({file.name for file in written}) == len(written)


@pytest.mark.django_db
def test_an_anchor_is_never_written_over(folder):
    factories.make_order()
    file = write_anchor()
    before = file.read_bytes()
    factories.make_order()
    write_anchor()
    assert file.read_bytes() == before
    assert file.stat().st_mode & 0o222 == 0
    assert not list(folder.glob("*/.*"))


@pytest.mark.django_db
def test_it_says_that_there_is_no_key(settings):
    settings.TILMFG_ANCHOR_KEY = ""
    with pytest.raises(UnableToAnchor, match="TILMFG_ANCHOR_KEY"):
        write_anchor()


@pytest.mark.parametrize("key", ["short", base64.b64encode(b"31 bytes are one too few.......").decode()])
def test_it_refuses_what_is_no_key(key):
    with pytest.raises(ValueError, match="32 bytes in base64"):
        public_key_of(key)


def test_the_beat_calls_it_every_ten_minutes(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["anchor"]
    assert (entry["task"], entry["schedule"].minute) == ("records.anchor", set(range(0, 60, 10)))


def test_periods_are_ten_minutes_of_the_clock():
    assert period_of(datetime(2026, 11, 23, 18, 49, 59, tzinfo=UTC)) == datetime(
        2026, 11, 23, 18, 40, tzinfo=UTC
    )


heads = st.lists(st.tuples(st.sampled_from("abcdefghijk"), st.integers(1, 9), st.just("00")), max_size=40)


@given(heads)
def test_a_root_depends_on_the_last_word_of_each_chain_only(heads):
    at_once = {}
    for head in heads:
        at_once[head[0]] = head  # a dict keeps the order in which chains first came
    assert MerkleTree(heads).root == MerkleTree(at_once.values()).root


def test_a_root_is_that_of_the_standard_tree():
    """The three-leaf tree of RFC 9162 §2.1.1, by hand."""
    from hashlib import sha256

    from tilmfg.records.canonical import canonical_json

    three = [("a", 1, "00"), ("b", 1, "00"), ("c", 1, "00")]
    a, b, c = (sha256(b"\0" + canonical_json(head).encode()).digest() for head in three)
    ab = sha256(b"\1" + a + b).digest()
    assert MerkleTree(three).root == sha256(b"\1" + ab + c).hexdigest()
    assert json.loads(canonical_json(three[0])) == ["a", 1, "00"]
