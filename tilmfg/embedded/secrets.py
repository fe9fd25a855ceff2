"""Secrets of an embedded facility: made once, kept beside its data, readable by its user only."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .accounts import make_folder


def secret(file: Path, *, make: Callable[[], str]) -> str:
    """The secret in this file; made and written whole if there is none yet, whoever comes first."""
    with suppress(FileNotFoundError):
        return file.read_text()
    make_folder(file.parent, owner=os.geteuid(), mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(make())
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text()
