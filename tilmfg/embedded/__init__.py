"""PostgreSQL 18 and Valkey 9 straight from their wheels, for a facility that has nothing but Python.

The rest of the house only asks where they are (`place`) and that they run (`Servers(...).running()`).
"""

from .folders import Place, is_chosen, place
from .problems import UnableToRun
from .secrets import secret
from .servers import Servers

__all__ = ["Place", "Servers", "UnableToRun", "is_chosen", "place", "secret"]
