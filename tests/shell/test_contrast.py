"""Text stays readable on its ground: WCAG 2.2 AA asks for 4.5 : 1, marks and edges for 3 : 1."""

import re

import pytest
from django.conf import settings

STYLES = settings.BASE_DIR / "tilmfg/static/tilmfg"
TOKENS = (STYLES / "tokens.css").read_text()
PICTURES = (STYLES / "pictures.css").read_text()
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", TOKENS.partition(".tone-")[0]))
TONES = {
    name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
    for name, body in re.findall(r"\.tone-(\w+)\s*\{([^}]*)\}", TOKENS)
}
SHADES = dict(re.findall(r"\.shade-(\d) \{ fill: (#[0-9a-f]{6}); \}", PICTURES))
WHITE_TEXT_FROM = 4


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted([_luminance(one), _luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_it_knows_what_contrast_is():
    assert _contrast("#000", "#fff") == pytest.approx(21)


@pytest.mark.parametrize("tone", TONES)
def test_it_keeps_the_words_of_a_tone_readable(tone):
    colours = TONES[tone]
    assert _contrast(colours["tone"], colours["tone-soft"]) >= 4.5
    assert _contrast(colours["tone"], COLOURS["surface"]) >= 4.5
    assert _contrast(colours["tone-strong"], COLOURS["surface"]) >= 3


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "ground"),
        ("ink-quiet", "ground"),
        ("ink-quiet", "surface"),
        ("night-quiet", "night"),
        ("brand-dark", "brand-soft"),
    ],
)
def test_it_keeps_the_frame_readable(text, ground):
    assert _contrast(COLOURS[text], COLOURS[ground]) >= 4.5


def test_it_keeps_the_edges_of_inputs_visible():
    assert _contrast(COLOURS["line-strong"], COLOURS["surface"]) >= 3


@pytest.mark.parametrize("shade", SHADES)
def test_it_keeps_the_value_in_a_well_readable(shade):
    text = "#ffffff" if int(shade) >= WHITE_TEXT_FROM else COLOURS["ink"]
    assert _contrast(text, SHADES[shade]) >= 4.5


def test_it_found_all_shades_and_tones():
    assert len(SHADES) == 7
    assert len(TONES) == 9
