"""The river flows one way."""

import subprocess
import sys
from pathlib import Path


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
