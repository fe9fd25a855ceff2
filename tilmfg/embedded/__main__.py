"""python -m tilmfg.embedded: what script/server runs once everything is installed."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from .problems import UnableToRun
from .supervisor import Supervisor

try:
    Supervisor(os.environ).run()
except (UnableToRun, ImproperlyConfigured) as problem:
    sys.exit(f"tilmfg: {problem}")
