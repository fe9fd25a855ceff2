"""A label that was read back, and a certificate, beside an empty page of Typst in the same PDF standard."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import typst

from tests.documents.samples import CERTIFICATE, LABEL
from tilmfg.documents import certificate_of_analysis, print_label
from tilmfg.documents.render import STANDARDS
from tilmfg.documents.text import FONTS

from .timing import Timing, in_turns

TURNS = 20
NOTHING = '#set document(title: "Nothing", date: datetime(year: 2026, month: 1, day: 1))\n'


def measure_label() -> Timing:
    return _beside_nothing(lambda: print_label(LABEL))


def measure_certificate() -> Timing:
    return _beside_nothing(lambda: certificate_of_analysis(CERTIFICATE))


def _beside_nothing(document: Callable[[], object]) -> Timing:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "nothing.typ"
        source.write_text(NOTHING)

        def nothing() -> None:
            compiler = typst.Compiler(source, root=folder, font_paths=fonts, ignore_system_fonts=True)
            compiler.compile(format="pdf", pdf_standards=STANDARDS)  # type: ignore[arg-type]

        return in_turns(document, floor=nothing, turns=TURNS)
