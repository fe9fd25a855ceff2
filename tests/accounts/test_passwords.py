"""What may be a password: P11-19, SEC-05."""

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tilmfg import settings as in_production
from tilmfg.accounts.models import User

OLGA = User(username="olga", printed_name="Olga Aleksandrovna Petrova")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "всё течёт, всё меняется",
        "lower case letters alone",
        "k3-wd-vq " * 7,
    ],
)
def test_length_is_enough_and_no_kind_of_character_is_asked_for(password):
    validate_password(password, OLGA)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", "too short"),
        ("x" * 257, "At most 256"),
        ("demonstration only", "everybody here would try first"),
        ("Password-2026-TIL-Facility!", "everybody here would try first"),
        ("20261123 20261123", "everybody here would try first"),
        ("1q2w3e4r5t6y7u8i9o0p", "too common"),
        ("abcabcabcabcabcabc", "repeats the same few"),
        ("Olga Aleksandrovna Petrov", "too similar"),
    ],
)
def test_what_is_short_or_easily_guessed_is_refused(password, why):
    with pytest.raises(ValidationError, match=why):
        validate_password(password, OLGA)


def test_it_is_kept_as_argon2id_and_never_otherwise(settings):
    settings.PASSWORD_HASHERS = in_production.PASSWORD_HASHERS  # the tests have a quicker one
    kept = make_password("correct horse battery staple")
    assert kept.startswith("argon2$argon2id$")
    assert check_password("correct horse battery staple", kept)
    assert len(in_production.PASSWORD_HASHERS) == 1
