"""Every task the kernel can do, by name; one module for each family of tasks."""

from assays.kernel.reference.registry import Task
from assays.kernel.reference.tasks import rounding

MODULES = (rounding,)

ALL: dict[str, Task] = {task.name: task for module in MODULES for task in module.TASKS}
