"""Under whose name the servers run, and the folders they may enter.

PostgreSQL refuses to run as root. For root the servers get an account of their own; an ordinary
user runs them as themselves. Only folders made here ever get an owner or a mode.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .problems import UnableToRun

ACCOUNT = "tilmfg"
IS_ROOT = os.geteuid() == 0


def service_account() -> pwd.struct_passwd:
    if not IS_ROOT:
        return pwd.getpwuid(os.getuid())
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    if not shutil.which("useradd"):
        raise UnableToRun(
            f"As root the servers run under the account {ACCOUNT}, which does not exist, and there is "
            f"no useradd to create it. Create the account, or start as an ordinary user."
        )
    words = ["useradd", "--system", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"]
    made = subprocess.run([*words, ACCOUNT], capture_output=True, text=True)  # noqa: S603 (fixed words)
    try:  # whoever came first made it
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise UnableToRun(f"The account {ACCOUNT} cannot be created: {made.stderr.strip()}") from None


def can_enter(folder: Path) -> bool:
    """Whether an account without any rights of its own gets as far as this folder."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def make_folder(folder: Path, *, owner: int, mode: int) -> None:
    """Made with this owner and mode, or found with this owner and closed to other writers."""
    try:
        folder.mkdir(mode, parents=True)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != owner:
            raise UnableToRun(
                f"{folder} belongs to {_name(found.st_uid)}, not to {_name(owner)}. Start as the user who "
                f"made it, or choose another data folder with TILMFG_VAR."
            ) from None
        if not folder.is_dir() or folder.is_symlink() or found.st_mode & 0o022:
            raise UnableToRun(f"{folder} must be a folder that only {_name(owner)} can write to.") from None
    except PermissionError:
        raise UnableToRun(
            f"{_name(os.geteuid())} may not create {folder}. Choose another data folder with TILMFG_VAR."
        ) from None
    else:
        folder.chmod(mode)  # mkdir is subject to the umask
        os.chown(folder, owner, -1)


def run_as_service(run: Callable[..., Any], words: Sequence[object], **options: Any) -> Any:
    """Drop privileges, enter a folder the account may enter, leave our PG* and LC_* variables behind."""
    drop = {}
    if IS_ROOT:
        account = service_account()
        drop = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return run(
        [str(word) for word in words],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **drop,
        **options,
    )


def _name(uid: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"uid {uid}"
