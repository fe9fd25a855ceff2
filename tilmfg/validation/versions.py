"""What exactly was tested: commit, migrations, packages, and the rules that decide."""

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

# What decides about a lot: rules, gates and the numerics under them.
DECIDES = (
    "tilmfg/release/rules.py", "tilmfg/release/gates.py", "tilmfg/release/guards.py", "tilmfg/release/catalogue.py",
    "tilmfg/batches/rules", "assays/rules", "assays/kernel",
)  # fmt: skip


@cache
def running() -> dict[str, object]:
    """As it is when first asked: files that are changed later run nowhere yet."""
    return {"commit": commit(), "migrations": migration_heads(), "rules": rules_digest()}


def commit() -> str:
    """What the image was built from; else the commit, and whether something was changed after it, if there is a
    repository."""
    if settings.TILMFG_COMMIT:
        return settings.TILMFG_COMMIT
    found = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{found}, with changes that are not committed" if found and changed else found


def committed_at() -> datetime | None:
    moment = _git("log", "-1", "--format=%cI")
    return datetime.fromisoformat(moment) if moment else None


def migration_heads() -> dict[str, str]:
    """The last migration of each room."""
    return dict(sorted(MigrationLoader(None).graph.leaf_nodes()))


def packages() -> dict[str, str]:
    found = {distribution.metadata["Name"]: distribution.version for distribution in distributions()}
    return dict(sorted(found.items(), key=lambda package: package[0].lower()))


def python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"


def rules_digest() -> str:
    """SHA-256 over the sources that decide, each with its name."""
    return digest_of(path for place in DECIDES for path in _sources(settings.BASE_DIR / place))


def digest_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=settings.BASE_DIR, capture_output=True, text=True)  # noqa: S603, S607
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
