"""python -m tilmfg.embedded: what script/server runs once everything is installed."""

import os
import sys

from .problems import UnableToRun
from .supervisor import Supervisor

try:
    Supervisor(os.environ).run()
except UnableToRun as problem:
    sys.exit(f"tilmfg: {problem}")
