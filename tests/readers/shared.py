"""Where the instrument files are: our own, and real exports that may lie beside the project."""

from pathlib import Path

import pytest

OWN = Path(__file__).parents[1] / "data"
REAL = Path(__file__).parents[3] / "shared" / "instruments"
TIMEZONE = "America/New_York"

needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason="no real instrument files beside the project")
