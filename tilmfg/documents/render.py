"""Typst documents. Content enters as one JSON text and is only ever read as data, never as markup."""

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst

from tilmfg.documents.text import FONTS, UnableToPrint, instant, legible, plain

TEMPLATES = Path(__file__).parent / "templates"

# Tagged archive PDF whose text a machine can extract, and accessible to a screen reader.
STANDARDS = ["a-2a", "ua-1"]


def digest(content: Any) -> str:
    """SHA-256 over the canonical JSON of a content: equal contents, equal digests."""
    canonical = json.dumps(plain(content), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def pdf(template: str, content: Any, *, generated_at: datetime, **derived: Any) -> bytes:
    """A PDF/A of a template in `templates/`; the same arguments always give the same bytes.

    `derived` is what the template shows but the content already implies; the digest does not cover it.
    """
    [document] = _compile(template, content, generated_at, derived, format="pdf", pdf_standards=STANDARDS)
    return document


def pictures(
    template: str, content: Any, *, generated_at: datetime, ppi: float, **derived: Any
) -> list[bytes]:
    """The pages of the same document as PNG."""
    return _compile(template, content, generated_at, derived, format="png", ppi=ppi)


def _compile(
    template: str, content: Any, generated_at: datetime, derived: dict[str, Any], **output: Any
) -> list[bytes]:
    source = TEMPLATES / f"{template}.typ"
    if not source.is_file():
        raise UnableToPrint(f"There is no template “{template}”.")
    read = {
        **plain(content),
        **plain(derived),
        "digest": digest(content),
        "generated_at": instant(generated_at),
    }
    compiler = typst.Compiler(source, root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        compiled = compiler.compile(
            sys_inputs={"content": json.dumps(legible(read))},
            timestamp=generated_at.replace(microsecond=0),
            **output,
        )
    except typst.TypstError as failure:
        raise UnableToPrint(f"The template “{template}” failed: {failure.message}") from failure
    return compiled if isinstance(compiled, list) else [cast(bytes, compiled)]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
