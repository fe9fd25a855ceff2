"""The figures are kept where they are read: each benchmark writes its own part of results.md and of the README."""

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT_IN = (HERE / "results.md", HERE.parent / "README.md")


def measured_by(command: str) -> str:
    return (
        f"`{command}`, {datetime.now(UTC).date()}, {platform.machine()} with {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}."
    )


def keep(part: str, lines: Iterable[str]) -> None:
    """Print the part and put it between its two marks."""
    text = "\n".join(lines).strip()
    print(text)
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    for file in KEPT_IN:
        before = file.read_text()
        after, count = re.subn(
            f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", before, flags=re.DOTALL
        )
        if count != 1:
            raise SystemExit(f"{file} has no place for {part}: it needs the lines {begin} and {end}, once.")
        file.write_text(after)
