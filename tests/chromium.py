"""The Chromium of the browser tests: the system's, else Playwright's, else Debian's.

python -m tests.chromium installs one if there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str | None:
    named = (shutil.which(name) for name in SYSTEM_NAMES)
    return next((path for path in named if path), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> str | None:
    """Playwright's download needs nothing but the network; Debian's package needs root."""
    if _succeed([sys.executable, "-m", "playwright", "install", "chromium"]):
        return find()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
        if _succeed(["apt-get", "update", "-qq"]) and _succeed(packages):
            return find()
    return None


def _succeed(command: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True).returncode == 0


if __name__ == "__main__":
    path = find() or install()
    sys.exit(None if path else "There is no Chromium, and none could be installed.")
