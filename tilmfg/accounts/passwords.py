"""What may be a password: long, and not what everybody would guess here. No composition rules, no ageing."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

LONGEST = 256  # more is no better, and hashing it costs

# Words that a guesser would begin with in this house; beside nothing but digits and signs they are no secret.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        admin administrator analyst assay batch bedside biologics cell celltherapy changeme default demonstration
        facility gmp hospital identity infusion lab laboratory letmein lot lymphocyte manufacturing melanoma only
        operator password patient pharma potency qa quality qualified record records release secret site system
        technician therapy til tilmfg treatment tumor tumour user welcome
        """,
    )
)


class NoFacilityWords:
    """Refuses passwords that are made of the facility's own words, its name, or one thing over and over."""

    def validate(self, password, user=None):
        words = re.findall(r"[^\W\d_]+", password.casefold())
        named = re.findall(r"[^\W\d_]+", settings.TILMFG_MANUFACTURER.casefold())
        if all(word in WORDS or word in named for word in words):
            raise ValidationError("This password is made of words that everybody here would try first.")
        if len(set(password.casefold())) < 6:
            raise ValidationError("This password repeats the same few characters.")

    def get_help_text(self):
        return "Not only words of this facility, such as its name."


class NotTooLong:
    def validate(self, password, user=None):
        if len(password) > LONGEST:
            raise ValidationError(f"At most {LONGEST} characters; this has {len(password)}.")

    def get_help_text(self):
        return f"At most {LONGEST} characters."
