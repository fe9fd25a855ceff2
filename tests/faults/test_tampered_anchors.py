"""What neither chains nor rows can show contradicts the anchors. AUD-3"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.attacks import GUARDED, REHASH, UNGUARDED, last_of, place
from tilmfg.records.anchor_files import (
    new_private_key,
    parse,
    path_of,
    period_of,
    private_key,
    public_key_of,
    read,
    signed,
    write_once,
)
from tilmfg.records.anchors import anchor_of

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all


def rewound(last):
    """The last event is gone and the row is what it was before: chain and rows agree again."""
    return (
        "DELETE FROM audit.event WHERE chain = %(chain)s AND seq >= %(last)s",
        UNGUARDED,
        "UPDATE identity_container SET state = 'in_use' WHERE id = %(row)s",
        GUARDED,
    )


def test_a_tail_cut_off_with_its_rows_rewound_contradicts_the_anchor(after, admin, facility, where):
    last = last_of(admin, facility)
    found = after(*rewound(last), **where, last=last)
    assert [place(b)[:3] for b in found.breaks] == [("anchors", facility.order.chain, last)]
    assert "is gone" in found.first.message


def test_everything_rewritten_with_fresh_hashes_contradicts_the_anchor(after, facility, where):
    found = after(
        "UPDATE audit.event SET actor = 'eve', content = replace(content, '\"tests\"', '\"eve\"') "
        "WHERE actor = 'tests' AND content NOT LIKE '%%cast%%'",
        REHASH,
    )
    assert {b.check for b in found.breaks} == {"anchors"}
    assert facility.order.chain in {b.chain for b in found.breaks}


def test_without_anchors_that_would_not_be_seen(after, settings, tmp_path):
    """Why there are anchors; if this ever fails, the chains prove more than we claim."""
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    found = after(
        "UPDATE audit.event SET actor = 'eve', content = replace(content, '\"tests\"', '\"eve\"') "
        "WHERE actor = 'tests' AND content NOT LIKE '%%cast%%'",
        REHASH,
    )
    assert found.breaks == []


def test_a_facility_without_a_single_anchor_is_named(after, settings, tmp_path):
    """Whoever takes them all away, or looks in another folder. On the first day there may be none yet."""
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    old = "UPDATE audit.event SET at = at - interval '2 days' WHERE chain = 'facility:facility' AND seq = 1"
    [found] = [b for b in after(old).breaks if b.check == "anchors"]
    assert f"there is none in {tmp_path}" in found.message


def test_a_silence_between_anchors_is_noted(after, anchor, settings):
    """Those of an afternoon, taken away with what happened in it."""
    folder, now = anchor.parent.parent, datetime.now(UTC) + timedelta(hours=3)
    heads = parse(read(anchor)[0]).heads
    later = signed(anchor_of(heads, now=now, folder=folder), private_key(settings.TILMFG_ANCHOR_KEY))
    write_once(path_of(folder, period_of(now)), later)
    found = after()
    assert found.breaks == []
    assert any("silent for more than an hour 1 times" in note for note in found.notes)


def test_time_that_runs_backwards_is_named(after, where):
    """ALC-7"""
    found = after(
        "UPDATE audit.event SET at = at - interval '1 year', "
        "content = regexp_replace(content, '\"20\\d\\d-', '\"' || extract(year from at) - 1 || '-') "
        "WHERE chain = %(chain)s AND seq = 3",
        REHASH,
        **where,
    )
    assert "it is older than its predecessor" in {b.message for b in found.breaks if b.seq == 3}


@pytest.fixture
def anchor(settings, facility, tmp_path):
    """The facility's anchor, in a folder that may be spoilt."""
    shutil.copytree(settings.TILMFG_ANCHOR_FOLDER, tmp_path, dirs_exist_ok=True)
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    [file] = Path(tmp_path).glob("*/*.anchor")
    file.chmod(0o644)
    return file


def test_an_altered_anchor_is_named(after, anchor):
    anchor.write_text(anchor.read_text().replace('"chains":', '"chains":1'))
    assert "signature is nobody's we trust" in after().first.message


def test_an_anchor_signed_with_a_key_of_the_attackers_is_named(after, anchor, settings):
    line, _ = read(anchor)
    anchor.write_text(f"{line}\n{private_key(new_private_key()).sign(line.encode()).hex()}\n")
    assert "signature is nobody's we trust" in after().first.message


def test_anchors_of_a_past_key_stay_trusted(after, settings):
    past, settings.TILMFG_ANCHOR_KEY = settings.TILMFG_ANCHOR_KEY, new_private_key()
    assert after().breaks != []
    settings.TILMFG_ANCHOR_PUBLIC_KEYS = public_key_of(past)
    assert after().breaks == []
