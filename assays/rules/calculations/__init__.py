"""The calculations that methods may name: one small module each, on the kernel."""

from .calculation import Calculation, Counted, Material, Shape
from .cell_count import CELL_COUNT
from .copy_number import COPY_NUMBER
from .cytotoxicity import CYTOTOXICITY_BY_SIGNAL
from .endotoxin import ENDOTOXIN_KINETIC
from .expression import EXPRESSION
from .flow import FLOW_NET, FLOW_PERCENT
from .mycoplasma import MYCOPLASMA_PCR
from .net_cytokine import NET_CYTOKINE
from .net_cytokines import NET_CYTOKINES
from .outcome import Outcome, UnableToCompute, nothing_computed
from .relative_potency import RELATIVE
from .settings import Kind, Setting, read_settings, setting, settings_of

_ALL = (
    NET_CYTOKINE,
    NET_CYTOKINES,
    CELL_COUNT,
    CYTOTOXICITY_BY_SIGNAL,
    ENDOTOXIN_KINETIC,
    FLOW_PERCENT,
    FLOW_NET,
    MYCOPLASMA_PCR,
    COPY_NUMBER,
    EXPRESSION,
    RELATIVE,
)
CALCULATIONS = {calculation.code: calculation for calculation in _ALL}

__all__ = [
    "CALCULATIONS",
    "Calculation",
    "Counted",
    "Kind",
    "Material",
    "Outcome",
    "Setting",
    "Shape",
    "UnableToCompute",
    "nothing_computed",
    "read_settings",
    "setting",
    "settings_of",
]
