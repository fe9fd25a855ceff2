import subprocess
import sys


def test_importing_the_kernel_leaves_the_slow_parts_of_scipy_alone():
    """Every web and worker process imports the kernel; scipy.stats alone takes seconds."""
    slow = "scipy.stats", "scipy.optimize", "pandas", "django"
    code = f"import sys, assays.kernel.ifng; print([name for name in {slow} if name in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
