"""A shared machine can be slow for a moment: property tests are judged by what they find, not by how fast."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
