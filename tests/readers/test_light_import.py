import subprocess
import sys


def test_importing_the_readers_loads_nothing_heavy():
    heavy = "allotropy", "pandas", "numpy", "scipy", "django"
    code = f"import sys, assays.readers; print([name for name in {heavy} if name in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
