"""An exported chain is checked by a program that needs nothing of ours and nothing to be installed."""

import json
import re
import runpy
import subprocess
import sys
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as project
from django.core.management import CommandError, call_command

from tests import factories
from tilmfg.records.anchor_files import new_private_key, public_key_of
from tilmfg.records.anchors import write_anchor

pytestmark = pytest.mark.xdist_group("export")  # one export for all
VERIFIER = project.BASE_DIR / "docs/records/verify_export.py"


def check(file, *words):
    """-I and -S: no site packages, no environment, no folder of ours."""
    command = [sys.executable, "-I", "-S", VERIFIER, file, *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, slot, tmp_path_factory):
    """An export, its anchors and their public key."""
    from django.db import connection

    folder, key = tmp_path_factory.mktemp("anchors"), new_private_key()
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        patch.setattr(project, "TILMFG_ANCHOR_FOLDER", str(folder))
        patch.setattr(project, "TILMFG_ANCHOR_KEY", key)
        factories.make_writer()
        order = factories.make_order()
        with factories.writing():
            order.containers.update(state="in_use")
        write_anchor()
        out, accounts = StringIO(), StringIO()
        call_command("export_chain", order.chain, stdout=out)
        call_command("export_chain", "facility:accounts", stdout=accounts)
        connection.close()
        slot.renew()
    patch.undo()
    return (out.getvalue(), accounts.getvalue()), folder, public_key_of(key)


@pytest.fixture
def export(made, tmp_path):
    file = tmp_path / "chain.jsonl"
    file.write_text(made[0][0])
    return file


@pytest.fixture
def accounts(made, tmp_path):
    file = tmp_path / "accounts.jsonl"
    file.write_text(made[0][1])
    return file


def edited(export, change):
    """The export with its lines changed as an attacker would; hashes computed anew if they do that too."""
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    change(lines)
    export.write_text("".join(json.dumps(line) + "\n" for line in lines))


def with_fresh_hashes(lines):
    from hashlib import sha256

    previous = b""
    for line in lines[1:]:
        previous = sha256(previous + line["content"].encode()).digest()
        line["hash"] = previous.hex()


def alter(lines):
    lines[2]["content"] = lines[2]["content"].replace("TB1", "TB2")


def test_an_export_is_intact(export):
    done = check(export)
    assert done.returncode == 0, done.stderr
    assert "3 events intact" in done.stdout
    assert "not compared with anchors" in done.stdout


def test_anchors_confirm_it(export, made):
    _, folder, key = made
    done = check(export, "--anchors", folder, "--key", key)
    assert done.returncode == 0, done.stderr
    assert "1 of its events confirmed by 1 anchors" in done.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (alter, "event 2: its hash"),
        (lambda lines: lines.pop(2), "event 2: its hash"),
        (lambda lines: lines.pop(), "2 events are here, 3 were announced"),
        (lambda lines: lines[0].update(format="other"), "line 1: this is no export of a chain"),
        (
            lambda lines: (alter(lines), with_fresh_hashes(lines)),
            "event 3: identity_container .* was changed without",
        ),
        (lambda lines: (lines.pop(2), with_fresh_hashes(lines)), "event 2: its text says .* number 3"),
    ],
    ids=["altered", "removed", "cut off", "no export", "altered and hashed anew", "removed and hashed anew"],
)
def test_it_names_what_was_done(export, change, words):
    edited(export, change)
    done = check(export)
    assert done.returncode == 1
    assert re.search(f"BROKEN: {words}", done.stderr), done.stderr


def forge(lines, name="mallory"):
    for line in lines[1:]:
        line["content"] = line["content"].replace('"tests"', f'"{name}"')
    with_fresh_hashes(lines)


def test_who_acts_was_registered(export, accounts):
    done = check(export, "--accounts", accounts)
    assert done.returncode == 0, done.stderr
    assert "by people who were registered" in done.stdout
    assert check(accounts, "--accounts", accounts).returncode == 0
    assert "is the export of order:" in check(export, "--accounts", export).stderr


@pytest.mark.parametrize("name", ["mallory", "migration", "(not signed in)"])
def test_it_names_an_actor_whom_nobody_registered(export, accounts, name):
    edited(export, lambda lines: forge(lines, name))
    assert f"event 1: {name} was not registered" in check(export, "--accounts", accounts).stderr


def test_only_the_anchor_tells_a_whole_chain_computed_anew(export, made):
    edited(export, forge)
    assert check(export).returncode == 0
    _, folder, key = made
    assert "another hash was anchored here" in check(export, "--anchors", folder, "--key", key).stderr


def test_an_anchor_of_somebody_else_counts_nothing(export, made):
    _, folder, _ = made
    done = check(export, "--anchors", folder, "--key", public_key_of(new_private_key()))
    assert "signed with none of these keys" in done.stderr


def test_a_chain_that_no_anchor_names_is_confirmed_by_nothing(export, made):
    export.write_text(export.read_text().replace("order:", "order:9"))
    edited(export, with_fresh_hashes)
    assert check(export).returncode == 0
    _, folder, key = made
    done = check(export, "--anchors", folder, "--key", key)
    assert done.returncode == 1
    assert "none of the 1 anchors names order:9" in done.stderr


def test_it_asks_for_the_key(export, made):
    assert "--key" in check(export, "--anchors", made[1]).stderr


@pytest.mark.django_db(transaction=True)
def test_it_refuses_a_chain_that_does_not_exist():
    with pytest.raises(CommandError, match="no chain 'order:999'"):
        call_command("export_chain", "order:999")


def test_its_ed25519_agrees_with_the_library():
    is_signed = runpy.run_path(str(VERIFIER))["is_signed"]
    for number in range(5):
        key, message = Ed25519PrivateKey.generate(), f"message {number}".encode()
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        assert is_signed(public, message, signature)
        assert not is_signed(public, message + b".", signature)
        assert not is_signed(public, message, signature[:32] + bytes(32))
        assert not is_signed(bytes(32), message, signature)


def test_its_ed25519_knows_the_standards_own_example():
    """RFC 8032 §7.1, test 2."""
    is_signed = runpy.run_path(str(VERIFIER))["is_signed"]
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert is_signed(key, bytes.fromhex("72"), signature)
