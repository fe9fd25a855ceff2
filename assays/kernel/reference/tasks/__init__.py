"""Every task the kernel can do, by name; one module for each family of tasks."""

from assays.kernel.reference.registry import Task
from assays.kernel.reference.tasks import (
    cells,
    combination,
    control_charts,
    curves,
    inverse,
    plates,
    potency,
    proportions,
    qpcr,
    quantal,
    rounding,
    tolerance,
    validation,
)

MODULES = (
    curves,
    plates,
    inverse,
    potency,
    quantal,
    combination,
    proportions,
    tolerance,
    control_charts,
    rounding,
    validation,
    cells,
    qpcr,
)

ALL: dict[str, Task] = {task.name: task for module in MODULES for task in module.TASKS}
